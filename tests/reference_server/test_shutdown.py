"""SIGTERM under load: what is in flight finishes, what is new gets 503, and the process ends with status 0."""

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.reference_server.raw_provider import RawProvider, answer, raw_provider
from tests.servers import RunningGateway, running_gateway

pytestmark = pytest.mark.slow(about_s=15)

SAY = {"model": "say", "input": "Hi."}
MP3 = b"\xff\xf3\x84\xc4" + bytes(400)
PATIENCE_S = 30.0


def _config(url: str, *, cors: dict[str, Any] | None = None, **drain: float) -> dict[str, Any]:
    return ({} if cors is None else {"cors": cors}) | {
        "providers": {"cloud": {"kind": "openai", "base_url": url}},
        "models": {"say": {"capability": "speech", "provider": "cloud"}},
        "tokens": [{"name": "test", "token": "cpeer_shutdown"}],
        "drain": {"notice_s": 0.3, "deadline_s": 60, **drain},
        "log_level": "error",
    }


@contextlib.contextmanager
def _holding(workers: int, **settings: Any) -> Iterator[tuple[RunningGateway, RawProvider, threading.Event]]:
    """A gateway before a provider that answers nobody until the event is set."""
    gate = threading.Event()
    ordinary = answer(MP3, "audio/mpeg")

    def held(connection: socket.socket) -> None:
        gate.wait(PATIENCE_S)
        ordinary(connection)

    with raw_provider(held) as provider, running_gateway(_config(provider.url, **settings), workers) as gateway:
        yield gateway, provider, gate


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.005)


def _until_it_drains(gateway: RunningGateway, workers: int = 1) -> None:
    """By what is answered at once: a new request that comes too early is held like the others."""
    _until(lambda: all(httpx.get(f"{gateway.origin}/readyz").status_code == 503 for _ in range(workers * 4)))


def _speak(gateway: RunningGateway) -> httpx.Response:
    return httpx.post(f"{gateway.base_url}/audio/speech", headers=gateway.headers, json=SAY, timeout=PATIENCE_S)


def _send_held(
    gateway: RunningGateway, provider: RawProvider, pool: ThreadPoolExecutor, count: int
) -> list[Future[Any]]:
    flying = [pool.submit(_speak, gateway) for _ in range(count)]
    _until(lambda: len(provider.requests) == count)
    return flying


@pytest.mark.parametrize("workers", [1, 2])
def test_requests_in_flight_finish_and_new_ones_are_refused(workers: int) -> None:
    """On new and on kept-alive connections alike, readiness included, until the last held request is done."""
    with _holding(workers) as (gateway, provider, gate), ThreadPoolExecutor(40) as pool:
        with httpx.Client(headers=gateway.headers) as kept:
            assert kept.get(f"{gateway.origin}/readyz").status_code == 200
            flying = _send_held(gateway, provider, pool, 40)
            gateway.process.send_signal(signal.SIGTERM)
            _until(lambda: kept.get(f"{gateway.origin}/readyz").status_code == 503)
            _until_it_drains(gateway, workers)
            assert {_speak(gateway).status_code for _ in range(workers * 4)} == {503}
            refused = _speak(gateway)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.headers["connection"] == "close"
        assert refused.json()["error"]["code"] == "shutting_down"
        assert refused.headers["x-request-id"]
        gate.set()
        assert [each.result().status_code for each in flying] == [200] * 40
        assert gateway.process.wait(PATIENCE_S) == 0
    assert len(provider.requests) == 40


@pytest.mark.parametrize("workers", [1, 2])
def test_a_signal_to_every_process_drains_too(workers: int) -> None:
    """As service managers send it: no worker ends before its requests are done, and new ones are answered 503."""
    with _holding(workers) as (gateway, provider, gate), ThreadPoolExecutor(8) as pool:
        flying = _send_held(gateway, provider, pool, 8)
        os.killpg(gateway.process.pid, signal.SIGTERM)
        _until_it_drains(gateway, workers)
        assert {_speak(gateway).status_code for _ in range(workers * 4)} == {503}
        gate.set()
        assert [each.result().status_code for each in flying] == [200] * 8
        assert gateway.process.wait(PATIENCE_S) == 0


def test_a_page_can_read_that_it_drains() -> None:
    """The 503 that the edge writes has the permission of the configuration, and a preflight is answered still."""
    origin = "https://app.example.com"
    with _holding(1, cors={"allow_origins": [origin]}) as (gateway, provider, gate), ThreadPoolExecutor(1) as pool:
        _send_held(gateway, provider, pool, 1)
        gateway.process.send_signal(signal.SIGTERM)
        _until_it_drains(gateway)
        assert _speak(gateway).status_code == 503
        url, headers = f"{gateway.base_url}/audio/speech", {**gateway.headers, "Origin": origin}
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        preflight, refused = httpx.options(url, headers=asked), httpx.post(url, headers=headers, json=SAY)
        stranger = httpx.post(url, headers={**headers, "Origin": "https://evil.example"}, json=SAY)
        gate.set()
    assert preflight.status_code == 204
    assert refused.status_code == 503
    assert refused.headers["access-control-allow-origin"] == origin
    assert "retry-after" in refused.headers["access-control-expose-headers"].lower()
    assert "access-control-allow-origin" not in stranger.headers


def test_a_second_signal_ends_it_at_once() -> None:
    """Held requests are given up; the status is still 0."""
    with _holding(1) as (gateway, provider, _), ThreadPoolExecutor(1) as pool:
        flying = _send_held(gateway, provider, pool, 1)
        gateway.process.send_signal(signal.SIGTERM)
        _until_it_drains(gateway)
        assert _speak(gateway).status_code == 503
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.process.wait(10) == 0
        with pytest.raises(httpx.TransportError):
            flying[0].result()


def test_the_deadline_ends_it() -> None:
    """A provider that never answers cannot hold the shutdown for ever."""
    with _holding(1, deadline_s=0.5) as (gateway, provider, _), ThreadPoolExecutor(1) as pool:
        _send_held(gateway, provider, pool, 1)
        assert gateway.terminate() == 0


def test_an_idle_gateway_ends_soon() -> None:
    """Without load the notice period is all that passes."""
    with _holding(2, notice_s=0) as (gateway, _, _):
        began = time.monotonic()
        assert gateway.terminate() == 0
        assert time.monotonic() - began < 5


def test_workers_do_not_outlive_a_killed_server() -> None:
    """A main process that is killed outright leaves nobody behind on its port."""
    with _holding(2) as (gateway, _, _):
        gateway.process.kill()
        gateway.process.wait(PATIENCE_S)
        _until(lambda: not _answers(gateway))


def _answers(gateway: RunningGateway) -> bool:
    try:
        return httpx.get(f"{gateway.origin}/healthz").status_code > 0
    except httpx.TransportError:
        return False
