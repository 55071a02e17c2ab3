"""What holds for one model key holds for all: requests of another key, judged on both hops at once (needs the mock).

A gateway may know that a provider's model lacks a format or a field and refuse it. That is not judged here; a request that
is served has to be served in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.drive.calls import ask_marked, seen
from conformance.drive.case import Case
from conformance.drive.requests import OMIT
from conformance.drive.scripts import answering, asked_of_provider, differences, saying, verbose_document
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.headers import content_length_present, request_id_present
from conformance.judge.client.speech import is_audio, is_some_audio, label_agrees, same_bytes
from conformance.judge.client.statuses import status_is
from conformance.judge.client.subtitles import looks_like
from conformance.judge.client.transcripts import has_request_id, is_object, text_is
from conformance.judge.upstream.fields import GRANULARITIES, fields_arrived, values_of
from conformance.samples.texts import DOCUMENTS

Findings = tuple[Finding | None, ...]

# Normalised, trimmed or re-encoded, it is another text.
_TEXT = "  e\u0301 is not \u00e9, \u4e00 \U0001f98a & <b> \u2028 so\r\n "
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "speech": {
        "voice": "nova",
        "response_format": "flac",
        "speed": 1.25,
        "instructions": " Ruhig, \u00abso\u00bb, bitte.\n",
    },
    "transcriptions": {"language": "de", "temperature": 0, GRANULARITIES: ["word", "segment"]},
    "translations": {"temperature": 0},
}


def speech_in_full(case: Case, key: str, wanted: Any) -> None:
    """Audio of one model key in one format, or (``...``) in none that was asked for."""
    exchange = ask_marked(case, "speech", "json", model=key, response_format=wanted)
    because = f"speech of {key}, response_format {'not given' if wanted is OMIT else wanted}"
    calls = seen(case, exchange)
    wrong = status_is(exchange, 200, because=because)
    kind = is_some_audio(exchange, because=because) if wanted is OMIT else is_audio(exchange, wanted, because=because)
    case.judge(*((wrong,) if wrong else (kind, same_bytes(exchange, calls), *_speech_headers(exchange, because))))


def _speech_headers(exchange: Exchange, because: str) -> Findings:
    return (
        label_agrees(exchange, because=because),
        content_length_present(exchange),
        request_id_present(exchange),
    )


def transcript_in_full(case: Case, key: str, route: str, form: str, name: str) -> None:
    """A transcript of one model key in one format."""
    judged = _document_in_full if name in DOCUMENTS else _object_in_full
    judged(case, key, route, form, name)


def _object_in_full(case: Case, key: str, route: str, form: str, name: str) -> None:
    """The provider says something odd in JSON, and just that must come."""
    said, upload = _said(route, name), case.upload()
    kinds = tuple(kind for kind in ("segments", "words") if kind in said)
    asked = {GRANULARITIES: ["segment", "word"]} if "words" in kinds else {}
    with saying(case, route, upload, answering(said)):
        exchange = ask_marked(case, route, form, model=key, upload=upload, response_format=name, **asked)
    if _refused(exchange, name):
        return
    call = asked_of_provider(case, exchange, upload, *{name, "verbose_json"})
    because = f"{route} ({form}) of {key} in {name}"
    wrong = _no_transcript(exchange, because)
    inside = (
        differences(exchange, said, call, kinds, because)
        if kinds
        else (text_is(exchange, said["text"], because=because),)
    )
    case.judge(*((wrong,) if wrong else inside))


def _document_in_full(case: Case, key: str, route: str, form: str, name: str) -> None:
    """A document is the provider's, unless the gateway asks for something else and writes it itself."""
    upload = case.upload()
    exchange = ask_marked(case, route, form, model=key, upload=upload, response_format=name)
    if _refused(exchange, name):
        return
    because = f"{route} ({form}) of {key} in {name}"
    wrong = _no_transcript(exchange, because) or looks_like(exchange, name, because=because)
    call = seen(case, exchange, upload)[-1]
    theirs = values_of(call, "response_format") == [name]
    said = (call.get("answer") or {}).get("text") or ""
    case.judge(wrong or (text_is(exchange, said, because=because) if theirs else None))


def _refused(exchange: Exchange, name: str) -> bool:
    return exchange.status == 400 and name != "json"


def _no_transcript(exchange: Exchange, because: str) -> Finding | None:
    wrong = status_is(exchange, 200, because=because) or is_object(exchange, because=because)
    return wrong or has_request_id(exchange, because=because)


def _said(route: str, name: str) -> dict[str, Any]:
    if name != "verbose_json":
        return {"text": _TEXT}
    kinds = ("segments", "words") if route == "transcriptions" else ("segments",)
    return {**verbose_document(kinds), "text": _TEXT}


def fields_in_full(case: Case, key: str, route: str, form: str) -> None:
    """Every documented field of a request for one model key reaches the provider."""
    sent = dict(FIELDS[route])
    if route != "speech":
        sent["prompt"] = f" {case.marker} \u00ab\u0420\u0435\u043d\u0430\u0440\u00bb, \u72d0 \U0001f98a "
    detailed = {} if route == "speech" else {"response_format": "verbose_json"}
    exchange = ask_marked(case, route, form, model=key, **sent, **detailed)
    if exchange.status != 400:
        case.judge(*fields_arrived(exchange, seen(case, exchange), sent))
