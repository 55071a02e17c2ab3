"""The client of the control API, against a mock that runs here: scripts, recorded calls, gates, and its own trouble."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest

from conformance.audio.samples import speech_like_wav
from conformance.errors import ProviderUnreachable
from conformance.mock.calls import ScriptedResponse
from conformance.mock.control import MockControl
from conformance.mock.launch import running_mock

TOKEN = "control-token"


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with running_mock("127.0.0.1:0", TOKEN) as url:
        yield url


@pytest.fixture
def mock(origin: str) -> Iterator[MockControl]:
    with closing(MockControl(origin, TOKEN)) as control:
        yield control


def speak(origin: str, text: str) -> httpx.Response:
    headers = {"Authorization": "Bearer sk-any"}
    body = {"model": "tts-1", "input": text, "response_format": "wav"}
    return httpx.post(f"{origin}/v1/audio/speech", json=body, headers=headers, trust_env=False)


def transcribe(origin: str, name: str, data: bytes) -> None:
    headers = {"Authorization": "Bearer sk-any"}
    files = {"file": (name, data, "audio/wav")}
    url = f"{origin}/v1/audio/transcriptions"
    httpx.post(url, data={"model": "whisper-1"}, files=files, headers=headers, trust_env=False).raise_for_status()


def test_calls_are_found_by_what_they_contain_and_by_position(origin: str, mock: MockControl) -> None:
    since = mock.position()
    speak(origin, "mark1z")
    speak(origin, "Mark2z")
    (first,) = mock.calls(marker="mark1z")
    assert first.position == since + 1
    assert dict(first.fields)["input"] == "mark1z"
    assert first.response
    assert first.response.status == 200
    assert [each.position for each in mock.calls(since=since)] == [since + 1, since + 2]
    assert mock.calls(marker="mark2z") == []
    assert len(mock.calls(marker="mark2z", any_case="true")) == 1


def test_one_question_finds_what_has_the_marker_and_what_has_the_upload(origin: str, mock: MockControl) -> None:
    upload = speech_like_wav("mark8z", 0.2)
    speak(origin, "mark8z")
    for name, data in (
        ("mark8z.wav", speech_like_wav("mark9z", 0.2)),
        ("spoilt.wav", upload),
        ("other.wav", upload[:-2]),
    ):
        transcribe(origin, name, data)
    found = mock.calls(marker="mark8z", or_sha256=hashlib.sha256(upload).hexdigest())
    assert [each.file and each.file.name for each in found] == [None, "mark8z.wav", "spoilt.wav"]


def test_a_case_finds_no_call_from_before_it(origin: str, mock: MockControl) -> None:
    speak(origin, "mark10z")
    assert len(mock.calls(marker="mark10z")) == 1
    case = mock.for_case()
    assert case.calls(marker="mark10z") == []
    speak(origin, "mark10z")
    assert len(case.calls(marker="mark10z")) == 1
    assert len(case.calls(marker="mark10z", since=0)) == 2


def test_a_mock_that_was_started_anew_counts_anew(origin: str, mock: MockControl) -> None:
    speak(origin, "mark11z")
    mock.since = mock.position() + 1000
    assert len(mock.calls(marker="mark11z")) == 1


def test_a_script_holds_as_long_as_it_is_entered(origin: str, mock: MockControl) -> None:
    with mock.scripted({"marker": "mark3z"}, {"status": 418, "body": {"text": "no"}}) as played:
        assert speak(origin, "mark3z").status_code == 418
        assert speak(origin, "mark4z").status_code == 200
    assert played.used == 1
    assert speak(origin, "mark3z").status_code == 200
    assert [bool(each.script) for each in mock.calls(marker="mark3z")] == [True, False]


def test_a_case_knows_what_was_scripted_for_it_and_nothing_of_others(mock: MockControl) -> None:
    """Also after the script has ended: a finding comes later, and says what the mock was told to do."""
    one, other = mock.for_case(), mock.for_case()
    with one.scripted({"marker": "mark5z"}, {"status": 418, "body": {"text": "no"}}, times=2):
        assert other.script == mock.script == ()

    assert one.script == (ScriptedResponse({"marker": "mark5z"}, {"status": 418, "body": {"text": "no"}}, 2),)


def test_a_gate_holds_calls_until_it_lets_one_or_all_go(origin: str, mock: MockControl) -> None:
    with ThreadPoolExecutor(2) as pool, mock.gate("gate5") as gate:
        with mock.scripted({"marker": "mark5z"}, {"hold": gate.name}):
            waiting = [pool.submit(speak, origin, "mark5z") for _ in range(2)]
            assert gate.wait_for(2) == 2
            held = mock.calls(marker="mark5z")
            assert [each.state for each in held] == ["held", "held"]
            gate.release(position=held[1].position)
            mock.calls(marker="mark5z", state="answered", at_least=1)
            assert [each.state for each in mock.calls(marker="mark5z")] == ["held", "answered"]
            gate.release()
        assert [future.result().status_code for future in waiting] == [200, 200]


def test_a_call_that_waits_no_more_need_not_be_let_go(mock: MockControl) -> None:
    with mock.gate("gate6") as gate:
        gate.release(position=12345)


def test_a_registered_deployment_is_known(origin: str, mock: MockControl) -> None:
    def asked() -> int:
        url = f"{origin}/openai/deployments/my-own/audio/speech?api-version=2025-04-01-preview"
        return httpx.post(url, json={"input": "x"}, headers={"api-key": "any"}, trust_env=False).status_code

    assert asked() == 404
    mock.register({}, {"my-own": ["speech"]})
    assert asked() == 200


def test_a_typo_in_an_act_is_the_callers_own_error(mock: MockControl) -> None:
    """A plain ValueError, with the field and all that the mock says of it."""
    with pytest.raises(ValueError, match="truncat") as raised, mock.scripted({}, {"truncat": {"keep": 0.5}}):
        pass

    assert "truncate" in str(raised.value)
    assert "drip" in str(raised.value)


def test_half_a_body_need_not_be_asked_for(origin: str, mock: MockControl) -> None:
    """`truncate: {}` says all that it takes."""
    with mock.scripted({}, {"body": {"text": "0123456789"}, "truncate": {"length": "actual"}}):
        answer = httpx.post(f"{origin}/v1/audio/speech", json={"model": "tts-1", "input": "x"}, trust_env=False)
    assert answer.text == "01234"


def test_another_token_is_the_harness_own_trouble(origin: str) -> None:
    """Never the gateway's: the error says whose, and what to look at."""
    with closing(MockControl(f"{origin}/", "another")) as control, pytest.raises(ProviderUnreachable) as raised:
        control.position()
    assert "refused GET /_mock/journal/position: 401" in raised.value.message
    assert raised.value.hint == "Is control_token right?"


def test_nobody_there_is_the_harness_own_trouble() -> None:
    with running_mock("127.0.0.1:0", TOKEN) as url:
        pass
    with closing(MockControl(url, TOKEN)) as control, pytest.raises(ProviderUnreachable) as raised:
        control.position()
    assert raised.value.message.startswith(f"The mock provider at {url} does not answer (")
    assert raised.value.hint == "Is it running, and is control_url right?"
