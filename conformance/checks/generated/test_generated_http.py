"""Generated HTTP: chunks, split writes, letter case and parameters of headers change nothing of what is understood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle

from hypothesis import strategies as st

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, with_header
from conformance.generated.blame import Plainly, blamed
from conformance.generated.meaning import Draft, meaning, understood
from conformance.generated.search import search
from conformance.generated.strategies import in_case, letter_cases
from conformance.http.exchange import Finding, Request
from conformance.http.raw import converse, serialise

# Long enough for two writes to leave as two packets, short enough for a hundred of them.
_PAUSE_S = 0.002


def _chunks(body: bytes, sizes: tuple[int, ...]) -> Iterator[bytes]:
    start = 0
    for number, size in enumerate(cycle(sizes)):
        if start >= len(body):
            break
        piece = body[start : start + size]
        start += size
        yield (b"%X" if number % 2 else b"%x") % len(piece) + b"\r\n" + piece + b"\r\n"
    yield b"0\r\n\r\n"


@each("route, form", OPERATIONS_AND_ENCODINGS, "generated.{route}.chunked")
def test_a_body_in_chunks_of_any_size_is_understood(case: Case, route: str, form: str) -> None:
    def probe(case: Case, sizes: tuple[int, ...]) -> list[Finding]:
        meant = meaning(case, route, Draft())
        request = replace(meant.request(meant.body(form)), chunked=True)
        head, _ = serialise(request, case.gateway.endpoint)
        body = b"".join(_chunks(request.body, sizes))
        exchange = converse(case.gateway, request, pieces=[head, body]).exchange
        because = f"{route} ({form}): a body in chunks of {sizes} bytes"
        found = understood(meant, exchange, because=because, resendable=False)
        return blamed(case, found, Plainly(route, form, Draft()))

    sizes = st.lists(st.integers(1, 5) | st.integers(1, 400), min_size=1, max_size=4).map(tuple)
    search(case, sizes, probe, share=0.4)


@each("route, form", OPERATIONS_AND_ENCODINGS, "generated.{route}.split-writes")
def test_a_request_in_pieces_is_understood(case: Case, route: str, form: str) -> None:
    def probe(case: Case, places: tuple[int, ...]) -> list[Finding]:
        meant = meaning(case, route, Draft())
        request = meant.request(meant.body(form))
        data = b"".join(serialise(request, case.gateway.endpoint))
        cuts = sorted({place * len(data) // 10_000 for place in places})
        pieces = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        exchange = converse(case.gateway, request, pieces=pieces, pause_s=_PAUSE_S).exchange
        because = f"{route} ({form}): a request written in pieces, cut at {cuts}"
        found = understood(meant, exchange, because=because, resendable=False)
        return blamed(case, found, Plainly(route, form, Draft()))

    places = st.lists(st.integers(1, 9_999), min_size=1, max_size=6).map(tuple)
    search(case, places, probe, share=0.4)


@each("route, form", OPERATIONS_AND_ENCODINGS, "generated.{route}.header-case")
def test_the_letter_case_of_header_names_does_not_matter(case: Case, route: str, form: str) -> None:
    def probe(case: Case, pattern: tuple[bool, ...]) -> list[Finding]:
        meant = meaning(case, route, Draft())
        request = meant.request(meant.body(form))
        headers = tuple((in_case(name, pattern), value) for name, value in request.headers)
        exchange = case.send(replace(request, headers=headers))
        names = ", ".join(name for name, _ in headers)
        found = understood(meant, exchange, because=f"{route} ({form}): headers named {names}")
        return blamed(case, found, Plainly(route, form, Draft()))

    search(case, letter_cases(), probe, share=0.4)


@dataclass(frozen=True, slots=True)
class _Label:
    """How to write a Content-Type: letter case of its words, white space around `;`, parameters before the boundary."""

    case: tuple[bool, ...]
    separator: str
    parameters: tuple[str, ...]
    boundary_first: bool

    def write(self, content_type: str) -> str:
        media_type, _, boundary = content_type.partition("; boundary=")
        named = [f"{in_case('boundary', self.case)}={boundary}"] if boundary else []
        words = [*named, *self.parameters] if self.boundary_first else [*self.parameters, *named]
        return self.separator.join([in_case(media_type, self.case), *words])


def _labels(form: str) -> st.SearchStrategy[_Label]:
    charsets = ["charset=utf-8", "charset=UTF-8", 'charset="utf-8"', "Charset=Utf-8"]
    others = ["version=1", 'profile="a b"', "x-y=z"]
    parameters = st.lists(st.sampled_from(charsets if form == "json" else [*charsets, *others]), max_size=1)
    separators = st.sampled_from(["; ", ";", " ; ", ";  "])
    return st.builds(_Label, letter_cases(), separators, parameters.map(tuple), st.booleans())


@each("route, form", OPERATIONS_AND_ENCODINGS, "generated.{route}.media-type")
def test_spellings_of_the_media_type_do_not_matter(case: Case, route: str, form: str) -> None:
    def probe(case: Case, label: _Label) -> list[Finding]:
        meant = meaning(case, route, Draft())
        request: Request = meant.request(meant.body(form))
        spelled = label.write(request.header("content-type") or "")
        exchange = case.send(with_header(request, "Content-Type", spelled))
        found = understood(meant, exchange, because=f"{route} ({form}): Content-Type {spelled}")
        return blamed(case, found, Plainly(route, form, Draft()))

    search(case, _labels(form), probe, share=0.4)
