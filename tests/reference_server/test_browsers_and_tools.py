"""What browsers and tools ask for beside the contract: permission for other origins, and the list of models."""

from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from reference_server.app import create_app
from reference_server.config import from_document
from reference_server.strict_yaml import ConfigError
from tests.servers import RunningGateway, serving

ORIGIN = "https://app.example.com"
CONFIG: dict[str, Any] = {
    "providers": {
        "mock": {"kind": "mock"},
        "azure": {"kind": "azure", "endpoint": "http://127.0.0.1:9", "api_key": "k"},
    },
    "models": {
        "tts-1": {"capability": "speech", "provider": "mock"},
        "whisper-1": {"capability": "transcription", "provider": "mock"},
        "azure-mute": {"capability": "speech", "provider": "azure", "deployments": {}},
    },
    "tokens": [{"name": "test", "token": "cpeer_browser_test"}],
    "cors": {"allow_origins": [ORIGIN]},
    "log_level": "critical",
}
PATHS = ("/audio/speech", "/audio/transcriptions", "/audio/translations", "/models")


@pytest.fixture(scope="module")
def browser() -> Iterator[httpx.Client]:
    """A client without a token, as a browser that asks first."""
    with (
        serving(create_app(from_document(CONFIG))) as origin,
        httpx.Client(base_url=f"{origin}/api/client/v1", timeout=20) as client,
    ):
        yield client


def _preflight(client: httpx.Client, path: str, origin: str = ORIGIN) -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    return client.request("OPTIONS", path, headers=asked)


@pytest.mark.parametrize("path", PATHS[:3])
def test_a_preflight_needs_no_token(browser: httpx.Client, path: str) -> None:
    """A browser sends none with it; the headers that it asks for are allowed."""
    allowed = _preflight(browser, path)
    assert allowed.status_code in {200, 204}
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert "POST" in allowed.headers["access-control-allow-methods"]
    headers = allowed.headers["access-control-allow-headers"].lower()
    assert "authorization" in headers or headers == "*"


def test_answers_and_errors_can_be_read_by_the_page(browser: httpx.Client) -> None:
    """The origin and the id's header are named on both; a stranger's origin is not."""
    body = {"model": "tts-1", "input": "Hi."}
    for token, status in (("cpeer_browser_test", 200), ("cpeer_wrong", 401)):
        headers = {"Origin": ORIGIN, "Authorization": f"Bearer {token}"}
        response = browser.post("/audio/speech", headers=headers, json=body)
        assert response.status_code == status
        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert "x-request-id" in response.headers["access-control-expose-headers"].lower()
    assert "access-control-allow-origin" not in _preflight(browser, PATHS[0], "https://evil.example").headers


def test_the_embedded_configuration_lets_any_page_in(gateway: RunningGateway) -> None:
    """It is for developers at their own machine."""
    with httpx.Client(base_url=gateway.base_url) as client:
        assert _preflight(client, PATHS[0]).headers["access-control-allow-origin"] in {"*", ORIGIN}


def test_without_the_setting_no_page_is_let_in() -> None:
    """A configuration that says nothing of it is closed."""
    closed = {name: value for name, value in CONFIG.items() if name != "cors"}
    with (
        serving(create_app(from_document(closed))) as origin,
        httpx.Client(base_url=f"{origin}/api/client/v1") as client,
    ):
        assert "access-control-allow-origin" not in _preflight(client, PATHS[0]).headers


@pytest.mark.parametrize("origin", ["app.example.com", "https://app.example.com/", "https://a b"])
def test_what_is_no_origin_is_said_at_start(origin: str) -> None:
    """The path and what belongs there."""
    with pytest.raises(ConfigError, match=r"cors\.allow_origins\[0\].*an origin such as"):
        from_document({**CONFIG, "cors": {"allow_origins": [origin]}})


def test_models_are_listed_to_a_token(browser: httpx.Client) -> None:
    """OpenAI's shape, with what each serves; one that serves nothing is left out."""
    assert browser.get("/models").status_code == 401
    listed = browser.get("/models", headers={"Authorization": "Bearer cpeer_browser_test"}).json()
    assert listed["object"] == "list"
    assert {each["id"]: each["operations"] for each in listed["data"]} == {
        "tts-1": ["speech"],
        "whisper-1": ["transcription", "translation"],
    }
    assert all(each["object"] == "model" for each in listed["data"])


def test_the_openai_client_lists_them(gateway: RunningGateway) -> None:
    """The official client needs no more."""
    with openai.OpenAI(base_url=gateway.base_url, api_key=gateway.token, max_retries=0) as client:
        assert [model.id for model in client.models.list()] == ["tts-1", "whisper-1"]
