"""Preflight: nobody there and a refused token end a run; a default key that is not known only leaves things undecided."""

import json
import re

import pytest

from conformance import contracts
from conformance.errors import GatewayUnreachable, TokenRefused
from conformance.runner.plan import Preflight
from conformance.runner.preflight import run_preflight
from conformance.runner.run import open_gateway
from conformance.target import Models, Target
from tests.conformance.fake_gateway import TOKEN, Behaviour, Reply, Seen, authorised, fake_gateway


def preflight(behave: Behaviour, models: Models | None = None) -> tuple[Preflight, list[Seen]]:
    with fake_gateway(behave) as (url, seen):
        target = Target(base_url=url, token=TOKEN, models=models or Models())
        with open_gateway(target) as gateway:
            return run_preflight(contracts.load(), target, gateway), seen


def test_a_gateway_that_serves_its_default_keys_has_nothing_unusable() -> None:
    """One valid request for each capability, with the contract's default model keys."""
    found, seen = preflight(authorised)
    asked = [each for each in seen if each.body]

    assert found.unusable == {}
    assert [each.path.rpartition("/")[2] for each in asked] == ["speech", "transcriptions"]
    assert json.loads(asked[0].body)["model"] == "tts-1"
    assert b"whisper-1" in asked[1].body


def test_nobody_there_is_said_with_the_address() -> None:
    """Port 9 of loopback: nothing listens."""
    target = Target(base_url="http://127.0.0.1:9/v1", token=TOKEN)
    with (
        open_gateway(target) as gateway,
        pytest.raises(GatewayUnreachable, match=re.escape("127.0.0.1:9/v1")) as caught,
    ):
        run_preflight(contracts.load(), target, gateway)

    assert "is base_url right?" in caught.value.hint


def test_a_token_that_is_refused_everywhere_ends_the_run() -> None:
    """The statuses are those by which the contract knows an invalid token."""
    with pytest.raises(TokenRefused, match="status 401") as caught:
        preflight(lambda _: Reply(401))

    assert "valid token" in caught.value.hint


def test_a_token_that_is_good_for_one_operation_is_good() -> None:
    """Checks judge the operation that refuses it."""
    found, _ = preflight(lambda seen: Reply(401) if seen.path.endswith("speech") else authorised(seen))

    assert found.unusable == {}


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_a_default_key_that_is_refused_says_what_to_declare(status: int) -> None:
    """For that capability only, with the option and what came."""
    found, _ = preflight(lambda seen: Reply(status, b"unknown") if seen.path.endswith("speech") else authorised(seen))

    assert found.unusable == {
        "speech": "declare models.speech (or --speech-model): "
        f"no key is declared and the gateway refused `tts-1` ({status} unknown)"
    }


@pytest.mark.parametrize("status", [500, 429, 405])
def test_other_answers_are_left_to_the_checks(status: int) -> None:
    """A gateway that fails must not be excused from being judged."""
    assert preflight(lambda _: Reply(status))[0].unusable == {}


def test_a_declared_key_that_is_refused_is_left_to_the_checks() -> None:
    """Whoever declares a key says that it works."""
    found, seen = preflight(lambda _: Reply(404), Models(speech=("mine",), transcription=("mine",)))

    assert found.unusable == {}
    assert any(b'"mine"' in each.body for each in seen)


def test_a_base_url_without_its_path_is_named() -> None:
    """Nothing is served below it: what is wrong is the URL, and no token was looked at."""
    found, _ = preflight(lambda _: Reply(404, b"Not Found"))
    (remark,) = found.remarks

    assert "/audio/speech (404 Not Found)" in remark
    assert "base_url is what stands before /audio/speech and /audio/transcriptions" in remark


def test_one_operation_that_is_not_there_is_no_wrong_base_url() -> None:
    found, _ = preflight(lambda seen: Reply(404) if seen.path.endswith("speech") else authorised(seen))

    assert found.remarks == ()


def test_the_other_contract_is_named_where_it_seems_to_be_spoken() -> None:
    """By its signs: no id in a transcript, plain text where that is asked, no recordings in JSON."""

    def openai(seen: Seen) -> Reply:
        if seen.headers.get("content-type", "").startswith("application/json") and seen.path.endswith("transcriptions"):
            return Reply(400, b'{"error": {"message": "no file"}}')
        return Reply(200, b"hello" if b"text" in seen.body.split(b"response_format")[-1][:30] else b'{"text": "hello"}')

    found, _ = preflight(openai)
    (remark,) = found.remarks

    assert remark.startswith("The gateway seems to speak openai-audio-2026-11 (3 of 3 signs")
    assert "--contract openai-audio-2026-11" in remark
