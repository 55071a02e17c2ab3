"""What is asked under load, and what its answers are held to: without Locust and without a gateway."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance import contracts
from conformance.audio.samples import speech_like_wav
from conformance.http.client import Gateway
from conformance.http.endpoint import endpoint_of
from conformance.http.exchange import Answer, Exchange
from conformance.load.turns import Turn, Turns
from conformance.target import FORMATS, parse

BASE = {"base_url": "http://gateway.test/v1", "token": "cpeer_load"}
MOCK = {"mock_provider": {"control_url": "http://mock.test", "control_token": "x"}}
WAV = speech_like_wav("any", 0.3)


def turns(**declared: Any) -> Turns:
    target = parse({**BASE, **declared})
    return Turns(contracts.load(target.contract), target, Gateway(endpoint_of(target), target.token, timeout_s=1))


def answer(turn: Turn, status: int, content_type: str, body: bytes | dict[str, Any]) -> Exchange:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(turn.request, Answer(status, (("content-type", content_type), ("x-request-id", "req_1")), data))


def spoken_in_wav(load: Turns) -> Turn:
    return next(turn for turn in (load.speech() for _ in FORMATS) if turn.name == "speech wav")


@pytest.mark.parametrize(
    ("declared", "formats"),
    [
        ({}, {None}),
        ({"expect": {"formats": ["mp3", "wav"]}}, {"mp3", "wav"}),
        (MOCK, set(FORMATS)),
    ],
)
def test_no_format_is_asked_that_the_gateway_may_not_have(declared: dict[str, Any], formats: set[str | None]) -> None:
    load = turns(**declared)
    asked = [json.loads(load.speech().request.body).get("response_format") for _ in range(12)]
    assert set(asked) == formats


def test_each_request_has_a_marker_of_its_own() -> None:
    load = turns()
    texts = {json.loads(load.speech().request.body)["input"] for _ in range(50)}
    assert len(texts) == 50


def test_sound_speech_is_kept_and_has_to_be_heard_as_it_was_spoken() -> None:
    """The transcript of it is the text; that of another recording is accused."""
    load = turns(**MOCK)
    spoken = spoken_in_wav(load)
    said = json.loads(spoken.request.body)["input"]
    sound = answer(spoken, 200, "audio/wav", WAV)
    assert spoken.finding(sound) is None
    spoken.keep(sound)

    heard = load.transcript("transcriptions")
    right = answer(heard, 200, "application/json", {"text": said, "request_id": "req_1"})
    wrong = answer(heard, 200, "application/json", {"text": "Somebody else's.", "request_id": "req_1"})
    assert heard.finding(right) is None
    found = heard.finding(wrong)
    assert found
    assert "of what the gateway spoke: the text differs" in found.message


def test_a_text_is_not_judged_where_nobody_knows_it() -> None:
    """Without the mock, what a provider hears in a recording is its own affair."""
    load = turns()
    spoken = load.speech()
    spoken.keep(answer(spoken, 200, "audio/wav", WAV))
    heard = load.transcript("transcriptions")
    assert heard.finding(answer(heard, 200, "application/json", {"text": "Anything.", "request_id": "req_1"})) is None


@pytest.mark.parametrize(
    ("status", "content_type", "body", "words"),
    [
        (200, "audio/wav", WAV[:-1], "not a whole stream of wav"),
        (200, "audio/mpeg", WAV, "Content-Type and bytes disagree"),
        (500, "application/json", {"error": {"message": "no", "type": "t"}}, "wrong status"),
        (500, "text/plain", b"Internal Server Error", "the error is labelled text/plain"),
    ],
)
def test_speech_that_is_not_right_is_accused(status: int, content_type: str, body: Any, words: str) -> None:
    turn = spoken_in_wav(turns(**MOCK))
    found = turn.finding(answer(turn, status, content_type, body))
    assert found
    assert words in found.message


def test_no_answer_is_accused() -> None:
    turn = turns().speech()
    found = turn.finding(Exchange(turn.request, None, "no whole answer within 35 s", timed_out=True))
    assert found
    assert found.got == "no whole answer within 35 s"


def test_a_wrong_token_has_to_be_refused_as_the_contract_says() -> None:
    turn = turns().refusal()
    refused = {"error": {"message": "no such token", "type": "authentication_error"}}
    assert dict(turn.request.headers)["Authorization"] != f"Bearer {BASE['token']}"
    assert turn.finding(answer(turn, 401, "application/json", refused)) is None
    for status, body in ((403, refused), (401, {"detail": "no"}), (200, refused)):
        assert turn.finding(answer(turn, status, "application/json", body))


def test_one_too_many_is_no_fault_but_its_error_is_judged() -> None:
    load = turns()
    turn = load.speech()
    busy = answer(turn, 429, "application/json", {"error": {"message": "slow down", "type": "rate_limit"}})
    bare = answer(turn, 503, "text/html", b"<h1>busy</h1>")
    assert load.is_held_off(busy)
    assert load.is_held_off(bare)
    assert load.badly_held_off(busy) is None
    assert load.badly_held_off(bare)
