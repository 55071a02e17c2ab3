"""A provider that answers in an unusual but legal shape: what it says, and whether the client got all of that.

The answer is scripted, so that its bytes are known: small audio, or a text of which every second byte is in the middle of
a character.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.audio.samples import speech_like_wav
from conformance.drive.calls import marked_request
from conformance.drive.case import Case
from conformance.drive.requests import with_header
from conformance.drive.scripts import audio_response, json_response, match_of
from conformance.errors import Blocked
from conformance.http.exchange import Exchange, Finding, Request
from conformance.judge.client.codings import decoded
from conformance.judge.client.speech import label_agrees, same_bytes
from conformance.judge.client.transcripts import is_transcript, text_is
from conformance.judge.upstream.comparison import values_of
from conformance.mock.calls import RecordedCall

ROUGH_TEXT = 'Füchse «жуть» 狐が 🦊👩‍👩‍👧 e\u0301 \u2028 so "it" is \\ n.'
OFFERED = "gzip, deflate"
Findings = tuple[Finding | None, ...]
Act = dict[str, Any]


def said(case: Case, route: str, *, escaped: bool = False) -> Act:
    """What the provider answers with; `escaped`: a JSON text in which nothing is above ASCII."""
    if case.contract.operations[route].gives_audio:
        return audio_response(speech_like_wav(case.marker, 0.1))
    return json_response({"text": f"{case.marker} {ROUGH_TEXT}"}, ensure_ascii=escaped)


def said_as_document(case: Case) -> Act:
    """What the provider answers with where it is asked for a plain text."""
    return {"content_type": "text/plain; charset=utf-8", "body": {"text": f"{case.marker} {ROUGH_TEXT}"}}


def rough_request(case: Case, route: str, form: str, *, offers: str | None = None, **fields: Any) -> Request:
    """A valid request for what `said` answers; `offers` is the client's Accept-Encoding."""
    wanted = {"response_format": "wav"} if case.contract.operations[route].gives_audio else {}
    request = marked_request(case, route, form, **{**wanted, **fields})
    return with_header(request, "Accept-Encoding", offers) if offers else request


def met(case: Case, exchange: Exchange) -> list[RecordedCall]:
    """The calls of this case that got the scripted answer. Raises Blocked where there is none."""
    found = [call for call in case.calls() if call.script]
    if not found:
        raise Blocked("the provider's scripted answer was met by no call of this case", exchange)
    return found


def served_as_plain(case: Case, route: str, request: Request, act: Act, *, because: str) -> None:
    """Judges that an answer in this shape is served like any other."""
    with case.provider.scripted(match_of(case, route), act):
        exchange = case.send(request)
    case.judge(*whole(case, route, exchange, met(case, exchange), because=because))


def document_served_as_plain(case: Case, route: str, form: str, act: Act, *, because: str) -> None:
    """The same for a plain text. Not judged where the gateway asks its provider for another format to make it from."""
    request = rough_request(case, route, form, response_format="text")
    with case.provider.scripted(match_of(case, route), {**said_as_document(case), **act}):
        exchange = case.send(request)
    calls = met(case, exchange)
    if values_of(calls[-1], "response_format") == ["text"]:
        case.judge(*_whole_text(case, exchange, "text", because))


def whole(case: Case, route: str, exchange: Exchange, calls: list[RecordedCall], *, because: str) -> Findings:
    """Findings of an answer that is not the provider's: another status, a coding nobody asked for, other bytes."""
    if not case.contract.operations[route].gives_audio:
        return _whole_text(case, exchange, None, because)
    plain, undecodable = decoded(exchange, because=because)
    wrong, labels = case.answered(exchange, "served", because=because) or undecodable, case.contract.audio_labels
    return (
        wrong or label_agrees(plain, because=because, general=labels),
        wrong or _about(because, same_bytes(plain, calls)),
    )


def _whole_text(case: Case, exchange: Exchange, response_format: str | None, because: str) -> Findings:
    plain, undecodable = decoded(exchange, because=because)
    shape = case.contract.transcript(response_format)
    wrong = case.answered(exchange, "served", because=because) or undecodable
    wrong = wrong or is_transcript(plain, shape, because=because)
    return (wrong or text_is(plain, f"{case.marker} {ROUGH_TEXT}", shape, because=because),)


def _about(because: str, finding: Finding | None) -> Finding | None:
    return finding and replace(finding, message=f"{because}: {finding.message}")
