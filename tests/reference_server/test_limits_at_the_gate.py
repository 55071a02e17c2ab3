"""Limits of the configuration, met through the gateway: 429, what it says, and no call to the provider."""

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from reference_server.app import create_app
from reference_server.config import from_document
from reference_server.upstreams import ProviderFailed, SpeechResponse, TranscriptResponse
from tests.servers import serving

TOKENS = ("free", "fast", "spent", "small", "brief", "metered")
LIMITS = {
    "fast": {"requests": {"limit": 2, "window_s": 60}},
    "spent": {"budget": {"total": 0}},
    "small": {"per_request": {"max_characters": 5, "max_upload_bytes": 100}},
    "brief": {"per_request": {"max_audio_seconds": 0.5}},
    "metered": {"budget": {"total": 10}},
}


class Counting:
    """An upstream that counts its calls and fails on demand."""

    def __init__(self) -> None:
        self.calls = 0
        self.fails = False

    async def synthesize(self, request: Any) -> SpeechResponse:
        self.calls += 1
        if self.fails:
            raise ProviderFailed("on demand")
        return SpeechResponse(b"fLaC" + bytes(50), "audio/flac")

    async def transcribe(self, request: Any) -> TranscriptResponse:
        self.calls += 1
        return TranscriptResponse({"text": "Hi."})

    translate = transcribe

    async def close(self) -> None:
        pass


@contextlib.contextmanager
def _limited(**more: Any) -> Iterator[tuple[httpx.Client, Counting]]:
    document = {
        "providers": {"p": {"kind": "mock"}},
        "models": {
            "tts": {"capability": "speech", "provider": "p"},
            "stt": {"capability": "transcription", "provider": "p"},
        },
        "tokens": [{"name": name, "token": f"cpeer_{name}_token"} for name in TOKENS],
        "limits": {"tokens": LIMITS},
        "log_level": "critical",
        **more,
    }
    upstream = Counting()
    with (
        serving(create_app(from_document(document), {"p": upstream})) as origin,
        httpx.Client(base_url=f"{origin}/api/client/v1", timeout=20) as client,
    ):
        yield client, upstream


def _synthesize(client: httpx.Client, token: str, text: str = "Hi.") -> httpx.Response:
    headers = {"Authorization": f"Bearer cpeer_{token}_token"}
    return client.post("/audio/speech", headers=headers, json={"model": "tts", "input": text})


def _transcribe(client: httpx.Client, token: str, audio: bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer cpeer_{token}_token"}
    return client.post("/audio/transcriptions", headers=headers, data={"model": "stt"}, files={"file": audio})


def test_a_rate_limit_refuses_with_retry_after_and_spares_the_provider() -> None:
    """Two go through, the third learns when to come back; other tokens are not touched."""
    with _limited() as (client, upstream):
        statuses = [_synthesize(client, "fast").status_code for _ in range(2)]
        refused = _synthesize(client, "fast")
        assert _synthesize(client, "free").status_code == 200
    assert [*statuses, refused.status_code] == [200, 200, 429]
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    error = refused.json()["error"]
    assert error["code"] == "rate_limit_exceeded"
    assert "2" in error["message"]
    assert upstream.calls == 3


def test_a_spent_budget_and_a_quota_refuse(recording: bytes) -> None:
    """Characters, bytes, seconds and money, each with its name in the code; none reaches the provider."""
    with _limited() as (client, upstream):
        refused = [
            _synthesize(client, "spent"),
            _synthesize(client, "small", "Too long."),
            _transcribe(client, "small", bytes(101)),
            _transcribe(client, "brief", recording),
        ]
    assert [each.status_code for each in refused] == [429] * 4
    codes = [each.json()["error"]["code"] for each in refused]
    assert codes == [
        "budget_exceeded",
        "max_characters_exceeded",
        "max_upload_bytes_exceeded",
        "max_audio_seconds_exceeded",
    ]
    assert upstream.calls == 0


def test_a_failed_call_costs_nothing() -> None:
    """The budget of ten characters pays for one answer of ten, after any number of failures."""
    with _limited() as (client, upstream):
        upstream.fails = True
        assert [_synthesize(client, "metered", "0123456789").status_code for _ in range(3)] == [500] * 3
        upstream.fails = False
        assert _synthesize(client, "metered", "0123456789").status_code == 200
        assert _synthesize(client, "metered", "0").status_code == 429


def test_a_body_is_judged_before_limits_and_a_token_before_both() -> None:
    """The order of judgement: 401, then 400, then 429."""
    with _limited() as (client, _):
        assert _synthesize(client, "unknown").status_code == 401
        assert _synthesize(client, "spent", "").status_code == 400
        assert _synthesize(client, "spent").status_code == 429


def test_a_store_that_is_down_fails_closed() -> None:
    """500 with a clear message, not ready, and no call to the provider."""
    pytest.importorskip("valkey", reason="the extra `valkey` is not installed")
    store = {"url": "valkey://127.0.0.1:9/0", "timeout_s": 0.5}
    with _limited(limit_store=store) as (client, upstream):
        closed = _synthesize(client, "fast")
        ready = client.get(str(client.base_url).removesuffix("/api/client/v1/") + "/readyz")
        assert (closed.status_code, closed.json()["error"]["code"]) == (500, "limits_unavailable")
        assert ready.status_code == 503
        assert upstream.calls == 0
