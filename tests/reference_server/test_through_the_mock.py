"""Gateway -> HTTP -> mock provider, on both faces: the same audio as in process, the journal's word, scripted faults."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import httpx
import pytest

from mock_upstreams.server import start
from tests.servers import RunningGateway, running_gateway

pytestmark = pytest.mark.slow

KEY = "sk-the-providers-key"
SENTENCE = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich."
FORMATS = ("mp3", "opus", "aac", "flac", "wav", "pcm")
TIMEOUT_S = 20


class Hops(NamedTuple):
    """Both sides: the gateway, a client of it, and a client of the mock's control API."""

    gateway: RunningGateway
    client: httpx.Client
    control: httpx.Client

    def calls(self, marker: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control.get("/_mock/journal", params={"marker": marker}).json()["calls"]
        return found

    def script(self, marker: str, **act: Any) -> None:
        script = {"match": {"marker": marker}, "times": None, "act": act}
        self.control.post("/_mock/scripts", json=script).raise_for_status()


def _config(url: str) -> dict[str, Any]:
    deployments = {"transcription": "whisper-prod", "translation": "whisper-prod"}
    return {
        "providers": {
            "cloud": {"kind": "openai", "base_url": f"{url}/v1", "api_key": KEY, "timeout_s": TIMEOUT_S},
            "cluster": {"kind": "azure", "endpoint": url, "api_key": KEY, "timeout_s": TIMEOUT_S},
            "hasty": {"kind": "openai", "base_url": f"{url}/v1", "api_key": KEY, "timeout_s": 1},
            "inside": {"kind": "mock"},
        },
        "models": {
            "openai-tts": {"capability": "speech", "provider": "cloud", "upstream_model": "tts-1"},
            "openai-stt": {"capability": "transcription", "provider": "cloud", "upstream_model": "whisper-1"},
            "azure-tts": {"capability": "speech", "provider": "cluster", "deployments": {"speech": "speech-prod"}},
            "azure-stt": {"capability": "transcription", "provider": "cluster", "deployments": deployments},
            "hasty-tts": {"capability": "speech", "provider": "hasty", "upstream_model": "tts-1"},
            "hasty-stt": {"capability": "transcription", "provider": "hasty", "upstream_model": "whisper-1"},
            "inside-tts": {"capability": "speech", "provider": "inside", "upstream_model": "tts-1"},
            "inside-stt": {"capability": "transcription", "provider": "inside", "upstream_model": "whisper-1"},
        },
        "tokens": [{"name": "test", "token": "cpeer_through_the_mock"}],
        "log_level": "critical",
    }


@pytest.fixture(scope="module")
def hops() -> Iterator[Hops]:
    with start() as mock, running_gateway(_config(mock.base_url)) as gateway:
        authorization = {"Authorization": f"Bearer {mock.control_token}"}
        with (
            httpx.Client(base_url=mock.base_url, headers=authorization, timeout=30) as control,
            httpx.Client(base_url=gateway.base_url, headers=gateway.headers, timeout=30) as client,
        ):
            deployments = {"speech-prod": ["speech"], "whisper-prod": ["transcription", "translation"]}
            control.post("/_mock/models", json={"models": [], "deployments": deployments}).raise_for_status()
            yield Hops(gateway, client, control)


@pytest.mark.parametrize("name", FORMATS)
def test_audio_is_the_same_over_every_way(hops: Hops, name: str) -> None:
    """What the provider sends reaches the client byte for byte, over the wire as in process."""
    audio = [
        hops.client.post("/audio/speech", json={"model": model, "input": SENTENCE, "response_format": name})
        for model in ("openai-tts", "inside-tts", "azure-tts")
    ]
    assert audio[0].content == audio[1].content
    assert len({answer.headers["content-type"] for answer in audio}) == 1
    transcripts = [
        hops.client.post("/audio/transcriptions", data={"model": model}, files={"file": (f"a.{name}", answer.content)})
        for model, answer in zip(("openai-stt", "inside-stt", "azure-stt"), audio, strict=True)
    ]
    assert [each.json()["text"] for each in transcripts] == [SENTENCE] * 3


@pytest.mark.parametrize("face", ["openai", "azure"])
def test_the_journal_shows_every_field_unchanged(hops: Hops, face: str) -> None:
    """Fields, file, name, type and key as they should be; nothing of the client's own headers."""
    marker, upload = f"unchanged-{face}", b"RIFF" + bytes(range(256)) * 50
    fields = {
        "model": f"{face}-stt", "language": "de", "prompt": marker, "response_format": "verbose_json",
        "temperature": "0", "timestamp_granularities[]": ["word", "segment"],
    }  # fmt: skip
    refused = hops.client.post(
        "/audio/transcriptions", data=fields, files={"file": ('Größe "1" \\ 东.wav', upload, "audio/x-wav")}
    )
    assert refused.status_code == 400  # it is no recording: the provider's word, in the gateway's
    (call,) = hops.calls(marker)
    expected = {
        "field": "file",
        "name": 'Größe "1" \\ 东.wav',
        "content_type": "audio/x-wav",
        "size": len(upload),
        "sha256": hashlib.sha256(upload).hexdigest(),
    }
    assert call["file"].items() >= expected.items()
    sent = [tuple(pair) for pair in call["fields"] if pair[0] not in {"model", "file"}]
    assert sent == [
        ("language", "de"),
        ("prompt", marker),
        ("response_format", "verbose_json"),
        ("temperature", "0"),
        ("timestamp_granularities[]", "word"),
        ("timestamp_granularities[]", "segment"),
    ]
    assert call["deployment"] == ("whisper-prod" if face == "azure" else None)
    headers = dict(map(tuple, call["headers"]))
    assert headers.get("api-key" if face == "azure" else "authorization") == (
        KEY if face == "azure" else f"Bearer {KEY}"
    )
    assert hops.gateway.token not in str(call)


FAULTS: dict[str, dict[str, Any]] = {
    "status 401": {"status": 401, "body": {"json": {"error": {"message": f"bad key {KEY}"}}}},
    "status 403": {"status": 403},
    "status 500": {"status": 500, "body": {"text": "Traceback (most recent call last)"}},
    "status 502": {"status": 502, "body": {"text": "<html>"}, "content_type": "text/html"},
    "reset before headers": {"reset": "before_headers"},
    "reset before body": {"reset": "before_body"},
    "reset in the body": {"reset": "mid_body"},
    "wrong media type": {"content_type": "text/html"},
    "empty body": {"body": {"text": ""}},
    "short body": {"truncate": {"keep": 0.5, "length": "declared"}},
    "too slow": {"delay_s": 60},
    "drip": {"drip": {"chunk": 1, "interval_s": 1}},
}


@pytest.mark.parametrize("act", FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_is_a_500_and_no_more(hops: Hops, act: dict[str, Any], request: pytest.FixtureRequest) -> None:
    """The envelope in time after one call each, and the next request is served on the same connection."""
    marker = f"fault-{request.node.callspec.id}"
    hops.script(marker, **act)
    audio = hops.client.post("/audio/speech", json={"model": "hasty-tts", "input": marker})
    transcripts = hops.client.post(
        "/audio/transcriptions", data={"model": "hasty-stt", "prompt": marker}, files={"file": _recording(hops)}
    )
    for answer in (audio, transcripts):
        assert answer.status_code == 500
        assert answer.json()["error"]["code"] == "inference_error"
        assert KEY not in answer.text
        assert "Traceback" not in answer.text
    assert len(hops.calls(marker)) == 2
    assert hops.client.post("/audio/speech", json={"model": "openai-tts", "input": "Well."}).status_code == 200


def test_malformed_json_is_a_500(hops: Hops) -> None:
    """A transcript that cannot be read is none."""
    hops.script("malformed", malform=True)
    fields = {"model": "openai-stt", "prompt": "malformed"}
    answer = hops.client.post("/audio/transcriptions", data=fields, files={"file": _recording(hops)})
    assert answer.status_code == 500


def test_fifty_held_requests_are_released_in_any_order(hops: Hops) -> None:
    """Each gets its own answer, the last one released first."""
    hops.control.put("/_mock/gates/fifty").raise_for_status()
    hops.script("held-", hold="fifty")
    with ThreadPoolExecutor(50) as pool:

        def synthesize(number: int) -> bytes:
            body = {"model": "openai-tts", "input": f"held-{number}", "response_format": "flac"}
            return hops.client.post("/audio/speech", json=body).raise_for_status().content

        flying = [pool.submit(synthesize, number) for number in range(50)]
        hops.control.get("/_mock/gates/fifty", params={"waiting_at_least": 50, "wait_s": 15}).raise_for_status()
        held = sorted(hops.calls("held-"), key=lambda call: -call["position"])
        assert len(held) == 50
        for call in held:
            hops.control.post("/_mock/gates/fifty/release", json={"position": call["position"]}).raise_for_status()
        audio = [each.result() for each in flying]
    for number in (0, 17, 49):
        fields = {"model": "inside-stt"}
        transcripts = hops.client.post("/audio/transcriptions", data=fields, files={"file": audio[number]})
        assert transcripts.json()["text"] == f"held-{number}"


def _recording(hops: Hops) -> bytes:
    return hops.client.post("/audio/speech", json={"model": "inside-tts", "input": "Hi."}).content
