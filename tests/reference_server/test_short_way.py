"""A call that goes past the framework gets the response that it would get by way of it, and is counted as the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from reference_server.app import create_app
from reference_server.config import from_document
from reference_server.contract import CONTRACTS, Contract
from tests.servers import serving

TOKEN = "cpeer_short_way"
ORIGIN = "https://app.example.com"
CONFIG = {
    "providers": {"mock": {"kind": "mock"}},
    "models": {"tts-1": {"capability": "speech", "provider": "mock"}},
    "tokens": [{"name": "test", "token": TOKEN}],
    "cors": {"allow_origins": [ORIGIN]},
}
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
SPEECH = {"model": "tts-1", "input": "Hello.", "response_format": "pcm"}
CALLS: dict[str, dict[str, Any]] = {
    "a good call": {"json": SPEECH, "headers": AUTHORIZED},
    "a wrong token": {"json": SPEECH, "headers": {"Authorization": "Bearer cpeer_of_nobody"}},
    "an unknown model": {"json": {**SPEECH, "model": "no such model"}, "headers": AUTHORIZED},
    "a body that is no JSON": {"content": b"{", "headers": {**AUTHORIZED, "Content-Type": "application/json"}},
    "another type of body": {"content": b"text", "headers": {**AUTHORIZED, "Content-Type": "text/plain"}},
}
# Of the moment, or what permits a page of another origin to read the response.
_OWN = {"x-request-id", "date", "server", "vary"}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(create_app(from_document(CONFIG))) as origin, httpx.Client(base_url=origin, timeout=20) as client:
        yield client


def _post(client: httpx.Client, path: str, call: dict[str, Any], **more: str) -> httpx.Response:
    return client.post(path, **{**call, "headers": {**call["headers"], **more}})


def _compared(response: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    headers = {name: value for name, value in response.headers.items() if not name.startswith("access-control-")}
    return response.status_code, {name: value for name, value in headers.items() if name not in _OWN}, response.content


@pytest.mark.parametrize("name", CALLS)
def test_both_ways_give_one_response(client: httpx.Client, name: str) -> None:
    """A page's call goes by way of the framework, as does a path with a slash at its end."""
    path = "/api/client/v1/audio/speech"
    short = _post(client, path, CALLS[name])
    page = _post(client, path, CALLS[name], Origin=ORIGIN)
    assert _compared(short) == _compared(page) == _compared(_post(client, f"{path}/", CALLS[name]))
    assert page.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in short.headers


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_refused(client: httpx.Client, method: str) -> None:
    response = client.request(method, "/api/client/v1/audio/speech", headers=AUTHORIZED)
    assert response.status_code == 405
    assert response.headers["allow"] == "OPTIONS, POST"
    assert response.json()["error"]["code"] is not None


def test_both_ways_are_counted_as_one(client: httpx.Client) -> None:
    def counted(status: int) -> float:
        path = "/api/client/v1/audio/speech"
        pattern = rf'audio_gateway_requests_total{{[^}}]*path="{path}",status_code="{status}"[^}}]*}} (\S+)'
        return sum(map(float, re.findall(pattern, client.get("/metrics").text)))

    for name, status in (("a good call", 200), ("a wrong token", 401)):
        before = counted(status)
        _post(client, "/api/client/v1/audio/speech", CALLS[name])
        _post(client, "/api/client/v1/audio/speech", CALLS[name], Origin=ORIGIN)
        assert counted(status) == before + 2


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.name)
def test_every_operation_has_both_ways(contract: Contract) -> None:
    app = create_app(from_document({**CONFIG, "contract": contract.name}))
    with serving(app) as origin, httpx.Client(base_url=f"{origin}{contract.base_path}", timeout=20) as client:
        for path in contract.paths.values():
            for headers in ({}, {"Origin": ORIGIN}):
                assert client.post(path, headers=headers).status_code == contract.status("invalid-token")
