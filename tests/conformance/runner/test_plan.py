"""What runs is decided in one place, and what does not run says what to declare for it."""

from typing import Any

import pytest

from conformance import contracts
from conformance import target as targets
from conformance.contracts import Contract
from conformance.contracts.requirements import Catalogue, Level, Requirement
from conformance.errors import UsageError
from conformance.reports.verdicts import Verdict
from conformance.runner.plan import NEEDS, Preflight, make_plan, plan_nothing

MINIMAL = {"base_url": "http://127.0.0.1:1/v1", "token": "t"}
EVERYTHING_WORKS = Preflight({})


def contract_with(catalogue: Catalogue) -> Contract:
    """The Audio API with another catalogue."""
    known = contracts.load()
    return Contract(known._terms, catalogue, known.document)


def requirement(*needs: str) -> Requirement:
    return Requirement(id="a.b", level=Level.MUST, section="s", link="p.md#s", statement="It must.", needs=needs)


def reason(need: str, preflight: Preflight = EVERYTHING_WORKS, **declared: Any) -> str:
    catalogue = Catalogue("1", {"a.b": requirement(need)})
    plan = make_plan(
        contract_with(catalogue), frozenset({"a.b"}), targets.parse({**MINIMAL, **declared}, {}), preflight
    )
    return plan.undecided["a.b"].reason if plan.undecided else ""


@pytest.mark.parametrize(
    ("need", "declared"),
    [
        ("second_speech", {"models": {"speech": ["a", "b"]}}),
        ("azure_speech", {"models": {"azure_speech": "a"}}),
        ("without_deployment.speech", {"models": {"without_deployment": {"speech": "a"}}}),
        ("limited.rate_limit", {"limited_tokens": {"rate_limit": {"token": "x"}}}),
        ("limited.per_request.characters", {"limited_tokens": {"per_request": {"token": "x", "max_characters": 5}}}),
        ("limited.budget", {"limited_tokens": {"budget": {"token": "x"}}}),
        ("limited.budget.spend", {"limited_tokens": {"budget": {"token": "x", "spend": 3}}}),
        ("mock", {"mock_provider": {"listen": "127.0.0.1:0"}}),
        ("transcript_formats", {"expect": {"transcript_formats": ["json"]}}),
        ("transcript_formats", {"mock_provider": {"listen": "127.0.0.1:0"}}),
        ("lifecycle", {"lifecycle": {"terminate": "x", "start": "y"}}),
        ("timeout_s", {"timeout_s": 5}),
    ],
)
def test_a_need_says_what_to_declare_until_it_is_declared(need: str, declared: dict[str, Any]) -> None:
    """The reason names the key of the target file; with it declared the requirement runs."""
    assert reason(need).startswith("declare ")
    assert reason(need, **declared) == ""


def test_an_unusable_default_model_is_the_reason() -> None:
    """What preflight found is said for every requirement that needs the capability."""
    assert reason("speech", Preflight({"speech": "declare models.speech: refused"})) == "declare models.speech: refused"
    assert reason("transcription", Preflight({"speech": "x"})) == ""


def test_every_need_of_the_catalogue_has_a_rule() -> None:
    """The catalogue's words are those of the plan."""
    assert {need for requirement in contracts.load().catalogue for need in requirement.needs} <= set(NEEDS)


def test_what_was_not_selected_is_in_neither_list() -> None:
    """It is not reported at all."""
    catalogue = contracts.load().catalogue
    plan = make_plan(contract_with(catalogue), frozenset(), targets.parse(MINIMAL, {}), EVERYTHING_WORKS)

    assert not plan.runs
    assert not plan.undecided


def test_an_unreachable_gateway_blocks_everything() -> None:
    """Nothing runs and everything says why."""
    plan = plan_nothing(contract_with(Catalogue("1", {"a.b": requirement()})), frozenset({"a.b"}), "nobody there")

    assert plan.undecided["a.b"].verdict is Verdict.BLOCKED
    assert plan.undecided["a.b"].reason == "nobody there"


def test_a_glob_that_selects_nothing_is_refused() -> None:
    """A run that would be green because nothing ran does not start."""
    with pytest.raises(UsageError, match="matches no requirement"):
        contracts.load().catalogue.select(["speech.*", "no.such.*"])
