"""A run writes all that happens into its ledger, also where it comes to nothing."""

from pathlib import Path

import pytest

from conformance import contracts
from conformance.reports.ledger import CheckFinished, Ledger, LeftUndecided, RunFinished, RunStarted, SchemaCovered
from conformance.reports.report import Report, fold
from conformance.reports.verdicts import ExitStatus, Verdict
from conformance.runner.run import Options, collect_checks, conduct, known_requirements
from conformance.target import Target
from tests.conformance.fake_gateway import TOKEN, Behaviour, Reply, authorised, fake_gateway

_SHIPPED = {each for name in contracts.names() for each in contracts.load(name).catalogue.by_id}
TOY = str(Path(__file__).parents[1] / "contracts" / "toy")


def conducted(behave: Behaviour, *select: str, report_dir: Path | None = None) -> Ledger:
    ledger = Ledger()
    with fake_gateway(behave) as (url, _):
        options = Options(select, "quick", seed=3, report_dir=report_dir, command="audio-conformance run T")
        conduct(Target(base_url=url, token=TOKEN), contracts.load(), None, options, ledger)
    return ledger


@pytest.mark.slow
def test_a_run_is_told_from_its_start_to_its_end() -> None:
    """Start, what is left undecided, each check, coverage, end."""
    events = conducted(authorised, "authentication.speech.missing", "provider.speech.speed").events
    start, left, *checks, covered, end = events

    assert isinstance(start, RunStarted)
    assert (start.contract, start.suite.seed, start.suite.effort) == ("audio-api", 3, "quick")
    assert start.planned == ("authentication.speech.missing",)
    assert TOKEN not in str(start.target)
    assert isinstance(left, LeftUndecided)
    assert (left.requirement, left.verdict) == ("provider.speech.speed", Verdict.NOT_VERIFIED)
    assert {each.requirement for each in checks if isinstance(each, CheckFinished)} == {"authentication.speech.missing"}
    assert isinstance(covered, SchemaCovered)
    assert covered.summary.exchanges > 0
    assert isinstance(end, RunFinished)
    assert end.problem == ""


def test_a_violation_says_how_to_see_it_again(tmp_path: Path) -> None:
    """The line with seed and requirement, and the kept case."""
    report = fold(conducted(lambda _: Reply(), "authentication.speech.missing", report_dir=tmp_path).events)
    finding = report.requirements[0].findings[0]

    again = f"authentication.speech.missing::{finding.check}"
    assert finding.rerun == f"audio-conformance run T --seed 3 --select '{again}'"
    assert finding.case == str(tmp_path / "cases" / "authentication.speech.missing-1.json")
    assert Path(finding.case).is_file()


def blocked(report: Report) -> set[str]:
    return {entry.id for entry in report.requirements if entry.verdict is Verdict.BLOCKED}


def test_a_gateway_that_cannot_be_judged_blocks_what_was_selected() -> None:
    """A refused token: no check runs, every requirement says why, and so does the run."""
    report = fold(conducted(lambda _: Reply(401), "authentication.speech.*").events)

    assert blocked(report) == {entry.id for entry in report.requirements} != set()
    assert "refuses the token" in report.problem
    assert "refuses the token" in report.requirements[0].reason
    assert report.exit_status is ExitStatus.UNREACHABLE


def test_requirements_of_other_contracts_can_be_selected() -> None:
    """They are known by their ids, and are not applicable."""
    known = known_requirements(contracts.load(TOY))

    assert set(known.by_id) == _SHIPPED
    assert known.by_id["speech.format.mp3"].link == "contract.md#speech"


def test_every_requirement_has_a_check_and_every_check_a_requirement() -> None:
    """What `explain` lists; a check that decides nothing would be lost."""
    checks = collect_checks()

    assert set(checks) == _SHIPPED
    assert (
        "test_authentication::test_no_authorization_header_is_refused[speech-json]"
        in checks["authentication.speech.missing"]
    )


def test_markers_of_two_runs_are_never_the_same() -> None:
    """A mock may be shared, and its journal is never cleared."""
    markers: set[bytes] = set()
    for _ in range(2):
        with fake_gateway() as (url, seen):
            options = Options(("authentication.speech.unknown-token",), "quick")
            conduct(Target(base_url=url, token=TOKEN), contracts.load(), None, options, Ledger())
            found = {each.body for each in seen if b"mark" in each.body}
        assert found
        assert not found & markers
        markers |= found
