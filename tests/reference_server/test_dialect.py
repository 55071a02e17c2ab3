"""The server as a gateway of OpenAI's own dialect: what its provider responds goes to the client as it comes."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from reference_server.app import create_app
from reference_server.config import from_document
from tests.reference_server.raw_provider import Play, RawProvider, answer, as_json, raw_provider
from tests.servers import serving

pytestmark = pytest.mark.slow

TOKEN = "cpeer_dialect"
KEY = "sk-provider-key"
SAY = {"model": "tts", "input": "Hello.", "voice": "alloy"}
FILE = {"file": ("a.wav", b"RIFF1234WAVE", "audio/wav")}
EVENTS = b'data: {"type": "transcript.text.delta", "delta": "Gr\xc3\xbc\xc3\x9fe"}\n\n'


@contextlib.contextmanager
def gateway(play: Play, **more: Any) -> Iterator[tuple[httpx.Client, RawProvider]]:
    """A client of the gateway in front of a provider that plays."""
    with raw_provider(play) as provider:
        document = {
            "contract": "openai-audio-2026-11",
            "providers": {
                "cloud": {"kind": "openai", "base_url": f"{provider.url}/v1", "api_key": KEY, **more},
                "remade": {"kind": "openai", "base_url": f"{provider.url}/v1", "api_key": KEY, "hands_on": False},
            },
            "models": {
                "own/words": {"capability": "transcription", "provider": "remade", "upstream_model": "gpt-9"},
                "tts": {"capability": "speech", "provider": "cloud"},
                "stt": {"capability": "transcription", "provider": "cloud", "upstream_model": "gpt-9"},
            },
            "tokens": [{"name": "test", "token": TOKEN}],
            "log_level": "critical",
        }
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with (
            serving(create_app(from_document(document))) as origin,
            httpx.Client(base_url=f"{origin}/v1", headers=headers, timeout=20) as client,
        ):
            yield client, provider


def chunks(*pieces: bytes, whole: bool = True, wait: threading.Event | None = None) -> Play:
    """A stream in chunks: after the first piece it waits for the event; without `whole` it ends unended."""

    def play(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number, piece in enumerate(pieces):
            if number and wait is not None:
                wait.wait(20)
            connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        if whole:
            connection.sendall(b"0\r\n\r\n")
        else:
            connection.shutdown(socket.SHUT_RDWR)

    return play


def test_its_base_path_is_that_of_the_dialect() -> None:
    """Unless the configuration names another, nothing is at the Audio API's."""
    with gateway(as_json({"text": "Hello."})) as (client, _):
        assert client.post("/audio/transcriptions", data={"model": "stt"}, files=FILE).status_code == 200
        elsewhere = str(client.base_url).replace("/v1", "/api/client/v1")
        assert client.post(f"{elsewhere}audio/transcriptions", data={"model": "stt"}, files=FILE).status_code == 404


def test_a_document_is_the_providers_and_no_json() -> None:
    """Byte for byte, under the provider's label; an object has no request id in it."""
    document = "1\n00:00:00,000 --> 00:00:01,000\nGrüße\n\n".encode()
    with gateway(answer(document, "text/plain; charset=utf-8")) as (client, _):
        got = client.post("/audio/transcriptions", data={"model": "stt", "response_format": "srt"}, files=FILE)
    assert (got.content, got.headers["content-type"]) == (document, "text/plain; charset=utf-8")


def test_recordings_in_json_are_refused_without_a_call() -> None:
    """The dialect has forms only."""
    with gateway(as_json({"text": "Hello."})) as (client, provider):
        got = client.post("/audio/transcriptions", json={"model": "stt", "audio": {"data": "UklGRg=="}})
    assert (got.status_code, got.json()["error"]["code"]) == (415, "unsupported_content_type")
    assert provider.requests == []


def test_fields_for_the_provider_alone_reach_it() -> None:
    """Those that the dialect documents, as they were sent; no others, and no name that is none."""
    sent = {
        "model": "stt",
        "stream": "true",
        "include[]": "logprobs",
        "chunking_strategy[type]": "server_vad",
        "mine": "x",
    }
    with gateway(as_json({"text": "Hello."})) as (client, provider):
        client.post("/audio/transcriptions", data={**sent, 'include[]"\r\nX: y': "z"}, files=FILE)
        client.post("/audio/speech", json={**SAY, "voice": {"id": "voice_1"}, "stream_format": "sse", "mine": 1})
    form, speech = provider.requests
    for name in ("stream", "include[]", "chunking_strategy[type]"):
        assert f'name="{name}"'.encode() in form.body
    assert b"mine" not in form.body
    assert b"X: y" not in form.body
    assert json.loads(speech.body) == {**SAY, "voice": {"id": "voice_1"}, "stream_format": "sse"}


def test_an_event_is_on_its_way_before_the_provider_sends_the_next() -> None:
    """The provider goes on only when the client has the first."""
    go_on = threading.Event()
    with (
        gateway(chunks(EVENTS, b"data: [DONE]\n\n", wait=go_on)) as (client, _),
        client.stream("POST", "/audio/transcriptions", data={"model": "stt", "stream": "true"}, files=FILE) as got,
    ):
        pieces = got.iter_raw()
        assert next(pieces) == EVENTS
        go_on.set()
        assert b"".join(pieces) == b"data: [DONE]\n\n"
    assert got.headers["content-type"] == "text/event-stream"


def test_a_stream_that_breaks_off_breaks_off() -> None:
    """The client sees no end that the provider did not send."""
    with gateway(chunks(EVENTS, whole=False)) as (client, _), pytest.raises(httpx.RemoteProtocolError):
        client.post("/audio/transcriptions", data={"model": "stt", "stream": "true"}, files=FILE)


def test_a_provider_that_falls_silent_in_a_stream_is_given_up() -> None:
    """After the provider's `timeout_s` without a piece the connection is closed."""
    never = threading.Event()
    with gateway(chunks(EVENTS, b"late", wait=never), timeout_s=0.5) as (client, _):
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/audio/speech", json=SAY)
        never.set()


def test_an_error_keeps_status_names_and_wait_but_no_words() -> None:
    """The provider's words may hold its key."""
    error = {
        "message": f"Key {KEY} is over its limit.",
        "type": "requests",
        "code": "rate_limit_exceeded",
        "param": KEY,
    }
    play = as_json({"error": error}, "429 Too Many Requests", "Retry-After: 7\r\nx-request-id: req_theirs\r\n")
    with gateway(play) as (client, _):
        got = client.post("/audio/speech", json=SAY)
    assert (got.status_code, got.headers["retry-after"]) == (429, "7")
    assert got.headers["x-provider-request-id"] == "req_theirs" != got.headers["x-request-id"]
    told = got.json()["error"]
    assert (told["type"], told["code"], told["param"]) == ("requests", "rate_limit_exceeded", None)
    assert KEY not in got.text


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "302 Found"])
def test_what_concerns_the_gateways_own_key_is_its_failure(status: str) -> None:
    """The client's key is good: it must not be told otherwise."""
    with gateway(as_json({"error": {"message": "No.", "type": "t", "code": "invalid_api_key"}}, status)) as (client, _):
        got = client.post("/audio/speech", json=SAY)
    assert (got.status_code, got.json()["error"]["code"]) == (500, "inference_error")


def test_a_failure_without_an_error_object_keeps_its_class() -> None:
    """A page of some proxy's says nothing that could be handed on."""
    with gateway(answer(b"<h1>Bad gateway</h1>", "text/html", "502 Bad Gateway")) as (client, _):
        got = client.post("/audio/speech", json=SAY)
    assert (got.status_code, got.json()["error"]["type"]) == (502, "server_error")


USED = {"type": "tokens", "input_tokens": 3, "output_tokens": 0, "total_tokens": 3}
TOLD = {"x-usage-input-tokens": "3", "x-usage-output-tokens": "0", "x-usage-total-tokens": "3"}


@pytest.mark.parametrize("model", ["stt", "own/words"])
@pytest.mark.parametrize(
    ("usage", "told"),
    [(USED, TOLD), ({"type": "duration", "seconds": 27}, {"x-usage-seconds": "27"}), (None, {}), ("many", {})],
    ids=["tokens", "seconds", "nothing", "no-usage"],
)
def test_headers_tell_what_the_provider_reported(model: str, usage: Any, told: dict[str, str]) -> None:
    """Whether its answer is handed on or made anew; of what it did not report they say nothing."""
    document = {"text": "Hello."} | ({} if usage is None else {"usage": usage})
    with gateway(as_json(document)) as (client, _):
        got = client.post("/audio/transcriptions", data={"model": model}, files=FILE)
    assert got.json() == document
    assert {name: value for name, value in got.headers.items() if name.startswith("x-usage-")} == told


def test_a_provider_may_be_answered_for_in_the_gateways_own_words() -> None:
    """What it says is looked at then: JSON without a text is no transcript."""
    with gateway(as_json({"words": []})) as (client, _):
        handed_on = client.post("/audio/transcriptions", data={"model": "stt"}, files=FILE)
        remade = client.post("/audio/transcriptions", data={"model": "own/words"}, files=FILE)
    assert (handed_on.status_code, handed_on.json()) == (200, {"words": []})
    assert (remade.status_code, remade.json()["error"]["type"]) == (500, "server_error")


def test_a_model_is_found_by_its_key() -> None:
    """Slashes and all; one that is not there is not found, and nobody without a token learns which."""
    with gateway(as_json({})) as (client, _):
        listed = client.get("/models").json()["data"]
        assert [client.get(f"/models/{each['id']}").json() for each in listed] == listed
        missing = client.get("/models/nobody")
        assert client.get("/models/stt", headers={"Authorization": "Bearer no"}).status_code == 401
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "model_not_found")
