"""What the adapters `openai` and `azure` put on the wire, and what becomes of what comes back."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from reference_server.app import create_app
from reference_server.config import from_document
from tests.reference_server.raw_provider import Play, RawProvider, answer, as_json, raw_provider, reset, silence
from tests.servers import serving

pytestmark = pytest.mark.slow

TOKEN = "cpeer_wire_test"
KEY = "sk-provider-key"
MP3 = b"\xff\xf3\x84\xc4" + bytes(400)
SAY = {"model": "tts", "input": "Grüße, мир 👋"}
FILE = {"file": ('тон \\ "a".wav', b"RIFF1234WAVE" + bytes(range(256)), "audio/x-wav")}


def _document(url: str, **more: Any) -> dict[str, Any]:
    return {
        "providers": {
            "cloud": {"kind": "openai", "base_url": f"{url}/v1", "api_key": KEY, **more},
            "cluster": {"kind": "azure", "endpoint": url, "api_key": KEY, "api_version": "2025-01-01", **more},
        },
        "models": {
            "tts": {"capability": "speech", "provider": "cloud", "upstream_model": "tts-9"},
            "stt": {"capability": "transcription", "provider": "cloud", "upstream_model": "whisper-9"},
            "azure-tts": {"capability": "speech", "provider": "cluster", "deployments": {"speech": "my speech"}},
            "azure-stt": {"capability": "transcription", "provider": "cluster", "deployments": {"transcription": "w"}},
            "azure-mute": {"capability": "speech", "provider": "cluster", "deployments": {}},
        },
        "tokens": [{"name": "test", "token": TOKEN}],
        "log_level": "critical",
    }


@contextlib.contextmanager
def _between(play: Play, **more: Any) -> Iterator[tuple[httpx.Client, RawProvider]]:
    """A client of a gateway in front of a provider that plays."""
    with raw_provider(play) as provider, serving(create_app(from_document(_document(provider.url, **more)))) as origin:
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Client": "mine"}
        with httpx.Client(base_url=f"{origin}/api/client/v1", headers=headers, timeout=20) as client:
            yield client, provider


def test_speech_reaches_openai_with_every_field_and_no_other() -> None:
    """The provider's model name and key, the client's fields unchanged, none of the client's headers."""
    full = {**SAY, "voice": "alloy", "response_format": "mp3", "speed": 1.5, "instructions": "Slow.", "x": 1}
    with _between(answer(MP3, "audio/mpeg")) as (client, provider):
        whole = client.post("/audio/speech", json=full)
        client.post("/audio/speech", json={**SAY, "response_format": "midi", "voice": "", "speed": None})
    assert (whole.status_code, whole.content) == (200, MP3)
    first, second = provider.requests
    assert first.line == "POST /v1/audio/speech HTTP/1.1"
    assert first.headers["authorization"] == f"Bearer {KEY}"
    assert "x-client" not in first.headers
    del full["x"]
    assert json.loads(first.body) == {**full, "model": "tts-9"}
    assert json.loads(second.body) == {**SAY, "model": "tts-9"}
    assert TOKEN not in str(provider.requests)
    assert provider.connections == 1


def test_a_transcription_reaches_openai_byte_for_byte() -> None:
    """Each field once, granularities repeated, the file's bytes, name and type as the client sent them."""
    fields = {
        "model": "stt", "language": "de", "prompt": "Grüße", "response_format": "verbose_json", "temperature": "0",
        "timestamp_granularities[]": ["word", "segment"],
    }  # fmt: skip
    with _between(as_json({"text": "Hallo.", "words": [], "task": "transcribe"})) as (client, provider):
        transcript = client.post("/audio/transcriptions", data=fields, files=FILE)
        client.post("/audio/translations", data=fields, files=FILE)
    assert transcript.json() == {
        "text": "Hallo.", "words": [], "task": "transcribe", "request_id": transcript.headers["x-request-id"],
    }  # fmt: skip
    first, second = provider.requests
    assert first.line == "POST /v1/audio/transcriptions HTTP/1.1"
    assert [part for part in _parts(first.body) if part[0] != "file"] == [
        ("model", b"whisper-9"),
        ("language", b"de"),
        ("prompt", "Grüße".encode()),
        ("response_format", b"verbose_json"),
        ("temperature", b"0"),
        ("timestamp_granularities[]", b"word"),
        ("timestamp_granularities[]", b"segment"),
    ]
    assert first.body.count('filename="тон \\ %22a%22.wav"\r\nContent-Type: audio/x-wav\r\n\r\nRIFF'.encode()) == 1
    assert ("file", FILE["file"][1]) in _parts(first.body)
    assert second.line == "POST /v1/audio/translations HTTP/1.1"
    assert [name for name, _ in _parts(second.body)] == ["model", "prompt", "response_format", "temperature", "file"]


def _parts(body: bytes) -> list[tuple[str, bytes]]:
    boundary = body.partition(b"\r\n")[0]
    parts = [part.partition(b"\r\n\r\n") for part in (b"\r\n" + body).split(b"\r\n" + boundary)[1:-1]]
    return [(head.split(b'name="')[1].split(b'"')[0].decode(), content) for head, _, content in parts]


def test_azure_is_addressed_by_deployment() -> None:
    """The mapped deployment in the path, the version in the query, the key in `api-key`."""
    with _between(answer(MP3, "audio/mpeg")) as (client, provider):
        assert client.post("/audio/speech", json={**SAY, "model": "azure-tts"}).status_code == 200
        provider.play = as_json({"text": "Hi."})
        assert client.post("/audio/transcriptions", data={"model": "azure-stt"}, files=FILE).json()["text"] == "Hi."
    lines = [request.line.split()[1] for request in provider.requests]
    assert lines == [
        "/openai/deployments/my%20speech/audio/speech?api-version=2025-01-01",
        "/openai/deployments/w/audio/transcriptions?api-version=2025-01-01",
    ]
    assert all(request.headers["api-key"] == KEY for request in provider.requests)
    assert all("authorization" not in request.headers for request in provider.requests)


def test_an_azure_model_without_a_deployment_is_refused_without_a_call() -> None:
    """400 that says so, for speech and for a single missing operation."""
    with _between(answer(MP3, "audio/mpeg")) as (client, provider):
        mute = client.post("/audio/speech", json={**SAY, "model": "azure-mute"})
        untranslated = client.post("/audio/translations", data={"model": "azure-stt"}, files=FILE)
    for refused in (mute, untranslated):
        assert refused.status_code == 400
        assert refused.json()["error"]["code"] == "deployment_not_found"
    assert provider.requests == []


@pytest.mark.parametrize(("name", "text"), [("text", "Hi.\n"), ("srt", "1\n..."), ("vtt", "WEBVTT\n\n...")])
def test_a_providers_document_becomes_the_text(name: str, text: str) -> None:
    """A plain body is passed on exactly, as a string."""
    with _between(answer(text.encode(), "text/plain; charset=utf-8")) as (client, _):
        transcript = client.post("/audio/transcriptions", data={"model": "stt", "response_format": name}, files=FILE)
    assert transcript.json() == {"text": text, "request_id": transcript.headers["x-request-id"]}


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 404\r\n\r\n"
FAULTS: dict[str, Play] = {
    "401": as_json({"error": {"message": f"Incorrect API key: {KEY}"}}, "401 Unauthorized"),
    "403": as_json({"error": {"message": "no"}}, "403 Forbidden"),
    "500": as_json({"error": {"message": "Traceback (most recent call last)"}}, "500 Internal Server Error"),
    "503": answer(b"<html>", "text/html", "503 Service Unavailable"),
    "redirect": answer(b"", "text/html", "302 Found", "Location: http://127.0.0.1:9/\r\n"),
    "no content": answer(b"", "text/html", "204 No Content"),
    "reset before an answer": reset(),
    "reset after the headers": reset(HEAD),
    "reset in the body": reset(HEAD + MP3[:200]),
    "end before the declared length": answer(MP3, "audio/mpeg", length=5000),
    "empty body": answer(b"", "audio/mpeg"),
    "a page instead of an answer": answer(b"<html>", "text/html"),
    "json instead of an answer": as_json(["no"]),
    "broken json": answer(b'{"text": "Hi', "application/json"),
    "no http": lambda connection: connection.sendall(b"SSH-2.0\r\n\r\n") or connection.close(),
    "silence": silence,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_failing_provider_is_a_500_in_time_after_one_call(fault: Play) -> None:
    """The envelope, nothing of the provider's words or key; then the next request is served."""
    with _between(fault, timeout_s=1) as (client, provider):
        failed = [
            client.post("/audio/speech", json=SAY),
            client.post("/audio/transcriptions", data={"model": "stt"}, files=FILE),
        ]
        assert len(provider.requests) == 2
        provider.play = answer(MP3, "audio/mpeg")
        assert client.post("/audio/speech", json=SAY).status_code == 200
    for each in failed:
        assert each.status_code == 500
        assert each.json()["error"]["code"] == "inference_error"
        assert KEY not in each.text
        assert "Traceback" not in each.text


def test_mislabelled_audio_is_a_failure() -> None:
    """Bytes of one format under the name of another never become a 200."""
    with _between(answer(b"fLaC" + bytes(100), "audio/wav")) as (client, _):
        assert client.post("/audio/speech", json=SAY).status_code == 500


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "413 Too Large", "415 No", "422 No"])
def test_a_providers_refusal_is_a_400_in_our_words(status: str) -> None:
    """The field is passed on when it is one of the contract's; the provider's message is not."""
    refusal = as_json({"error": {"message": f"bad, {KEY}", "param": "voice"}}, status)
    with _between(refusal) as (client, provider):
        refused = client.post("/audio/speech", json={**SAY, "voice": "nobody"})
        assert len(provider.requests) == 1
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == "voice"
    assert KEY not in refused.text


def test_a_providers_rate_limit_is_passed_on() -> None:
    """429 with its Retry-After."""
    with _between(as_json({}, "429 Too Many Requests", "Retry-After: 7\r\n")) as (client, provider):
        busy = client.post("/audio/speech", json=SAY)
        assert len(provider.requests) == 1
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "7")


def test_nothing_listens() -> None:
    """A provider that cannot be reached is a provider that failed."""
    with serving(create_app(from_document(_document("http://127.0.0.1:9")))) as origin:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert httpx.post(f"{origin}/api/client/v1/audio/speech", headers=headers, json=SAY).status_code == 500
