"""A running mock with its two kinds of client: somebody who calls the provider, and somebody who controls the mock."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from mock_upstreams.server import start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_upstreams.config import Settings
    from mock_upstreams.server import RunningMock

KEY = "sk-provider-key"
DEPLOYMENTS = {"speech-prod": ["speech"], "whisper-prod": ["transcription", "translation"]}
HELLO = {"model": "tts-1", "input": "Hello there, general.", "voice": "alloy"}


@dataclass(frozen=True, slots=True)
class Bench:
    """``caller`` has a provider's key and keeps no connection that a fault would spoil; ``control`` has the token."""

    running: RunningMock
    caller: httpx.Client
    control: httpx.Client

    @property
    def base_url(self) -> str:
        return self.running.base_url

    def synthesize(self, text: str = HELLO["input"], **fields: Any) -> httpx.Response:
        return self.caller.post("/v1/audio/speech", json=HELLO | {"input": text} | fields)

    def transcribe(self, audio: bytes, name: str = "speech.mp3", path: str = "/v1/audio/transcriptions", **fields: Any):
        return self.caller.post(path, data={"model": "whisper-1"} | fields, files={"file": (name, audio)})

    def script(self, act: dict, match: dict | None = None, times: int | None = 1) -> dict:
        answer = self.control.post("/scripts", json={"match": match or {}, "act": act, "times": times})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def calls(self, **wanted: Any) -> list[dict]:
        answer = self.control.get("/journal", params=wanted)
        assert answer.status_code == 200, answer.text
        return answer.json()["calls"]


@contextmanager
def bench(settings: Settings | None = None, **options: Any) -> Iterator[Bench]:
    """Start a mock on a free port; Azure deployments are registered over the control API, as the suite does it."""
    with start(settings=settings, **options) as mock, _control(mock) as control, _caller(mock) as caller:
        control.post("/models", json={"models": ["my-tts"], "deployments": DEPLOYMENTS}).raise_for_status()
        yield Bench(mock, caller, control)


def _caller(mock: Any) -> httpx.Client:
    return httpx.Client(
        base_url=mock.base_url,
        headers={"authorization": f"Bearer {KEY}", "api-key": KEY},
        limits=httpx.Limits(max_keepalive_connections=0),
        timeout=30,
        trust_env=False,
    )


def _control(mock: Any) -> httpx.Client:
    headers = {"authorization": f"Bearer {mock.control_token}"}
    return httpx.Client(base_url=f"{mock.base_url}/_mock", headers=headers, timeout=60, trust_env=False)


@contextmanager
def raw_speech(mock: Bench) -> Iterator[socket.socket]:
    """Send a speech call over a bare socket, and yield the socket; leaving closes it."""
    address, body = urlsplit(mock.base_url), json.dumps(HELLO).encode()
    head = (
        "POST /v1/audio/speech HTTP/1.1\r\nhost: mock\r\nauthorization: Bearer k\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), 20) as wire:
        wire.sendall(head.encode() + body)
        yield wire


def received(wire: socket.socket) -> tuple[bytes, int]:
    """Return all bytes until the connection ends, and how it ended: 0 in good order, else the error number."""
    pieces = []
    try:
        while piece := wire.recv(2**20):
            pieces.append(piece)
    except OSError as error:
        return b"".join(pieces), error.errno or -1
    return b"".join(pieces), 0
