"""Which model key a request goes by, and where its call is looked for."""

from __future__ import annotations

import io
from typing import Any

import av
import pytest

from conformance.drive.calls import calls_after_all, routed, seen
from conformance.drive.requests import ask, model_key
from conformance.errors import Blocked, NotVerified, Violated
from conformance.samples.uploads import PAYLOADS, large_wav, wav_ending
from tests.conformance.drive.stubs import StubProvider, case_of

AZURE = {"models": {"azure_speech": "tts", "azure_transcription": "stt"}}


def served(**declared: Any) -> Any:
    return case_of(lambda _: 200, **declared)


def test_each_face_has_its_keys() -> None:
    case = served(**AZURE)
    assert model_key(case, "speech") == "tts-1"
    assert model_key(case, "speech", "azure") == "tts"
    assert model_key(case, "translations", "azure") == "stt"


def test_an_azure_key_that_lacks_the_deployment_is_not_judged_by_it() -> None:
    """A cluster may transcribe and not translate: its key is declared twice, and translation is left undecided."""
    declared = {"models": {**AZURE["models"], "without_deployment": {"translation": "stt"}}}
    case = served(**declared)
    assert model_key(case, "transcriptions", "azure") == "stt"
    with pytest.raises(NotVerified, match="deployment for translations"):
        model_key(case, "translations", "azure")


def test_a_call_is_looked_at_though_the_request_failed() -> None:
    """What was sent wrongly may well be why the provider refused."""
    provider = StubProvider()
    case = case_of(lambda _: 500, provider)
    provider.receive(case.text)
    assert len(seen(case, ask(case, "speech", "json"))) == 1


@pytest.mark.parametrize("status", [200, 500])
def test_no_call_is_no_accusation(status: int) -> None:
    case = case_of(lambda _: status)
    exchange = ask(case, "speech", "json")
    case.provider.journal.clear()
    with pytest.raises(Blocked):
        seen(case, exchange)


def test_the_later_request_is_none_of_the_case() -> None:
    """Its marker does not hold the case's."""
    case = served()
    assert calls_after_all(case, "speech") == []


@pytest.mark.parametrize(("reaches", "raised"), [("speech", Blocked), ("transcriptions", Violated)])
def test_served_without_a_call_is_judged_by_a_sibling(reaches: str, raised: type[Exception]) -> None:
    """Only where another request does reach the mock is it known to be behind the gateway."""
    case = case_of(lambda _: 200)
    provider, receive = case.provider, case.provider.receive

    def only_uploads(text: str) -> None:
        if reaches == "transcriptions" and "RIFF" in text:
            receive(text)

    provider.receive = only_uploads
    with pytest.raises(raised):
        routed(case, "speech", "json", "tts-1")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_awkward_uploads_are_whole_audio(payload: str) -> None:
    """They end with the awkward bytes and are decoded to the last sample."""
    data = wav_ending(PAYLOADS[payload], "mark1z")
    assert data.endswith(PAYLOADS[payload])
    assert samples_of(data) == len(data) - 44


def test_large_uploads_are_whole_audio() -> None:
    data = large_wav(100_000, "mark1z")
    assert samples_of(data) == (len(data) - 44) // 4
    assert large_wav(100_000, "mark2z") != data


def samples_of(data: bytes) -> int:
    with av.open(io.BytesIO(data)) as container:
        return sum(frame.samples for frame in container.decode(audio=0))
