"""What the gateway makes of a provider that fails: passed on, swallowed, waited for, or told with too much."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from tests.mutants.behind import Told, misreports, way
from tests.mutants.conditions import When, on, sent, status
from tests.mutants.exchange import ROUTES, TRANSCRIPTS, Answer, Asked, error_answer
from tests.mutants.fault import Fault, Forward, Mutant, Settings
from tests.mutants.faults.robustness import sulking
from tests.mutants.recipes import transcript

_AZURE_KEYS = {"azure-tts", "azure-stt"}
_BROKEN = {"RemoteProtocolError", "ReadError"}


def _passed_on(code: int) -> Callable[[Asked, Answer], Answer]:
    return lambda _, answer: answer.with_status(code)


def _status_of_provider(_: Asked, answer: Answer) -> Answer:
    return answer.with_status(way().told[-1].status)


def _body_of_provider(_: Asked, answer: Answer) -> Answer:
    """The provider's bytes as if they were the answer."""
    told = way().told[-1]
    return answer.with_status(200).with_body(told.body, told.media_type or "audio/mpeg")


def _as_audio(_: Asked, answer: Answer) -> Answer:
    return answer.with_status(200).with_body(way().told[-1].body, "audio/mpeg")


def _empty_text(_: Asked, __: Answer) -> Answer:
    return transcript()


def _raw_text(_: Asked, __: Answer) -> Answer:
    return transcript(way().told[-1].body.decode("utf-8", "replace"))


def _is(code: int) -> Callable[[Told], bool]:
    return lambda told: told.status == code and not told.trouble


def _broken_off(told: Told) -> bool:
    return told.trouble in _BROKEN and told.status == 200


def _cut_before(told: Told) -> bool:
    return told.trouble in _BROKEN and told.status == 0


def _empty(told: Told) -> bool:
    return told.status == 200 and not told.trouble and not told.body


def _silent(told: Told) -> bool:
    return told.trouble == "CancelledError"


def _of_type(media_type: str) -> Callable[[Told], bool]:
    return lambda told: told.status == 200 and told.media_type == media_type and not told.trouble


def _broken_json(told: Told) -> bool:
    if told.status != 200 or told.media_type != "application/json" or not told.body:
        return False
    try:
        json.loads(told.body)
    except ValueError:
        return True
    return False


def _without_text(told: Told) -> bool:
    if told.status != 200 or told.media_type != "application/json" or _broken_json(told):
        return False
    document = json.loads(told.body or b"0")
    return not (isinstance(document, dict) and isinstance(document.get("text"), str))


def _partial_as_whole(route: str) -> Fault:
    """What came before the connection broke is taken for all of it."""

    async def wire(request: httpx.Request, forward: Forward) -> httpx.Response:
        try:
            return await forward(request)
        except (httpx.RemoteProtocolError, httpx.ReadError):
            told = way().told[-1]
            if told.status != 200 or not request.url.path.endswith(route):
                raise
            return httpx.Response(200, headers={"content-type": told.media_type}, content=told.body)

    return Fault(wire=(wire,))


def _waits_for_ever(provider: str) -> Fault:
    def edit(settings: Settings) -> None:
        settings["providers"][provider]["timeout_s"] = 600

    return Fault(settings=(edit,))


_TRACE = (
    'Traceback (most recent call last):\n  File "/srv/gateway/app/providers.py", line 87, in call\nConnectionResetError'
)


def _with_trace(_: Asked, answer: Answer) -> Answer:
    return error_answer(answer.status, _TRACE)


def _every_route(route: str) -> list[tuple[str, str, Any, Any, str]]:
    """Name, requirement, what the provider told, what becomes of it, row of the real bugs."""
    success = _as_audio if route == "speech" else _empty_text
    return [
        ("provider-401-passed-on", "status-401", _is(401), _passed_on(401), "H1"),
        ("provider-403-passed-on", "status-403", _is(403), _passed_on(403), ""),
        ("provider-500-swallowed", "status-500", _is(500), success, "G20"),
        ("provider-500-a-400", "status-500", _is(500), _passed_on(400), "G4"),
        ("provider-502-passed-on", "status-502", _is(502), _status_of_provider, "A10"),
        ("provider-502-swallowed", "status-502", _is(502), success, "G20"),
        ("provider-503-passed-on", "status-503", _is(503), _passed_on(503), "G20"),
        ("provider-504-passed-on", "status-5xx", lambda told: told.status > 503, _status_of_provider, "A10"),
        ("odd-5xx-swallowed", "status-5xx", lambda told: told.status == 501 or told.status > 503, success, "G20"),
        ("reset-a-bad-gateway", "reset-before-headers", _cut_before, _passed_on(502), "A10"),
        ("empty-body-served", "empty-body", _empty, success, "G5"),
        ("page-served", "wrong-media-type", _of_type("text/html"), _body_of_provider, "G1"),
        ("silence-a-time-out", "silent", _silent, _passed_on(504), "G8"),
        ("refusal-404-passed-on", "refusal", _is(404), _passed_on(404), ""),
        ("refusal-422-passed-on", "refusal", _is(422), _passed_on(422), ""),
        ("refusal-413-swallowed", "refusal", _is(413), success, "G10"),
        ("provider-429-a-503", "limit", _is(429), _passed_on(503), ""),
        ("provider-429-a-400", "limit", _is(429), _passed_on(400), "A2"),
        ("slow-answers-given-up", "slow", lambda told: told.status == 200 and told.body_s > 0.1, _passed_on(500), ""),
        ("trace-of-the-provider-call", "discreet", lambda told: told.status >= 500, _with_trace, "G11"),
    ]  # fmt: skip


_ONLY_SPEECH = (
    ("json-served-as-audio", "json-instead", _of_type("application/json"), _as_audio, "G1"),
    ("no-audio-served", "no-audio", lambda told: told.status == 200 and told.media_type not in _NO_AUDIO and not told.media_type.startswith("audio/"), _body_of_provider, "E3"),
    ("broken-off-speech-an-empty-200", "reset-mid-body", _broken_off, lambda _, answer: answer.with_status(200).with_body(b"", "audio/mpeg"), "G5"),
)  # fmt: skip
_NO_AUDIO = {"", "text/html", "application/json"}
_ONLY_TRANSCRIPTS = (
    ("broken-json-as-text", "broken-json", _broken_json, _raw_text, "A1"),
    ("broken-off-empty-text", "reset-mid-body", _broken_off, _empty_text, "G20"),
    ("short-answer-empty-text", "truncated", _broken_off, _empty_text, "G20"),
    ("no-text-an-error-in-200", "no-text", _without_text, _body_of_provider, "G1"),
    ("no-text-empty-text", "no-text", _without_text, _empty_text, ""),
    ("no-text-a-502", "no-text", _without_text, _passed_on(502), ""),
)


def _azure(route: str) -> list[tuple[str, str, Any, Any]]:
    success = _as_audio if route == "speech" else _empty_text
    return [
        ("azure-failures-passed-on", "failures", lambda told: told.status >= 500, _status_of_provider_or_502),
        ("azure-failures-swallowed", "failures", lambda told: told.status in {500, 503}, success),
        ("azure-refusals-passed-on", "refusals", lambda told: told.status in {404, 413, 415, 422}, _status_of_provider),
        ("azure-silence-a-time-out", "silent", _silent, _passed_on(504)),
    ]


def _status_of_provider_or_502(_: Asked, answer: Answer) -> Answer:
    code = way().told[-1].status
    return answer.with_status(502 if code == 500 else code)


def _from_azure(route: str) -> When:
    return on(route) & sent("model", lambda v: v in _AZURE_KEYS)


_EACH = [
    *((route, *row) for route in ROUTES for row in _every_route(route)),
    *(("speech", *row) for row in _ONLY_SPEECH),
    *((route, *row) for route in TRANSCRIPTS for row in _ONLY_TRANSCRIPTS),
]

MUTANTS = (
    *(Mutant(f"{route}-{name}", f"failures.{route}.{kills}", misreports(told, becomes, on(route)), bug) for route, name, kills, told, becomes, bug in _EACH),
    *(Mutant(f"{route}-{name}", f"azure.{route}.{kills}", misreports(told, becomes, _from_azure(route))) for route in ROUTES for name, kills, told, becomes in _azure(route)),
    Mutant("speech-partial-taken-for-whole", "failures.speech.reset-mid-body", _partial_as_whole("speech"), "E5"),
    Mutant("speech-short-taken-for-whole", "failures.speech.truncated", _partial_as_whole("speech"), "E5"),
    Mutant("speech-waits-for-ever", "failures.speech.silent", _waits_for_ever("openai"), "G8"),
    *(Mutant(f"{route}-sulks-after-a-500", f"failures.{route}.recovery", sulking(route, status(500))) for route in ROUTES),
)  # fmt: skip
