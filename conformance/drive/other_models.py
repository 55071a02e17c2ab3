"""What holds for one model key holds for all: requests of another key, judged on both sides at once (needs the mock).

A gateway may know that a provider's model lacks a format or a field and refuse it. That is not judged here; a request that
is served has to be served in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.contracts import TranscriptShape
from conformance.drive.calls import ask_marked, seen
from conformance.drive.case import Case
from conformance.drive.requests import OMIT
from conformance.drive.scripts import asked_of_provider, differences, json_response, scripted_response, verbose_document
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.headers import content_length_present, request_id_present
from conformance.judge.client.speech import is_audio, is_some_audio, label_agrees, same_bytes
from conformance.judge.client.subtitles import looks_like
from conformance.judge.client.transcripts import has_request_id, is_transcript, text_is
from conformance.judge.upstream.comparison import values_of
from conformance.judge.upstream.fields import GRANULARITIES, fields_arrived
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
    """Audio of one model key in one format, or (`OMIT`) in none that was asked for."""
    exchange = ask_marked(case, "speech", "json", model=key, response_format=wanted)
    because = f"speech of {key}, response_format {'not given' if wanted is OMIT else wanted}"
    calls = seen(case, exchange)
    wrong = case.answered(exchange, "served", because=because)
    kind = is_some_audio(exchange, because=because) if wanted is OMIT else is_audio(exchange, wanted, because=because)
    case.judge(*((wrong,) if wrong else (kind, same_bytes(exchange, calls), *_speech_headers(case, exchange, because))))


def _speech_headers(case: Case, exchange: Exchange, because: str) -> Findings:
    promised = case.contract.audio_headers
    return (
        label_agrees(exchange, because=because, general=case.contract.audio_labels),
        content_length_present(exchange) if "content-length" in promised else None,
        request_id_present(exchange, case.contract.names.request_id_header) if "request-id" in promised else None,
    )


def transcript_in_full(case: Case, key: str, route: str, form: str, name: str) -> None:
    """A transcript of one model key in one format."""
    judged = _document_in_full if name in DOCUMENTS else _object_in_full
    judged(case, key, route, form, name)


def _object_in_full(case: Case, key: str, route: str, form: str, name: str) -> None:
    """The provider answers with an odd text in JSON, and just that text must come."""
    provided, upload, shape = _provided(case, route, name), case.upload(), case.contract.transcript(name)
    kinds = tuple(kind for kind in case.contract.operations[route].details if kind in provided)
    asked = {GRANULARITIES: ["segment", "word"]} if "words" in kinds else {}
    with scripted_response(case, route, upload, json_response(provided)):
        exchange = ask_marked(case, route, form, model=key, upload=upload, response_format=name, **asked)
    if name != "json" and _refused(case, exchange):
        return
    call = asked_of_provider(case, exchange, upload, *{name, "verbose_json"})
    because = f"{route} ({form}) of {key} in {name}"
    wrong = _no_transcript(case, exchange, shape, because)
    if wrong or not kinds:
        case.judge(wrong or text_is(exchange, provided["text"], shape, because=because))
    else:
        case.judge(*differences(exchange, provided, call, kinds, shape=shape, because=because))


def _document_in_full(case: Case, key: str, route: str, form: str, name: str) -> None:
    """A document is the provider's, unless the gateway asks for something else and writes it itself."""
    upload, shape = case.upload(), case.contract.transcript(name)
    exchange = ask_marked(case, route, form, model=key, upload=upload, response_format=name)
    if name != "json" and _refused(case, exchange):
        return
    because = f"{route} ({form}) of {key} in {name}"
    wrong = _no_transcript(case, exchange, shape, because) or looks_like(exchange, name, shape, because=because)
    call = seen(case, exchange, upload)[-1]
    theirs = values_of(call, "response_format") == [name]
    case.judge(wrong or (text_is(exchange, call.response_text, shape, because=because) if theirs else None))


def _refused(case: Case, exchange: Exchange) -> bool:
    """Whether the gateway says that it cannot do what it need not be able to do."""
    statuses = case.contract.statuses
    return exchange.status in statuses("taken-or-refused").without(statuses("served"))


def _no_transcript(case: Case, exchange: Exchange, shape: TranscriptShape, because: str) -> Finding | None:
    wrong = case.answered(exchange, "served", because=because)
    wrong = wrong or is_transcript(exchange, shape, because=because)
    return wrong or has_request_id(exchange, shape, because=because)


def _provided(case: Case, route: str, name: str) -> dict[str, Any]:
    """What the provider answers with."""
    if name != "verbose_json":
        return {"text": _TEXT}
    return {**verbose_document(case.contract.operations[route].details), "text": _TEXT}


def fields_in_full(case: Case, key: str, route: str, form: str) -> None:
    """Every documented field of a request for one model key reaches the provider."""
    sent = dict(FIELDS[route])
    audio = case.contract.operations[route].gives_audio
    if not audio:
        sent["prompt"] = f" {case.marker} \u00ab\u0420\u0435\u043d\u0430\u0440\u00bb, \u72d0 \U0001f98a "
    detailed = {} if audio else {"response_format": "verbose_json"}
    exchange = ask_marked(case, route, form, model=key, **sent, **detailed)
    if not _refused(case, exchange):
        case.judge(*fields_arrived(exchange, seen(case, exchange), sent))
