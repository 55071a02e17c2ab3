"""Gateways that know the clients of one family alone: how forms are written, what headers say, how connections are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.conditions import AS_FORM, AS_JSON, SERVED, When, asked, audio_of, header, on
from tests.mutants.edge import answers, requests
from tests.mutants.exchange import ABSENT, ROUTES, TRANSCRIPTS, Asked, error_answer
from tests.mutants.fault import Fault, Mutant
from tests.mutants.recipes import replies, upload, with_upload


def _written(pattern: bytes) -> When:
    """The form has this in it, as it was written."""
    found = re.compile(pattern)
    return AS_FORM & asked(lambda request: found.search(request.body))


def _boundary(test: Callable[[str], Any]) -> When:
    return AS_FORM & header("content-type", lambda value: test(value.partition("boundary=")[2]))


_NAME_UNQUOTED = _written(rb'form-data;[^\r]*\bname=[^"]')
_FILE_NAME_UNQUOTED = _written(rb'filename=[^"]')
_FILE_NAME_FIRST = _written(rb"form-data; filename=")
_TYPE_FIRST = _written(rb"(?m)^Content-Type: [^\r]*\r\nContent-Disposition")
_LOWER_CASE = _written(rb"(?m)^content-disposition")
_UPPER_CASE = _written(rb"NAME=")
_NO_BLANKS = _written(rb"form-data;name")
_MANY_BLANKS = _written(rb"form-data;  ")
_CHARSET = _written(rb"text/plain; ?charset")
_TYPED_TEXT = _written(rb"Content-Type: text/plain")
_LENGTHS = _written(rb"(?m)^Content-Length: ")
_OTHER_HEADERS = _written(rb"(?m)^(X-Part|Content-ID)")
_TRANSFER_ENCODING = _written(rb"(?m)^Content-Transfer-Encoding")
_CODECS_IN_FORM = _written(rb"(?mi)^Content-Type: (audio|video)/[^\r;]*;")
_CODECS_IN_JSON = AS_JSON & audio_of("contentType", lambda value: isinstance(value, str) and ";" in value)
_QUOTED_BOUNDARY = _boundary(lambda text: text.startswith('"'))
_NO_LAST_LINE_END = AS_FORM & asked(lambda request: request.body.endswith(b"--"))
_H2C = header("upgrade", lambda value: value == "h2c")


def _without_prompt(request: Asked) -> Asked:
    return request.with_fields(prompt=ABSENT)


def _spoilt_prompt(request: Asked) -> Asked:
    return request.with_fields(prompt=str(request.get("prompt")).encode().decode("latin-1"))


def _shortened(request: Asked) -> Asked:
    return with_upload(request, upload(request)[:-2])


def _typed_text_lost(request: Asked) -> Asked:
    return request.with_parts(each for each in request.parts if each.name == "file" or each.content_type is None)


def _nothing_new(_: Asked, answer: Any) -> Any:
    return answer.with_body(b"").with_status(304)


def _first_bytes(_: Asked, answer: Any) -> Any:
    return answer.with_body(answer.body[:100]).with_status(206)


def _never_again(refused: When) -> Fault:
    """After a refusal to a client of a kind, its connection serves nothing any more."""

    def around(app: App) -> App:
        spoilt: set[Any] = set()

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            client = scope.get("client")

            async def watching(message: Message) -> None:
                if (
                    message["type"] == "http.response.start"
                    and message["status"] == 400
                    and refused.holds(request, None)
                ):
                    spoilt.add(client)
                await send(message)

            if scope["type"] == "http":
                headers = tuple((name.decode().lower(), value.decode("latin-1")) for name, value in scope["headers"])
                request = Asked(0, scope["method"], scope["path"], b"", headers)
                if client in spoilt:
                    await error_answer(400).send(send)
                    return
            await app(scope, receive, watching)

        return wrapped

    return Fault(around=(around,))


class _AsksForNoBody(H11Protocol):
    """Waits for a body that the client holds back, and never asks for it."""

    def handle_events(self) -> None:
        super().handle_events()
        if self.cycle is not None:
            self.cycle.waiting_for_100_continue = False


# Rows of docs/real-bugs.md.
_BUGS = {"upgrade-body-lost": "C33"}


def _everywhere(route: str) -> list[tuple[str, str, Fault]]:
    here = on(route)
    since, none_match, ranged = (header(name) for name in ("if-modified-since", "if-none-match", "range"))
    return [
        ("none-match-304", f"http.{route}.preconditions", answers(_nothing_new, here & none_match & SERVED)),
        ("none-match-412", f"http.{route}.preconditions", replies(412, here & none_match)),
        ("modified-since-304", f"http.{route}.preconditions", answers(_nothing_new, here & since & SERVED)),
        ("range-206", f"http.{route}.preconditions", answers(_first_bytes, here & ranged & SERVED)),
        ("range-416", f"http.{route}.preconditions", replies(416, here & ranged)),
        ("html-wanted-406", f"http.{route}.negotiation", replies(406, here & header("accept", "text/html".__eq__))),
        ("charset-wanted-406", f"http.{route}.negotiation", replies(406, here & header("accept-charset"))),
        ("te-400", f"http.{route}.kept-connection", replies(400, here & header("te"))),
        ("two-words-of-connection-400", f"http.{route}.kept-connection", replies(400, here & header("connection", lambda v: "," in v))),
        ("h2c-426", f"http.{route}.kept-connection", replies(426, here & _H2C)),
        ("upgrade-body-lost", f"http.{route}.kept-connection", Fault(protocol=HttpToolsProtocol)),  # as it is
        ("kept-refused-for-ever", f"http.{route}.kept-connection", _never_again(here & header("keep-alive"))),
        ("expect-400", f"http.{route}.expect-continue", replies(400, here & header("expect"))),
        ("expect-unheard", f"http.{route}.expect-continue", Fault(protocol=_AsksForNoBody)),
    ]  # fmt: skip


def _in_forms(route: str) -> list[tuple[str, str, Fault]]:
    here = on(route)
    return [
        ("unquoted-names-400", f"{route}.form.tokens", replies(400, here & _NAME_UNQUOTED)),
        ("unquoted-file-names-400", f"{route}.form.tokens", replies(400, here & _FILE_NAME_UNQUOTED & ~_NAME_UNQUOTED)),
        ("unquoted-fields-lost", f"{route}.form.tokens", requests(_without_prompt, here & _NAME_UNQUOTED)),
        ("file-name-first-400", f"{route}.form.part-spelling", replies(400, here & _FILE_NAME_FIRST)),
        ("type-first-400", f"{route}.form.part-spelling", replies(400, here & _TYPE_FIRST)),
        ("lower-case-parts-400", f"{route}.form.part-spelling", replies(400, here & _LOWER_CASE)),
        ("upper-case-parameters-lost", f"{route}.form.part-spelling", requests(_without_prompt, here & _UPPER_CASE)),
        ("parts-without-blanks-500", f"{route}.form.part-spelling", replies(500, here & _NO_BLANKS)),
        ("parts-with-many-blanks-400", f"{route}.form.part-spelling", replies(400, here & _MANY_BLANKS)),
        ("charset-of-parts-400", f"{route}.form.part-headers", replies(400, here & _CHARSET)),
        ("charset-of-parts-spoils", f"{route}.form.part-headers", requests(_spoilt_prompt, here & _CHARSET)),
        ("typed-text-lost", f"{route}.form.part-headers", requests(_typed_text_lost, here & _TYPED_TEXT)),
        ("lengths-of-parts-400", f"{route}.form.part-headers", replies(400, here & _LENGTHS)),
        ("lengths-of-parts-cut", f"{route}.form.part-headers", requests(_shortened, here & _LENGTHS)),
        ("other-headers-of-parts-400", f"{route}.form.part-headers", replies(400, here & _OTHER_HEADERS)),
        ("quoted-boundary-of-dotnet-400", f"{route}.form.clients", replies(400, here & _QUOTED_BOUNDARY & _NAME_UNQUOTED)),
        ("no-last-line-end-400", f"{route}.form.clients", replies(400, here & _NO_LAST_LINE_END)),
        ("many-dashes-in-boundary-400", f"{route}.form.clients", replies(400, here & _boundary(lambda text: text.startswith("-" * 20)))),
        ("spring-415", f"{route}.form.clients", replies(415, here & _written(rb"text/plain;charset"))),
        ("webkit-cut", f"{route}.form.clients", requests(_shortened, here & _boundary(lambda text: "WebKit" in text))),
        ("transfer-encoding-of-parts-400", f"{route}.form.transfer-encoding", replies(400, here & _TRANSFER_ENCODING)),
        ("transfer-encoding-of-parts-cut", f"{route}.form.transfer-encoding", requests(_shortened, here & _TRANSFER_ENCODING)),
        ("parameters-of-media-types-415", f"{route}.file.media-type-parameters", replies(415, here & _CODECS_IN_FORM)),
        ("parameters-of-media-types-400", f"{route}.file.media-type-parameters", replies(400, here & _CODECS_IN_JSON)),
        ("quoted-codecs-400", f"{route}.file.media-type-parameters", replies(400, here & _written(rb'codecs="'))),
    ]  # fmt: skip


MUTANTS = (
    *(
        Mutant(f"{route}-{name}", kills, fault, bug=_BUGS.get(name, ""))
        for route in ROUTES
        for name, kills, fault in _everywhere(route)
    ),
    *(Mutant(f"{route}-{name}", kills, fault) for route in TRANSCRIPTS for name, kills, fault in _in_forms(route)),
)
