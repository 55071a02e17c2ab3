"""Requests of one meaning in many spellings: which of them a gateway takes for another."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from uvicorn.protocols.http.h11_impl import H11Protocol

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.behind import order_fields, recordings
from tests.mutants.conditions import AS_FORM, AS_JSON, CHUNKED, SERVED, asked, header, lacks, on, sent, status
from tests.mutants.edge import requests
from tests.mutants.exchange import ROUTES, TRANSCRIPTS, Asked, asked_of
from tests.mutants.fault import Fault, Mutant
from tests.mutants.recipes import filled, headed, replies, restated, retold, upload, with_upload


def _first_piece_only(route: str) -> Fault:
    """Only the first piece of the body that arrives is read."""

    def around(app: App) -> App:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or asked_of(scope, 0).route != route:
                await app(scope, receive, send)
                return
            ended = False

            async def first() -> Message:
                nonlocal ended
                message = await receive()
                if message["type"] == "http.request" and not ended and message.get("body"):
                    ended = True
                    return {**message, "more_body": False}
                return message

            await app(scope, first, send)

        return wrapped

    return Fault(around=(around,))


class _MindsCase(H11Protocol):
    """Knows Content-Type in its two usual spellings only."""

    def data_received(self, data: bytes) -> None:
        head, blank, rest = data.partition(b"\r\n\r\n")
        if blank and head.split(b" ", 1)[0].isalpha():
            head = b"\r\n".join(_usual(line) for line in head.split(b"\r\n"))
        super().data_received(head + blank + rest)


def _usual(line: bytes) -> bytes:
    name, colon, value = line.partition(b":")
    known = name.lower() != b"content-type" or name in {b"Content-Type", b"content-type"}
    return line if known else b"X-Overlooked" + colon + value


def _model_first(request: Asked) -> bool:
    return isinstance(request.document, dict) and next(iter(request.document), "model") != "model"


def _file_before_model(request: Asked) -> bool:
    names = [each.name for each in request.parts]
    return "file" in names and "model" in names and names.index("file") < names.index("model")


def _cut_at_look_alike(request: Asked) -> Asked:
    boundary = (request.header("content-type") or "").partition("boundary=")[2].split(";")[0].strip().strip('"')
    parts = [
        replace(each, value=each.value.split(f"--{boundary}"[:-1].encode())[0].removesuffix(b"\r\n"))
        for each in request.parts
    ]
    return request.with_parts(parts)


def _holds_look_alike(request: Asked) -> bool:
    boundary = (request.header("content-type") or "").partition("boundary=")[2].split(";")[0].strip().strip('"')
    return len(boundary) > 1 and any(f"--{boundary}"[:-1].encode() in each.value for each in request.parts)


_QUOTED = AS_FORM & header("content-type", lambda value: 'boundary="' in value)
_LONG_BOUNDARY = AS_FORM & header("content-type", lambda value: len(value.partition("boundary=")[2]) > 60)
_SPACED = AS_JSON & asked(lambda request: request.body[:1] in b" \t\r\n" or request.body[-1:] in b" \t\r\n")
_PREAMBLE = AS_FORM & asked(lambda request: request.body and not request.body.startswith(b"--"))
_ODD_NAME = AS_FORM & asked(lambda request: request.file is not None and not (request.file.file_name or "").isascii())
_QUOTED_NAME = AS_FORM & asked(
    lambda request: request.file is not None and any(each in (request.file.file_name or "") for each in '"\\;%')
)


def _emptied(request: Asked) -> Asked:
    return request.with_body(b"")


def _of(route: str) -> list[tuple[str, str, Fault, str]]:
    here = on(route)
    text = "input" if route == "speech" else "prompt"
    return [
        ("chunked-body-ignored", "chunked", requests(_emptied, here & CHUNKED), "C28"),
        ("first-write-only", "split-writes", _first_piece_only(route), "C28"),
        ("charset-500", "media-type", replies(500, here & AS_JSON & header("content-type", lambda v: ";" in v)), ""),
        ("model-must-come-first", "json-spelling", replies(400, here & AS_JSON & asked(_model_first)), ""),
        ("spaced-json-refused", "json-spelling", replies(400, here & _SPACED), ""),
        ("text-composed", "text", order_fields(route, **{text: lambda v: unicodedata.normalize("NFKC", v)}), ""),
        (
            "text-controls-lost",
            "text",
            order_fields(route, **{text: lambda v: "".join(c for c in v if c.isprintable())}),
            "",
        ),
    ]


def _of_schema(route: str) -> list[tuple[str, str, Fault, str]]:
    """Faults that cases drawn from openapi.yaml should meet often."""
    here = on(route)
    required = "input" if route == "speech" else "audio"
    served = here & SERVED
    odd = headed("content-type", "application/octet-stream", served)
    default = {"input": "Hello."} if route == "speech" else {"model": "whisper-1"}
    field = next(iter(default))
    return [
        ("missing-field-500", "never-5xx", replies(500, here & AS_JSON & (lacks("model") | lacks(required))), ""),
        (
            "wrong-type-500",
            "never-5xx",
            replies(500, here & AS_JSON & sent("model", lambda v: not isinstance(v, str))),
            "",
        ),
        ("answers-of-no-known-type", "answers-conform", odd, "E3"),
        ("answers-without-request-id", "answers-conform", _without_id(route), ""),
        (
            "every-option-refused",
            "valid-accepted",
            replies(400, here & (sent("voice") | sent("prompt") | sent("instructions"))),
            "",
        ),
        (
            "missing-field-made-up",
            "invalid-refused",
            filled(here & AS_JSON & (lacks(field) | sent(field, lambda v: not isinstance(v, str) or not v)), **default),
            "",
        ),
        ("missing-field-422", "invalid-refused", restated(422, here & AS_JSON & status(400)), "G19"),
    ]


def _without_id(route: str) -> Fault:
    if route == "speech":
        return headed("x-request-id", None, on(route) & SERVED)
    return retold(
        lambda _, document: {key: v for key, v in document.items() if key != "request_id"}, on(route) & SERVED
    )


def _of_forms(route: str) -> list[tuple[str, str, Fault, str]]:
    here = on(route)
    return [
        ("model-after-file-refused", "field-order", replies(400, here & AS_FORM & asked(_file_before_model)), "C19"),
        ("quoted-boundary-refused", "boundaries", replies(400, here & _QUOTED), "C12"),
        ("long-boundary-refused", "boundaries", replies(400, here & _LONG_BOUNDARY), "C12"),
        ("look-alike-ends-a-part", "look-alikes", requests(_cut_at_look_alike, here & AS_FORM & asked(_holds_look_alike)), "C28"),
        ("preamble-refused", "preamble", replies(400, here & _PREAMBLE), ""),
        ("foreign-file-name-500", "file-name", replies(500, here & _ODD_NAME), "C10"),
        ("quoted-file-name-refused", "file-name", replies(400, here & _QUOTED_NAME), ""),
        ("line-ends-of-uploads-changed", "upload", recordings(lambda data: data.replace(b"\r\n", b"\n"), route), "C28"),
        ("json-upload-one-byte-short", "forms-agree", requests(lambda request: with_upload(request, upload(request)[:-1]), here & AS_JSON & asked(lambda r: len(upload(r)) > 1)), ""),
    ]  # fmt: skip


MUTANTS = (
    *(Mutant(f"{route}-uploads-through-text", f"{route}.form.multipart", recordings(lambda data: data.decode("latin-1").encode("utf-8"), route), "E11") for route in TRANSCRIPTS),
    *(Mutant(f"{route}-{name}", f"generated.{route}.{kills}", fault, bug) for route in ROUTES for name, kills, fault, bug in _of(route)),
    *(Mutant(f"drawn-{route}-{name}", f"generated.{route}.{kills}", fault, bug) for route in ROUTES for name, kills, fault, bug in _of_schema(route)),
    *(Mutant(f"{route}-{name}", f"generated.{route}.{kills}", fault, bug) for route in TRANSCRIPTS for name, kills, fault, bug in _of_forms(route)),
    *(Mutant(f"{route}-minds-header-case", f"generated.{route}.header-case", Fault(protocol=_MindsCase)) for route in ROUTES),
)  # fmt: skip
