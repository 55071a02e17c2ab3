"""Where the contract leaves a gateway two answers and the mutant finds a third: odd values, names, texts, refusals."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from typing import Any

from reference_server.upstreams import ProviderRefused
from tests.mutants.behind import Call, Order, calls, misreports, order_fields
from tests.mutants.conditions import AS_FORM, AS_JSON, asked, audio_of, on, sent
from tests.mutants.edge import requests
from tests.mutants.exchange import ROUTES, TRANSCRIPTS, Asked
from tests.mutants.fault import Fault, Mutant
from tests.mutants.recipes import replies

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_CONTROL_IN_FORM = re.compile(rb'filename="[^"\r\n]*(?:[\x00-\x08\x0b-\x1f\x7f\t]|\xc2[\x80-\x9f]|%0[0-9A-D])')


def _has_controls(value: Any) -> bool:
    return isinstance(value, str) and any(unicodedata.category(char) == "Cc" for char in value)


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and value != "" and not value.strip()


def _is_padded(value: Any) -> bool:
    return isinstance(value, str) and value.strip() not in {"", value}


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("data:")


CONTROLS = (AS_JSON & audio_of("fileName", _has_controls)) | (
    AS_FORM & asked(lambda request: _CONTROL_IN_FORM.search(request.body))
)
STARRED = AS_FORM & asked(lambda request: b"filename*=" in request.body)
_NO_PLAIN_NAME = ~asked(lambda request: b"filename=" in request.body)
BLANK = sent("input", _is_blank)
PADDED = sent("model", _is_padded)
URLS = audio_of("data", _is_url)


def _read_from_the_first_letter(request: Asked) -> Asked:
    """As readers of base64 do that skip what is no letter of it."""
    audio = request.get("audio")
    try:
        data = base64.b64decode(audio["data"])
    except binascii.Error:
        return request
    return request.with_fields(audio={**audio, "data": base64.b64encode(data).decode()})


def _words(*needles: bytes) -> Any:
    return lambda told: told.status == 500 and any(needle in told.body.lower() for needle in needles)


def _tries_again(route: str) -> Fault:
    """Asks once more where the provider found fault with the request."""

    async def around(where: str, order: Order, call: Call) -> Any:
        try:
            return await call(order)
        except ProviderRefused as refused:
            if where != route or refused.status >= 500:
                raise
            return await call(order)

    return calls(around)


def _everywhere(route: str) -> list[tuple[str, str, Fault]]:
    here = on(route)
    required = misreports(_words(b"required"), lambda _, answer: answer.with_status(400), here)
    not_found = misreports(_words(b"not found"), lambda _, answer: answer.with_status(404), here)
    return [
        ("padded-model-500", f"{route}.model.padded", replies(500, here & PADDED)),
        ("required-in-a-500-is-a-400", f"failures.{route}.misleading-words", required),
        ("not-found-in-a-500-is-a-404", f"failures.{route}.misleading-words", not_found),
        ("refusals-tried-again", f"calls.{route}.refused", _tries_again(route)),
    ]


def _on_transcripts(route: str) -> list[tuple[str, str, Fault]]:
    here = on(route)
    windows = order_fields(route, prompt=lambda text: _LINE_BREAK.sub("\r\n", text))
    unix = order_fields(route, prompt=lambda text: _LINE_BREAK.sub("\n", text))
    return [
        ("padded-model-in-forms-500", f"{route}.model.padded", replies(500, here & AS_FORM & PADDED)),
        ("data-url-500", f"{route}.audio-data.data-url", replies(500, here & URLS)),
        ("data-url-422", f"{route}.audio-data.data-url", replies(422, here & URLS)),
        ("data-url-read-whole", f"{route}.audio-data.data-url", requests(_read_from_the_first_letter, here & URLS)),
        ("control-in-file-name-500", f"{route}.file-name.control", replies(500, here & CONTROLS)),
        ("control-in-json-file-name-500", f"{route}.file-name.control", replies(500, here & AS_JSON & CONTROLS)),
        ("control-in-file-name-404", f"{route}.file-name.control", replies(404, here & AS_FORM & CONTROLS)),
        ("starred-file-name-500", f"{route}.file-name.extended", replies(500, here & STARRED)),
        ("starred-file-name-alone-500", f"{route}.file-name.extended", replies(500, here & STARRED & _NO_PLAIN_NAME)),
        ("prompt-with-windows-line-breaks", f"provider.{route}.prompt-line-breaks", windows),
        ("prompt-with-unix-line-breaks", f"provider.{route}.prompt-line-breaks", unix),
        (
            "prompt-without-its-mark",
            f"provider.{route}.prompt-line-breaks",
            order_fields(route, prompt=lambda text: text.removeprefix("\ufeff")),
        ),
    ]


MUTANTS = (
    Mutant("speech-blank-input-500", "speech.input.blank", replies(500, on("speech") & BLANK)),
    Mutant("speech-line-breaks-alone-503", "speech.input.blank", replies(503, on("speech") & sent("input", lambda v: _is_blank(v) and "\n" in v))),
    *(Mutant(f"{route}-{name}", kills, fault) for route in ROUTES for name, kills, fault in _everywhere(route)),
    *(Mutant(f"{route}-{name}", kills, fault) for route in TRANSCRIPTS for name, kills, fault in _on_transcripts(route)),
)  # fmt: skip
