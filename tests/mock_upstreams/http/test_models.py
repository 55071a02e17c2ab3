"""`GET /v1/models`, and the headers that tell of the rate limit."""

import openai
import pytest

from tests.mock_upstreams.http.running import KEY


@pytest.fixture
def client(mock):
    with openai.OpenAI(base_url=f"{mock.base_url}/v1", api_key=KEY, max_retries=0) as one:
        yield one


def test_the_list_of_models(mock, client):
    """OpenAI's own and the registered ones, typed as the official client has them; no unexpected call."""
    models = {model.id: model for model in client.models.list()}
    assert {"tts-1", "whisper-1", "gpt-transcribe", "my-tts"} <= set(models)
    assert {model.object for model in models.values()} == {"model"}
    assert models["tts-1"].owned_by != models["my-tts"].owned_by
    assert models["whisper-1"].shutdown_date == "2027-02-26"
    assert "shutdown_date" not in models["my-tts"].model_extra
    assert [call["unexpected"] for call in mock.calls()] == [False]


@pytest.mark.parametrize("name", ["whisper-1", "my-tts"])
def test_one_model(client, name):
    """By its name."""
    assert client.models.retrieve(name).id == name


def test_a_name_with_a_slash(mock, client):
    """Names may hold any character."""
    mock.control.post("/models", json={"models": ["team/stt ü"]}).raise_for_status()
    assert client.models.retrieve("team/stt ü").id == "team/stt ü"


def test_refusals(mock, client):
    """An unknown model, no key, another method: as on every path of the provider."""
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve("nobody")
    assert refused.value.code == "model_not_found"
    assert mock.caller.get("/v1/models", headers={"authorization": ""}).status_code == 401
    answer = mock.caller.post("/v1/models", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def limits(answer):
    return {name: value for name, value in answer.headers.items() if name.startswith("x-ratelimit-")}


def test_limits_are_told(mock):
    """Requests for all models, tokens for those that are paid by them; never on a refusal of another kind."""
    audio = mock.synthesize()
    transcript = mock.transcribe(audio.content)
    requests = {f"x-ratelimit-{name}-requests" for name in ("limit", "remaining", "reset")}
    assert set(limits(audio)) == set(limits(transcript)) == requests
    tokens = {f"x-ratelimit-{name}-tokens" for name in ("limit", "remaining", "reset")}
    assert set(limits(mock.transcribe(audio.content, model="gpt-4o-transcribe"))) == requests | tokens
    assert limits(mock.synthesize(model="nobody")) == {}
    assert limits(mock.caller.get("/v1/models")) == {}


def test_a_limit_that_is_over(mock):
    """A scripted 429 tells that nothing is left; a script may say otherwise."""
    mock.script({"status": 429, "headers": {"X-RateLimit-Reset-Requests": "6m0s"}})
    told = limits(mock.synthesize())
    assert (told["x-ratelimit-remaining-requests"], told["x-ratelimit-reset-requests"]) == ("0", "6m0s")
