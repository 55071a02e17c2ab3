"""What doctor finds of a target's declarations, and what it says of those that are missing."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import contracts
from conformance import target as targets
from conformance.cli import main
from conformance.reports.grouping import Group
from conformance.runner.doctor import ProbeResult, examine, undecided
from conformance.runner.plan import Preflight, make_plan
from conformance.runner.run import open_gateway
from tests.conformance.fake_gateway import TOKEN, Behaviour, Reply, Seen, authorised, fake_gateway


def examined(behave: Behaviour, **declared: Any) -> dict[str, ProbeResult]:
    """What was found, by the path in the target file."""
    with fake_gateway(behave) as (url, _):
        target = targets.parse({"base_url": url, "token": TOKEN, **declared}, {})
        with open_gateway(target) as gateway:
            return {result.path: result for result in examine(contracts.load(), target, gateway, None)}


def knows(*models: str) -> Behaviour:
    """A gateway that serves these model keys and no other."""

    def behave(seen: Seen) -> Reply:
        known = any(model.encode() in seen.body for model in models)
        return authorised(seen) if known else Reply(404, b"no such model")

    return behave


def test_every_declared_model_is_asked_for() -> None:
    """Those that are not served are found, with what came."""
    declared = {"models": {"speech": ["good", "bad"], "transcription": ["good"], "azure_speech": "bad"}}
    found = examined(knows("good"), **declared)

    assert found["models.transcription"] == ProbeResult("models.transcription", holds=True, text="`good` is served")
    assert found["models.speech"] == ProbeResult("models.speech", holds=False, text="`bad`: 404 no such model")
    assert not found["models.azure_speech"].holds


def test_a_key_without_a_deployment_has_to_be_refused() -> None:
    """For the operation that it has none for; that a token is refused says nothing of it."""
    declared = {"models": {"without_deployment": {"speech": "mute", "translation": "deaf"}}}
    path = "models.without_deployment."

    refused = examined(knows("tts-1", "whisper-1"), **declared)
    served = examined(authorised, **declared)
    unauthorised = examined(lambda _: Reply(401), **declared)

    assert [refused[path + name].text for name in ("speech", "translation")] == [
        "`mute` has no deployment",
        "`deaf` has no deployment",
    ]
    assert not served[path + "speech"].holds
    assert not unauthorised[path + "speech"].holds


def test_a_limited_token_has_to_be_known() -> None:
    """A limit in force shows that it is; a 401 shows that it is not."""
    declared = {"limited_tokens": {"rate_limit": {"token": "cpeer_rate_1"}, "budget": {"token": "cpeer_spent_1"}}}

    def behave(seen: Seen) -> Reply:
        return Reply(429) if seen.headers["authorization"] == "Bearer cpeer_rate_1" else authorised(seen)

    found = examined(behave, **declared)

    assert found["limited_tokens.rate_limit"].text == "the token is known"
    assert found["limited_tokens.budget"].text.startswith("refused: 401")
    assert "limited_tokens.per_request" not in found


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (200, "the token is known, and this probe was one of the 3 requests that spend its budget"),
        (429, "the token is known, and its budget is spent already: give it a fresh one, or leave out `spend`"),
        (401, "refused: 401"),
    ],
)
def test_a_budget_that_the_run_is_to_spend_should_be_fresh(status: int, text: str) -> None:
    """The probe costs one of its requests, so it says so."""
    budget = {"limited_tokens": {"budget": {"token": "cpeer_spent_1", "spend": 3}}}
    found = examined(lambda _: Reply(status), **budget)
    assert found["limited_tokens.budget"].text.startswith(text)


def test_what_would_decide_most_is_said_first() -> None:
    """Requirements are grouped by what is missing for them."""
    contract = contracts.load()
    target = targets.parse({"base_url": "http://127.0.0.1:9/v1", "token": TOKEN}, {})
    groups = undecided(make_plan(contract, frozenset(contract.catalogue.by_id), target, Preflight({})))
    sizes = [len(group.requirements) for group in groups]

    assert groups[0].reason.startswith("declare mock_provider")
    assert sizes == sorted(sizes, reverse=True)
    assert isinstance(groups[0], Group)


@pytest.mark.parametrize(("token", "status"), [(TOKEN, 0), ("cpeer_wrong", 3)])
def test_the_command_ends_with_what_it_found(token: str, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    """0 where all holds, with how much will be decided; 3 where the token is refused."""
    with fake_gateway() as (url, _):
        assert main(["doctor", "--base-url", url, "--token", token]) == status
    printed = capsys.readouterr()

    if status == 0:
        assert "requirements will be decided." in printed.out
        assert "declare mock_provider" in printed.out
    else:
        assert "refuses the token" in printed.err


def test_the_command_ends_with_1_where_a_declaration_does_not_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """The declaration is marked."""
    with fake_gateway(knows("tts-1", "whisper-1")) as (url, _):
        named = ["--base-url", url, "--token", TOKEN, "--speech-model", "nonesuch"]
        assert main(["doctor", *named]) == 1

    assert "NOT  models.speech: `nonesuch`: 404 no such model" in capsys.readouterr().out


def test_a_base_url_without_its_path_is_said_and_no_token_is_praised(capsys: pytest.CaptureFixture[str]) -> None:
    """All is 404, whatever the token: that it was taken cannot be known."""
    with fake_gateway(lambda _: Reply(404, b"Not Found")) as (url, _):
        status = main(["doctor", "--base-url", url, "--token", TOKEN])
    said = capsys.readouterr().out

    assert status == 1
    assert "takes the token" not in said
    assert "base_url is what stands before /audio/speech" in said
