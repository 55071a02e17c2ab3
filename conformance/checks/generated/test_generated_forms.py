"""Generated multipart forms: however a form is laid out, the gateway understands the same request."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume
from hypothesis import strategies as st

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import TRANSCRIPT_OPERATIONS, TRANSCRIPTS_IN_JSON
from conformance.generated.blame import Plainly, blamed
from conformance.generated.forms import NAME_STYLES, Layout, Part, assemble, boundaries, is_unambiguous, look_alikes
from conformance.generated.meaning import Draft, Meaning, meaning, understood
from conformance.generated.search import search
from conformance.generated.strategies import contents, fields_of, file_names, orders
from conformance.http.exchange import Finding

_MOST_PARTS = 8


def _drafts(case: Case, route: str) -> st.SearchStrategy[Draft]:
    return st.builds(Draft, fields=fields_of(case.contract.operations[route], mocked=case.mock is not None))


def _sent(meant: Meaning, parts: list[Part], layout: Layout, draft: Draft, because: str) -> list[Finding]:
    exchange = meant.case.send(meant.request(assemble(parts, layout)))
    found = understood(meant, exchange, because=f"{meant.route}: {because}")
    real = blamed(meant.case, found, Plainly(meant.route, "multipart", draft))
    return [each if each.plainer else _by_its_boundary(meant, layout, each) for each in real]


def _by_its_boundary(meant: Meaning, layout: Layout, finding: Finding) -> Finding:
    """The finding, or that of a plain form with the same boundary, where that is not understood either."""
    name = f"generated.{meant.route}.boundaries"
    bare = Layout(boundary=layout.boundary, quoted=layout.quoted)
    plain = meaning(meant.case.example(), meant.route, Draft())
    if bare == Layout() or meant.case.requirement.id == name or not is_unambiguous(plain.parts, bare):
        return finding
    exchange = plain.case.send(plain.request(assemble(plain.parts, bare)))
    found = understood(plain, exchange, because=f"{meant.route}: a form with a legal boundary")
    first = next((each for each in found if each), None)
    return replace(plain.case.evidenced(first), plainer=(name,)) if first else finding


def _sent_whole(case: Case, route: str, form: str, draft: Draft, because: str) -> list[Finding]:
    meant = meaning(case, route, draft)
    exchange = case.send(meant.request(meant.body(form)))
    found = understood(meant, exchange, because=f"{route}: {because}")
    return blamed(case, found, Plainly(route, form, draft))


@each("route", TRANSCRIPT_OPERATIONS, "generated.{route}.field-order")
def test_the_order_of_fields_does_not_matter(case: Case, route: str) -> None:
    def probe(case: Case, drawn: tuple[Draft, tuple[int, ...]]) -> list[Finding]:
        draft, order = drawn
        meant = meaning(case, route, draft)
        ranked = sorted(zip(order, meant.parts, strict=False), key=lambda pair: pair[0])
        return _sent(meant, [part for _, part in ranked], Layout(), draft, "a form with its fields in another order")

    search(case, st.tuples(_drafts(case, route), orders(_MOST_PARTS)), probe, share=0.6)


@each("route", TRANSCRIPT_OPERATIONS, "generated.{route}.boundaries")
def test_every_legal_boundary_is_understood(case: Case, route: str) -> None:
    def probe(case: Case, layout: Layout) -> list[Finding]:
        meant = meaning(case, route, Draft())
        if not is_unambiguous(meant.parts, layout):
            return []
        return _sent(meant, meant.parts, layout, Draft(), "a form with a legal boundary")

    search(case, st.builds(Layout, boundary=boundaries(), quoted=st.booleans()), probe, share=0.6)


@st.composite
def _almost_delimited(draw: st.DrawFn, *, mocked: bool) -> tuple[Layout, Draft]:
    """A form whose text and file hold what is nearly its own delimiter. Odd text is for the mock only."""
    layout = Layout(boundary=draw(boundaries().filter(lambda boundary: len(boundary) > 2)))
    traps = st.lists(st.sampled_from(look_alikes(layout.boundary)), max_size=4).map(b"".join)
    content = b"".join(draw(st.tuples(traps, contents(40), traps)))
    text = draw(traps).decode() if mocked else ""
    draft = Draft(content=content, after=text)
    assume(is_unambiguous([("prompt", f"mark{text}")], layout))
    return layout, draft


@each("route", TRANSCRIPT_OPERATIONS, "generated.{route}.look-alikes")
def test_what_looks_like_the_boundary_inside_a_part_is_content(case: Case, route: str) -> None:
    def probe(case: Case, drawn: tuple[Layout, Draft]) -> list[Finding]:
        layout, draft = drawn
        meant = meaning(case, route, draft)
        if not is_unambiguous(meant.parts, layout):
            return []
        return _sent(meant, meant.parts, layout, draft, "a form whose parts hold what is almost its boundary")

    search(case, _almost_delimited(mocked=case.mock is not None), probe, share=0.6)


@each("route", TRANSCRIPT_OPERATIONS, "generated.{route}.preamble")
def test_text_around_the_parts_is_ignored(case: Case, route: str) -> None:
    lines = st.lists(
        st.sampled_from([b"", b"This is a form.", b"--", b"-", b"\r\n", b"\x80\xff", b"--other--"]), max_size=3
    )
    around = lines.map(b"\r\n".join)

    def probe(case: Case, layout: Layout) -> list[Finding]:
        meant = meaning(case, route, Draft())
        return _sent(meant, meant.parts, layout, Draft(), "a form with text before or after its parts")

    layouts = st.builds(Layout, preamble=around, epilogue=around).filter(lambda layout: is_unambiguous([], layout))
    search(case, layouts, probe, share=0.5)


@each("route", TRANSCRIPT_OPERATIONS, "generated.{route}.file-name")
def test_a_form_with_any_file_name_is_accepted(case: Case, route: str) -> None:
    tame = case.mock is None

    def probe(case: Case, drawn: tuple[str, str]) -> list[Finding]:
        name, style = drawn
        draft = Draft(file_name=name)
        meant = meaning(case, route, draft)
        because = f"a form with the file name {name[:60]!a} ({style})"
        return _sent(meant, meant.parts, Layout(name_style=style), draft, because)

    search(case, st.tuples(file_names(tame=tame), st.sampled_from(list(NAME_STYLES))), probe, share=0.6)


@each("route, form", TRANSCRIPTS_IN_JSON, "generated.{route}.file-name")
def test_a_json_body_with_any_file_name_is_accepted(case: Case, route: str, form: str) -> None:
    def probe(case: Case, name: str) -> list[Finding]:
        return _sent_whole(case, route, form, Draft(file_name=name), f"a JSON body with the fileName {name[:60]!a}")

    search(case, file_names(tame=case.mock is None), probe, share=0.6)


@each("route", TRANSCRIPT_OPERATIONS, "generated.{route}.upload")
def test_recordings_of_any_bytes_arrive_unchanged(case: Case, route: str) -> None:
    def probe(case: Case, drawn: tuple[bytes, str, Layout]) -> list[Finding]:
        content, form, layout = drawn
        draft = Draft(content=content)
        meant = meaning(case, route, draft)
        if form == "multipart":
            layout = layout if is_unambiguous(meant.parts, layout) else Layout()
            return _sent(meant, meant.parts, layout, draft, "a form with a recording of arbitrary bytes")
        return _sent_whole(case, route, form, draft, "a JSON body with a recording of arbitrary bytes")

    layouts = st.just(Layout()) | boundaries().map(lambda boundary: replace(Layout(), boundary=boundary))
    search(
        case,
        st.tuples(contents(), st.sampled_from(case.contract.operations[route].encodings), layouts),
        probe,
        share=0.6,
    )
