"""Scripted responses: what the mock provider answers the case's calls with, and whether the client got just that."""

from __future__ import annotations

import base64
import json
from contextlib import AbstractContextManager
from typing import Any

from conformance.audio.samples import speech_like_wav
from conformance.contracts import TranscriptShape
from conformance.drive.case import Case
from conformance.errors import Blocked, NotForwarded
from conformance.http.bodies import Upload
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.details import details_equal, duration_equals
from conformance.judge.client.transcripts import text_is
from conformance.judge.upstream.comparison import values_of
from conformance.mock.calls import RecordedCall


def match_of(case: Case, route: str, upload: Upload | None = None) -> dict[str, Any]:
    """What this case's calls are found by: the text of speech, the bytes of an upload."""
    if case.contract.operations[route].takes_text:
        return {"marker": case.marker}
    return {"sha256": (upload or case.upload()).digest}


def canned(case: Case, route: str) -> dict[str, Any]:
    """A provider's response that costs it nothing, for requests of which only the call is judged."""
    if case.contract.operations[route].gives_audio:
        return audio_response(speech_like_wav(case.marker, 0.2))
    return json_response({"text": case.marker})


def audio_response(data: bytes, media_type: str = "audio/wav") -> dict[str, Any]:
    """A provider's response of just these bytes."""
    return {"content_type": media_type, "body": {"base64": base64.b64encode(data).decode()}}


def scripted_response(case: Case, route: str, upload: Upload, act: dict[str, Any]) -> AbstractContextManager[object]:
    """While entered, the provider answers calls with this upload as `act` says."""
    operation = case.contract.operations[route].operation
    return case.provider.scripted({"operation": operation, "sha256": upload.digest}, act)


def json_response(document: dict[str, Any], *, ensure_ascii: bool = False) -> dict[str, Any]:
    """A provider's JSON response, written out here so that its bytes are known: raw UTF-8, or escapes."""
    body = json.dumps(document, ensure_ascii=ensure_ascii)
    return {"content_type": "application/json", "body": {"text": body}}


def asked_of_provider(case: Case, exchange: Exchange, upload: Upload, *fitting: str) -> RecordedCall:
    """The provider's call, if the gateway asked for a format that the scripted response is in.

    Raises Blocked otherwise: a gateway may ask for any format that gives it what it needs.
    """
    calls = case.calls(upload)
    if not calls:
        raise NotForwarded(exchange)
    asked = next(iter(values_of(calls[-1], "response_format")), "json")
    if asked not in fitting:
        raise Blocked(f"the gateway asks its provider for {asked}, not for {' or '.join(fitting)}", exchange)
    return calls[-1]


def segment(number: int, start: float, end: float, text: str) -> dict[str, Any]:
    """A segment with every member that the provider promises: a gateway may refuse one that lacks any."""
    figures = {"temperature": 0.0, "avg_logprob": -0.25, "compression_ratio": 1.5, "no_speech_prob": 0.0125}
    return {"id": number, "seek": 0, "start": start, "end": end, "text": text, "tokens": [1, 2], **figures}


def verbose_document(kinds: tuple[str, ...]) -> dict[str, Any]:
    """Details as a provider may give them: whole-number times, many digits, repeated words, more than one page of them."""
    words = [{"word": f"wörd{n % 3}", "start": n * 0.1, "end": n * 0.1 + 0.05} for n in range(60)]
    segments = [segment(n, n, n + 0.987654, f" Segment {n} 🦊 ") for n in range(12)]
    details = {"segments": segments, "words": words}
    head = {"task": "transcribe", "language": "english", "duration": 11.987654, "text": "All of it."}
    return head | {kind: details[kind] for kind in kinds}


def long_document(kinds: tuple[str, ...]) -> dict[str, Any]:
    """The transcript of hours: 1,500 segments and 3,000 words, no two alike, and all of their texts in one."""
    texts = [f" {n}: käfer 甲虫 🪲 crawled on, one after another, till all were gone." for n in range(1500)]
    details = {
        "segments": [segment(n, n * 4.0, n * 4.0 + 3.5, text) for n, text in enumerate(texts)],
        "words": [{"word": f"käfer{n}", "start": n * 2.0, "end": n * 2.0 + 0.5} for n in range(3000)],
    }
    head = {"task": "transcribe", "language": "english", "duration": 6000.0, "text": "".join(texts)}
    return head | {kind: details[kind] for kind in kinds}


def differences(  # noqa: PLR0913 - what came, what was provided, and how to read both
    exchange: Exchange,
    provided: dict[str, Any],
    call: RecordedCall,
    kinds: tuple[str, ...],
    *,
    shape: TranscriptShape,
    because: str,
) -> tuple[Finding | None, ...]:
    """Findings of a detailed transcript whose text, duration or details are not those that the provider gave.

    Raises Blocked where the provider gave no such details.
    """
    if not all(provided.get(kind) for kind in kinds):
        raise Blocked(f"the provider gave no {' and '.join(kinds)}: was it asked for them?", exchange)
    return (
        text_is(exchange, provided["text"], shape, because=because),
        duration_equals(exchange, provided.get("duration"), call, because=because),
        *(details_equal(exchange, kind, provided[kind], call, because=because) for kind in kinds),
    )
