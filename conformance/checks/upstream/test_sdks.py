"""OpenAI's own libraries as clients: what they return is what the provider said, and its errors are the right ones."""

from __future__ import annotations

import hashlib
import json
from itertools import product
from typing import Any

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import valid_fields
from conformance.drive.scripted_streams import interrupted
from conformance.drive.scripts import match_of
from conformance.drive.sdk import Asked, Returned, SdkName, ask_sdk
from conformance.errors import Blocked, NotForwarded
from conformance.http.bodies import Upload
from conformance.http.exchange import Answer, Exchange, Finding, Request
from conformance.judge.client.streams import read_events
from conformance.mock.calls import RecordedCall

SDKS: tuple[SdkName, ...] = ("python", "node")
_SECONDS = 2.0
_FORMATS = ("json", "text", "srt", "vtt", "verbose_json")
# What the provider answers, and the class of errors that a program catches for it.
_ERRORS: dict[str, tuple[int, dict[str, Any]]] = {
    "bad-request": (400, {"type": "invalid_request_error", "code": "invalid_value", "param": "language"}),
    "not-found": (404, {"type": "invalid_request_error", "code": "model_not_found", "param": None}),
    "limit": (429, {"type": "requests", "code": "rate_limit_exceeded", "param": None}),
    "overloaded": (503, {"type": "server_error", "code": "overloaded", "param": None}),
}


def _exchange(case: Case, asked: Asked, returned: Returned) -> Exchange:
    """What the library saw, for the evidence: it keeps no more of it."""
    request = Request("POST", f"{case.target.base_url}/audio/{asked.route}", (), json.dumps(asked.fields).encode())
    if returned.status is None:
        return Exchange(request, None, returned.error or "read by the library")
    shown = returned.audio or (returned.text or json.dumps(returned.document or returned.named)).encode()
    return Exchange(request, Answer(returned.status, tuple(returned.headers.items()), shown))


def _wrong(case: Case, asked: Asked, returned: Returned, expected: str, got: Any) -> Finding:
    message = f"{asked.route} through OpenAI's library: not what the provider said"
    return Finding(message, expected[:300], f"{got!r:.300}", (_exchange(case, asked, returned),))


def _call(case: Case, asked: Asked, returned: Returned, upload: Upload | None = None) -> RecordedCall:
    """The provider's call. Raises Blocked where the library raised an error instead."""
    if returned.error:
        raise Blocked(f"the library raised {returned.error}", _exchange(case, asked, returned))
    calls = case.calls(upload)
    if not calls:
        raise NotForwarded(_exchange(case, asked, returned))
    return calls[-1]


@each("sdk, way", product(SDKS, ("whole", "pieces")), "sdk.{sdk}.speech")
def test_speech_is_what_the_provider_sent(case: Case, sdk: SdkName, way: str) -> None:
    asked = Asked(route="speech", fields=valid_fields(case, "speech", response_format="wav"), pieces=way == "pieces")
    returned = ask_sdk(case, sdk, asked)
    sent = _call(case, asked, returned).response
    audio = returned.audio or b""
    same = sent is not None and hashlib.sha256(audio).hexdigest() == sent.sha256
    case.judge(None if same else _wrong(case, asked, returned, str(sent), f"{len(audio)} bytes"))


@each("sdk, wanted", product(SDKS, _FORMATS), "sdk.{sdk}.transcripts")
def test_a_transcript_is_what_the_provider_said(case: Case, sdk: SdkName, wanted: str) -> None:
    fields = valid_fields(case, "transcriptions", response_format=wanted)
    asked = Asked(route="transcriptions", fields=fields)
    returned = ask_sdk(case, sdk, asked, case.upload(_SECONDS))
    call = _call(case, asked, returned, case.upload(_SECONDS))
    if wanted in {"json", "verbose_json"}:
        provided: dict[str, Any] = json.loads(call.response_text)
        got = returned.document or {}
        lost = [
            name for name in ("text", "duration", "segments") if name in provided and got.get(name) != provided[name]
        ]
        case.judge(_wrong(case, asked, returned, call.response_text, {n: got.get(n) for n in lost}) if lost else None)
        return
    same = returned.text == call.response_text
    case.judge(None if same else _wrong(case, asked, returned, call.response_text, returned.text))


@each("sdk", SDKS, "sdk.{sdk}.stream")
def test_a_stream_is_read_as_the_provider_sent_it(case: Case, sdk: SdkName) -> None:
    fields = valid_fields(case, "transcriptions", model=case.model_keys("transcription_stream")[0])
    asked = Asked(route="transcriptions", fields=fields, events=True)
    returned = ask_sdk(case, sdk, asked, case.upload(_SECONDS))
    call = _call(case, asked, returned, case.upload(_SECONDS))
    provided = _told(list(read_events(call.response_text.encode()).all))
    got = _told(returned.events or [])
    case.judge(None if got == provided else _wrong(case, asked, returned, repr(provided), got))


def _told(events: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    """The type and the text of each event."""
    return [(event.get("type"), event.get("delta", event.get("text"))) for event in events]


@each("sdk", SDKS, "sdk.{sdk}.stream-error")
def test_an_error_in_a_stream_is_raised(case: Case, sdk: SdkName) -> None:
    fields = valid_fields(case, "transcriptions", model=case.model_keys("transcription_stream")[0])
    asked = Asked(route="transcriptions", fields=fields, events=True)
    with case.provider.scripted(
        match_of(case, "transcriptions", case.upload(_SECONDS)), interrupted(case, "transcriptions")
    ):
        returned = ask_sdk(case, sdk, asked, case.upload(_SECONDS))
    kinds = [event.get("type") for event in returned.events or []]
    case.judge(None if returned.error else _wrong(case, asked, returned, "an error that is raised", kinds))


@each("sdk, kind", product(SDKS, _ERRORS), "sdk.{sdk}.errors")
def test_an_error_of_the_provider_is_raised_as_what_it_is(case: Case, sdk: SdkName, kind: str) -> None:
    """With its names, as an error of the client's or of the server's."""
    status, error = _ERRORS[kind]
    asked = Asked(route="transcriptions", fields=valid_fields(case, "transcriptions"))
    act = {"status": status, "body": {"json": {"error": {**error, "message": "Scripted."}}}}
    with case.provider.scripted(match_of(case, "transcriptions"), act) as played:
        returned = ask_sdk(case, sdk, asked, case.upload())
    if not played.used:
        raise Blocked("the provider's scripted error was met by no call of this case", _exchange(case, asked, returned))
    same = returned.status is not None and returned.status // 100 == status // 100
    named = all(returned.named.get(name) == value for name, value in error.items())
    expected = f"an error of a {status // 100}xx status with {json.dumps(error)}"
    got = (returned.error, returned.status, returned.named)
    case.judge(None if same and named else _wrong(case, asked, returned, expected, got))


@each("sdk", SDKS, "sdk.{sdk}.no-key")
def test_a_wrong_key_is_an_error_of_authentication(case: Case, sdk: SdkName) -> None:
    asked = Asked(route="transcriptions", fields=valid_fields(case, "transcriptions"), authorised=False)
    returned = ask_sdk(case, sdk, asked, case.upload())
    right = returned.error == "AuthenticationError"
    case.judge(None if right else _wrong(case, asked, returned, "AuthenticationError", returned.error))


@each("sdk", SDKS, "sdk.{sdk}.request-id")
def test_the_library_finds_a_request_id(case: Case, sdk: SdkName) -> None:
    asked = Asked(route="transcriptions", fields=valid_fields(case, "transcriptions"))
    returned = ask_sdk(case, sdk, asked, case.upload(_SECONDS))
    _call(case, asked, returned, case.upload(_SECONDS))
    found = returned.headers.get("x-request-id")
    case.judge(None if found else _wrong(case, asked, returned, "x-request-id", sorted(returned.headers)))
