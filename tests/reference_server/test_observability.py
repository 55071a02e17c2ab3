"""Log lines and counts: what a server tells its operator, and what it never tells."""

import json
import re

import httpx
import pytest

from tests.servers import RunningGateway, running_gateway

pytestmark = pytest.mark.slow

SECRET_TEXT = "the password is swordfish"


def _count(gateway: RunningGateway, path: str, status: int) -> float:
    text = httpx.get(f"{gateway.origin}/metrics").text
    pattern = rf'audio_gateway_requests_total{{[^}}]*path="[^"]*{path}"[^}}]*status_code="{status}"}} (\S+)'
    return sum(map(float, re.findall(pattern, text)))


def test_one_line_per_request_with_id_model_provider_status_and_time() -> None:
    """JSON on standard error; the token, the text and the file are in none of it."""
    with running_gateway() as gateway, httpx.Client(base_url=gateway.base_url, headers=gateway.headers) as client:
        said = client.post("/audio/speech", json={"model": "tts-1", "input": SECRET_TEXT})
        bad = client.post("/audio/speech", json={"model": "nothing", "input": SECRET_TEXT})
        assert gateway.terminate() == 0
        text = gateway.log.read_text()
    lines = {line["request_id"]: line for line in map(json.loads, text.splitlines()) if "request_id" in line}
    good_line, bad_line = lines[said.headers["x-request-id"]], lines[bad.headers["x-request-id"]]
    assert good_line.items() >= {"model": "tts-1", "provider": "mock", "status": 200, "token": "development"}.items()
    assert 0 < good_line["seconds"] < 60
    assert bad_line["status"] == 400
    assert SECRET_TEXT not in text
    assert gateway.token not in text


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
