"""Log lines and counts: what a server tells its operator, and what it never tells."""

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx

from tests.reference_server.raw_provider import as_json, raw_provider
from tests.servers import RunningGateway, running_gateway

SECRET_TEXT = "the password is swordfish"
SPEECH = {"capability": "speech"}
CONFIG: dict[str, Any] = {
    "tokens": [{"name": "test", "token": "cpeer_access_log"}],
    "drain": {"notice_s": 0},
}


def _count(gateway: RunningGateway, path: str, status: int) -> float:
    text = httpx.get(f"{gateway.origin}/metrics").text
    pattern = rf'audio_gateway_requests_total{{[^}}]*path="[^"]*{path}"[^}}]*status_code="{status}"}} (\S+)'
    return sum(map(float, re.findall(pattern, text)))


def test_one_line_per_request_with_id_model_provider_status_and_time() -> None:
    """JSON on standard error; the token, the text and the file are in none of it."""
    config = CONFIG | {"providers": {"mock": {"kind": "mock"}}, "models": {"tts-1": {**SPEECH, "provider": "mock"}}}
    with running_gateway(config) as gateway, httpx.Client(base_url=gateway.base_url, headers=gateway.headers) as client:
        served = client.post("/audio/speech", json={"model": "tts-1", "input": SECRET_TEXT})
        bad = client.post("/audio/speech", json={"model": "nothing", "input": SECRET_TEXT})
        assert gateway.terminate() == 0
        text = gateway.log.read_text()
    lines = {line["request_id"]: line for line in map(json.loads, text.splitlines()) if "request_id" in line}
    good_line, bad_line = lines[served.headers["x-request-id"]], lines[bad.headers["x-request-id"]]
    assert good_line.items() >= {"model": "tts-1", "provider": "mock", "status": 200, "token": "test"}.items()
    assert 0 < good_line["seconds"] < 60
    assert bad_line["status"] == 400
    assert SECRET_TEXT not in text
    assert gateway.token not in text


def _lines(gateway: RunningGateway) -> list[dict[str, Any]]:
    assert gateway.terminate() == 0
    return [json.loads(line) for line in gateway.log.read_text().splitlines() if line.startswith("{")]


def _config(url: str) -> dict[str, Any]:
    return CONFIG | {
        "providers": {"cloud": {"kind": "openai", "base_url": url}},
        "models": {"tts-1": {**SPEECH, "provider": "cloud"}},
    }


def test_every_line_of_a_request_has_its_id_and_the_last_one_the_reason() -> None:
    """The provider's own trouble stands in the log, under the id that the client was given; the client saw none of it."""
    broken = as_json({"error": {"message": "disk full", "code": "oops"}}, "507 Full")
    with raw_provider(broken) as provider, running_gateway(_config(provider.url)) as gateway:
        with httpx.Client(base_url=gateway.base_url, headers=gateway.headers) as client:
            failed = client.post("/audio/speech", json={"model": "tts-1", "input": "Hi."})
            provider.play = as_json({"error": {"param": "voice", "message": "no such voice"}}, "400 Bad")
            refused = client.post("/audio/speech", json={"model": "tts-1", "input": "Hi."})
            unknown = client.get("/audio/nothing")
        lines = _lines(gateway)
    by_id = {each: [line for line in lines if line.get("request_id") == each] for each in (
        answer.headers["x-request-id"] for answer in (failed, refused, unknown)
    )}  # fmt: skip
    assert [[line["event"] for line in found] for found in by_id.values()] == [
        ["provider refused", "request"],
        ["provider refused", "request"],
        ["request"],
    ]
    last = [found[-1] for found in by_id.values()]
    assert [(line["status"], line["error"]) for line in last] == [
        (500, "inference_error"),
        (400, "unknown_voice"),
        (404, "not_found"),
    ]
    assert "507" in last[0]["reason"]
    assert "507" not in failed.text
    assert all(line["reason"] for line in last)


@contextlib.contextmanager
def _holding() -> Iterator[tuple[RunningGateway, threading.Event, threading.Event]]:
    """A gateway before a provider that holds its calls; the events: a call came, its connection was closed."""
    came, closed = threading.Event(), threading.Event()

    def hold(connection: socket.socket) -> None:
        came.set()
        connection.settimeout(20)
        if connection.recv(1) == b"":
            closed.set()

    with raw_provider(hold) as provider, running_gateway(_config(provider.url)) as gateway:
        yield gateway, came, closed


def test_a_client_that_goes_away_stops_the_call_to_the_provider() -> None:
    """The provider's connection is closed, the request is over, and the log says what became of it: no 200."""
    body = b'{"model":"tts-1","input":"Hi."}'
    with _holding() as (gateway, came, closed):
        host, port = gateway.origin.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(
                b"POST /api/client/v1/audio/speech HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Authorization: Bearer %b\r\nContent-Length: %d\r\n\r\n%b" % (gateway.token.encode(), len(body), body)
            )
            assert came.wait(20)
        assert closed.wait(20)
        began = time.monotonic()
        lines = _lines(gateway)
        assert time.monotonic() - began < 10  # nothing is in flight: the drain need not wait
    (line,) = [each for each in lines if each["event"] == "request"]
    assert line["status"] == 499
    assert "went away" in line["reason"]


def test_requests_are_counted_over_all_workers() -> None:
    """Whichever worker is asked for /metrics tells the sum."""
    with running_gateway(workers=2) as gateway:
        for _ in range(8):  # each on its own connection: they spread over the workers
            httpx.post(f"{gateway.base_url}/audio/speech", headers=gateway.headers, json={})
        assert _count(gateway, "/audio/speech", 400) >= 8


def test_the_contract_health_and_readiness_are_open(gateway: RunningGateway) -> None:
    """No token is asked for; each answer has an id like any other."""
    for path in ("/openapi.yaml", "/healthz", "/readyz", "/metrics"):
        answer = httpx.get(gateway.origin + path)
        assert answer.status_code == 200
        assert answer.headers["x-request-id"]
    assert httpx.get(f"{gateway.origin}/openapi.yaml").text.count("openapi: 3.1.0") == 1
