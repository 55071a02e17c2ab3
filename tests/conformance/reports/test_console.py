"""What a person sees of a run: failures first, reasons grouped, the verdict last."""

import io
import json

import msgspec
from rich.console import Console

from conformance.coverage import Count, Summary
from conformance.mock.calls import ScriptedResponse
from conformance.reports import files
from conformance.reports.console import ProgressDisplay
from conformance.reports.ledger import (
    CheckFinished,
    GatewayRested,
    RunFinished,
    SchemaCovered,
)
from conformance.reports.records import Evidence
from conformance.reports.report import fold
from conformance.reports.verdicts import Outcome
from tests.conformance.reports.samples import TARGET, events, finding, shown


def test_the_schema_coverage_is_told_in_one_line_and_listed_whole_in_the_file() -> None:
    """Also of a ledger from before there was any."""
    counts = {"operations": Count(2, 3), "statuses": Count(5, 8)}
    summary = Summary(counts, ("operations: POST /x",), undocumented=("POST /y 502",))
    *others, end = events()

    told = fold((*others, SchemaCovered(summary), end))

    assert "openapi.yaml  exercised, no verdict: operations 2/3, statuses 5/8, undocumented: POST /y 502" in shown(told)
    assert json.loads(files.to_json(told))["schema_coverage"] == msgspec.to_builtins(summary) | {
        "not_reached": ["operations: POST /x"],
        "undocumented": ["POST /y 502"],
    }
    assert fold(events()).schema_coverage is None
    assert "openapi.yaml" not in shown(fold(events()))


def test_a_failure_explains_itself_on_its_card() -> None:
    """Id, level, statement, clause, what was expected and came, and how to see it again."""
    card = shown(fold(events()))

    for part in (
        "a.must  MUST  s",
        "It must.",
        "p.md#s",
        "expected  status 400",
        "got  500 boom",
        "try  curl -i -X POST http://127.0.0.1:1/v1/audio/speech",
        "rerun  audio-conformance run T --select a.must",
    ):
        assert part in card


def test_parts_stand_in_order_and_the_verdict_is_the_last() -> None:
    """Violations, warnings, what is undecided with its reason, then the verdict with the counts."""
    printed = shown(fold(events()))
    places = [
        printed.index(part) for part in ("Violated", "Warnings", "Not verified", "violating  2 of 3 requirements")
    ]

    assert places == sorted(places)
    assert "declare mock_provider  a.unknown" in printed
    assert "1 fail, 1 warn, 1 not-verified" in printed
    assert "seed 7, effort quick, 1.5 s" in printed


def test_of_many_findings_two_are_shown() -> None:
    """The others are counted, and where they are is said."""
    start, *_ = events()
    described = Evidence(TARGET, None).describe(finding(), "c", "r")
    failed = CheckFinished("a.must", "c", Outcome.FAIL, 0.1, "wrong status", (described,) * 5)

    assert "… and 3 more, in report.json" in shown(fold((start, failed, RunFinished(1.0))))


def test_a_problem_of_the_run_stands_above_the_verdict() -> None:
    """A reader learns why nothing can be concluded."""
    start, left, _, passed, *_ = events()
    printed = shown(fold((start, left, passed, RunFinished(1.0, "the gateway no longer answers"))))

    assert printed.index("the gateway no longer answers") < printed.index("undecided")


def test_progress_counts_requirements_and_failures() -> None:
    """A requirement of several checks counts once; where the output is no terminal nothing is printed."""
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    display = ProgressDisplay(console)
    for event in events()[:4]:
        display(event)
    task = display._progress.tasks[0]
    display.stop()

    assert (task.completed, task.total, task.description) == (1, 2, "judging, [red]1 failed[/]")
    silent = Console(file=io.StringIO())
    quiet = ProgressDisplay(silent)
    quiet(events()[0])
    quiet.stop()
    assert silent.file.getvalue() == ""  # type: ignore[attr-defined]


def test_a_rest_is_told_once_and_first_and_the_unsteady_in_a_place_of_their_own() -> None:
    start, *others, end = events()
    rest = GatewayRested(
        "speech",
        "After 5 failed requests in a row (400), all requests for speech were refused for 30 s (503)",
        30.0,
        ended=True,
    )
    wavering = CheckFinished("a.must", "test_x::test_y", "unsteady", 0.1, "wrong status (once; alone it held 3 times)")
    kept = [event for event in others if not (isinstance(event, CheckFinished) and event.requirement == "a.must")]

    printed = shown(fold((start, *kept, wavering, rest, rest, end)))

    assert printed.count("The gateway rested. After 5 failed requests in a row") == 1
    assert "so 2 times in all, for 30 to 30 s" in " ".join(printed.split())
    assert printed.index("The gateway rested.") < printed.index("Warnings") < printed.index("Unsteady:")
    assert "wrong status (once; alone it held 3 times)" in printed
    assert "conforming" in printed


def test_many_scripts_are_counted_not_shown() -> None:
    """A load of sixteen requests has a script for each; the first ones show what they are like."""
    told = events()[2]
    assert isinstance(told, CheckFinished)
    script = tuple(ScriptedResponse({"marker": f"m{n}"}, {"status": 503}, None) for n in range(16))
    found = tuple(msgspec.structs.replace(each, script=script) for each in told.findings)
    printed = shown(fold((*events()[:2], msgspec.structs.replace(told, findings=found), *events()[3:])))

    assert printed.count('{"status":503}') == 2
    assert "… and 14 more scripts, in report.json" in printed


def test_what_a_gateway_answered_while_it_rested_stays_on_one_line() -> None:
    """It may be a whole page."""
    start, *others = events()
    rested = GatewayRested("speech", "all were refused (400 <html>\n\n<head>)", 1.0, ended=True)

    assert "The gateway rested. all were refused (400 <html> <head>).\n" in shown(fold((start, rested, *others)))
