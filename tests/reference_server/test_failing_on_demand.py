"""One program that can be told to fail: the embedded default serves its mock's control API, and all of it applies."""

import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mock_upstreams.control.examples import SCRIPTS
from reference_server.app import create_app
from reference_server.cli import main
from reference_server.config import default, from_document
from reference_server.strict_yaml import ConfigError
from tests.servers import RunningGateway, running_gateway, serving

CONTROL_TOKEN = "control-of-these-tests"
SAY = {"model": "tts-1", "input": "Please hold the line.", "response_format": "flac"}
WAIT_S = 20


@pytest.fixture(scope="module")
def controlled() -> Iterator[RunningGateway]:
    with running_gateway(environment={"MOCK_CONTROL_TOKEN": CONTROL_TOKEN}) as running:
        yield running


@pytest.fixture(scope="module")
def caller(controlled: RunningGateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=controlled.base_url, headers=controlled.headers, timeout=WAIT_S) as each:
        yield each


@pytest.fixture
def control(controlled: RunningGateway) -> Iterator[httpx.Client]:
    """Speaks to the control API; what it scripted is forgotten afterwards."""
    headers = {"Authorization": f"Bearer {CONTROL_TOKEN}"}
    with httpx.Client(base_url=f"{controlled.origin}/_mock", headers=headers, timeout=WAIT_S) as each:
        yield each
        each.delete("/scripts")


def _script(control: httpx.Client, act: dict[str, Any], **more: Any) -> None:
    control.post("/scripts", json={"act": act, **more}).raise_for_status()


def test_the_control_api_has_a_token_of_its_own(controlled: RunningGateway, control: httpx.Client) -> None:
    """The gateway's token does not open it; the banner shows the one that does."""
    assert control.get("/journal").status_code == 200
    assert httpx.get(f"{controlled.origin}/_mock/journal", headers=controlled.headers).status_code == 401
    assert httpx.get(f"{controlled.origin}/_mock/openapi.json").status_code == 200
    assert f"mock control    {controlled.origin}/_mock/openapi.json   token {CONTROL_TOKEN}" in controlled.banner


FAILURES: dict[str, tuple[dict[str, Any], int]] = {
    "broken": ({"status": 503}, 500),
    "limited": ({"status": 429, "headers": {"Retry-After": "7"}}, 429),
    "refused": ({"status": 400}, 400),
    "reset before headers": ({"reset": "before_headers"}, 500),
    "reset in the body": ({"reset": "mid_body"}, 500),
    "cut off": ({"truncate": {"keep": 0.5}}, 500),
    "cut off under its own length": ({"truncate": {"keep": 0, "length": "actual"}}, 500),
    "malformed": ({"malform": True}, 500),
    "another type": ({"content_type": "text/html"}, 500),
    "slow": ({"delay_s": 0.2}, 200),
    "in drips": ({"drip": {"chunk": 2000, "interval_s": 0.001}, "framing": "chunked"}, 200),
    "to the end of the connection": ({"framing": "close"}, 200),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_it_fails_as_it_is_told(caller: httpx.Client, control: httpx.Client, failure: str) -> None:
    """Once; the next request is served."""
    act, status = FAILURES[failure]
    _script(control, act)
    told = caller.post("/audio/speech", json=SAY)
    assert told.status_code == status, told.text[:300]
    assert told.headers.get("retry-after") == ("7" if failure == "limited" else None)
    assert caller.post("/audio/speech", json=SAY).status_code == 200


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name not in {"hold", "delay"}])
def test_every_documented_script_ends_in_an_answer(caller: httpx.Client, control: httpx.Client, name: str) -> None:
    """Nothing that can be scripted hangs the gateway or breaks it for the next request."""
    script = SCRIPTS[name]["value"]
    control.post("/scripts", json={**script, "match": {}, "times": 1}).raise_for_status()
    assert caller.post("/audio/speech", json=SAY).status_code in {200, 400, 429, 500}
    assert control.get("/scripts", params={"unused": True}).json()["scripts"] == []
    assert caller.post("/audio/speech", json=SAY).status_code == 200


def test_a_transcript_of_ones_own(caller: httpx.Client, control: httpx.Client, recording: bytes) -> None:
    """What the script says is the transcript."""
    _script(control, {"body": {"json": {"text": "Made up."}}}, match={"operation": "transcription"})
    said = caller.post("/audio/transcriptions", data={"model": "whisper-1"}, files={"file": ("a.flac", recording)})
    assert said.json()["text"] == "Made up."


def test_calls_are_held_and_shown(caller: httpx.Client, control: httpx.Client) -> None:
    """ "In flight" is a fact: the gate says how many wait, and the journal what arrived."""
    _script(control, {"hold": "checkout"}, match={"marker": "on the gate"})
    answers: list[httpx.Response] = []
    body = {**SAY, "input": "I wait on the gate.", "voice": "nova"}
    waiting = threading.Thread(target=lambda: answers.append(caller.post("/audio/speech", json=body)))
    waiting.start()
    held = control.get("/gates/checkout", params={"waiting_at_least": 1, "wait_s": 10}).json()
    assert (held["waiting"], answers) == (1, [])
    control.post("/gates/checkout/release", json={"all": True}).raise_for_status()
    waiting.join(WAIT_S)
    assert answers[0].status_code == 200
    call = _only_call(control, "on the gate")
    assert ["voice", "nova"] in call["fields"]
    assert call["state"] == "answered"


@pytest.mark.slow
def test_a_held_call_can_be_released_while_the_gateway_drains() -> None:
    """The control API is answered until the end; new requests get 503, and the held one its audio."""
    with running_gateway(environment={"MOCK_CONTROL_TOKEN": CONTROL_TOKEN}) as gateway:
        url, control = f"{gateway.base_url}/audio/speech", {"Authorization": f"Bearer {CONTROL_TOKEN}"}
        httpx.post(
            f"{gateway.origin}/_mock/scripts", headers=control, json={"act": {"hold": "door"}}
        ).raise_for_status()
        answers: list[httpx.Response] = []
        ask = {"headers": gateway.headers, "json": SAY, "timeout": WAIT_S}
        waiting = threading.Thread(target=lambda: answers.append(httpx.post(url, **ask)))
        waiting.start()
        door = f"{gateway.origin}/_mock/gates/door"
        httpx.get(door, headers=control, params={"waiting_at_least": 1, "wait_s": 10}, timeout=WAIT_S)
        gateway.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + WAIT_S
        while httpx.get(f"{gateway.origin}/readyz").status_code != 503:
            assert time.monotonic() < deadline, "it does not drain"
        assert httpx.post(url, **ask).status_code == 503
        httpx.post(f"{door}/release", headers=control, json={"all": True}).raise_for_status()
        waiting.join(WAIT_S)
        assert answers[0].status_code == 200
        assert gateway.process.wait(WAIT_S) == 0


def test_a_client_that_goes_away_ends_the_call(caller: httpx.Client, control: httpx.Client) -> None:
    """The mock sees what a provider would: its client has gone."""
    _script(control, {"hold": "forsaken"}, match={"marker": "forsaken"})
    with pytest.raises(httpx.ReadTimeout):
        caller.post("/audio/speech", json={**SAY, "input": "Left forsaken."}, timeout=0.5)
    deadline = time.monotonic() + WAIT_S
    while (state := _only_call(control, "forsaken")["state"]) != "disconnected":
        assert time.monotonic() < deadline, f"the call is {state}"


def _only_call(control: httpx.Client, marker: str) -> dict[str, Any]:
    (call,) = control.get("/journal", params={"marker": marker}).json()["calls"]
    return dict(call)


def test_an_act_that_does_nothing_is_refused(control: httpx.Client) -> None:
    """With the fields that there are."""
    refused = control.post("/scripts", json={"act": {}})
    assert refused.status_code == 400
    assert "give at least one of its fields" in refused.json()["error"]["message"]


def test_invented_words_are_marked(caller: httpx.Client, recording: bytes) -> None:
    """The mock recognizes its own voice alone: the header says so of anything else."""
    noise = bytes(range(256)) * 700
    wav = (
        b"RIFF"
        + (len(noise) + 36).to_bytes(4, "little")
        + b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data"
    )
    wav += len(noise).to_bytes(4, "little") + noise
    for data, source in ((recording, "recognized"), (wav, "invented")):
        said = caller.post("/audio/transcriptions", data={"model": "whisper-1"}, files={"file": ("a.wav", data)})
        assert (said.status_code, said.headers["x-mock-transcript"]) == (200, source)


@pytest.mark.parametrize("options", [{}, {"control_token": CONTROL_TOKEN}])
def test_a_files_words_can_be_configured(recording: bytes, options: dict[str, str]) -> None:
    """By its name, with and without the control API; the header says so."""
    document = {
        "providers": {"mock": {"kind": "mock", "transcripts": {"interview.flac": "As configured."}, **options}},
        "models": {"whisper-1": {"capability": "transcription", "provider": "mock"}},
        "tokens": [{"name": "test", "token": "cpeer_control_test"}],
        "log_level": "critical",
    }
    headers = {"Authorization": "Bearer cpeer_control_test"}
    with serving(create_app(from_document(document))) as origin:
        for name, text, source in (
            ("interview.flac", "As configured.", "configured"),
            ("other.flac", "The kettle is on.", "recognized"),
        ):
            said = httpx.post(
                f"{origin}/api/client/v1/audio/transcriptions",
                headers=headers,
                data={"model": "whisper-1"},
                files={"file": (name, recording)},
            )
            assert (said.json()["text"], said.headers["x-mock-transcript"]) == (text, source)


def test_any_model_that_is_configured_is_known_to_it() -> None:
    """The mock learns the names of the configuration as they are called."""
    document = {
        "providers": {"mock": {"kind": "mock", "control_token": CONTROL_TOKEN}},
        "models": {"house": {"capability": "speech", "provider": "mock", "upstream_model": "house-voice"}},
        "tokens": [{"name": "test", "token": "cpeer_control_test"}],
        "log_level": "critical",
    }
    headers = {"Authorization": "Bearer cpeer_control_test"}
    with serving(create_app(from_document(document))) as origin:
        body = {"model": "house", "input": "Hi."}
        spoken = httpx.post(f"{origin}/api/client/v1/audio/speech", headers=headers, json=body)
        assert spoken.status_code == 200
        control = {"Authorization": f"Bearer {CONTROL_TOKEN}"}
        (call,) = httpx.get(f"{origin}/_mock/journal", headers=control).json()["calls"]
    assert call["model"] == "house-voice"


def test_without_a_control_token_there_is_no_control_api() -> None:
    """A configuration has to ask for it."""
    with serving(create_app(default())) as origin:
        assert httpx.get(f"{origin}/_mock/health").status_code == 404


def test_it_is_for_one_mock_and_one_worker(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Each worker would have a mock of its own, and a second mock no path."""
    providers = {name: {"kind": "mock", "control_token": CONTROL_TOKEN} for name in ("first", "second")}
    document = {
        "providers": providers,
        "models": {"tts-1": {"capability": "speech", "provider": "first"}},
        "tokens": [{"name": "test", "token": "cpeer_control_test"}],
    }
    with pytest.raises(ConfigError, match=r"providers\.second\.control_token"):
        create_app(from_document(document))
    file = tmp_path / "gateway.yaml"
    file.write_text(str({**document, "providers": {"first": providers["first"]}}))
    assert main(["--config", str(file), "--workers", "2", "--port", "0"]) == 2
    assert "providers.first.control_token: is set, and each of 2 workers" in capsys.readouterr().err
