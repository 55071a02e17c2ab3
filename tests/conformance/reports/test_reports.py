"""Every report is a pure function of the ledger, and a failure explains itself in each of them."""

import io
import json
import shlex
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from rich.console import Console

from conformance import contracts
from conformance import target as targets
from conformance.contracts.requirements import Level, Requirement
from conformance.coverage import Count, Coverage, Summary
from conformance.http.exchange import Answer, Exchange, Finding, Request
from conformance.reports import files
from conformance.reports.console import show
from conformance.reports.ledger import (
    CheckFinished,
    Event,
    Ledger,
    LeftUndecided,
    RunFinished,
    RunStarted,
    SchemaCovered,
    SuiteReport,
    read_ledger,
)
from conformance.reports.records import Evidence
from conformance.reports.redaction import describe
from conformance.reports.report import Report, fold
from conformance.reports.verdicts import ExitStatus, Outcome, RunVerdict, Verdict

TOKEN = "cpeer_very_secret"
TARGET = targets.parse({"base_url": "http://127.0.0.1:1/v1", "token": TOKEN}, {})
MUST = Requirement(id="a.must", level=Level.MUST, section="s", link="p.md#s", statement="It must.")
SHOULD = Requirement(id="a.should", level=Level.SHOULD, section="s", link="p.md#s", statement="It should.")
UNKNOWN = Requirement(id="a.unknown", level=Level.MUST, section="s", link="p.md#s", statement="Who knows.")


def finding(body: bytes = b'{"input": "x"}') -> Finding:
    headers = (("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/json"))
    request = Request("POST", "http://127.0.0.1:1/v1/audio/speech", headers, body)
    answer = Answer(500, (("content-type", "text/plain"),), f"boom {TOKEN}".encode())
    call = {"position": 1, "headers": [["authorization", "Bearer sk-provider-key"], ["accept", "*/*"]]}
    return Finding("wrong status", "status 400", "500 boom", (Exchange(request, answer),), (call,))


def shown(report: Report) -> str:
    console = Console(record=True, width=200, file=io.StringIO())
    show(report, console)
    return console.export_text()


def events(tmp_path: Path | None = None) -> tuple[Event, ...]:
    described = Evidence(TARGET, tmp_path).describe(
        finding(), "test_x::test_y", "audio-conformance run T --select a.must"
    )
    suite = SuiteReport("1", "1", 7, "quick")
    return (
        RunStarted(
            suite, describe(TARGET), "2026-01-01T00:00:00+00:00", "c", (MUST, SHOULD, UNKNOWN), ("a.must", "a.should")
        ),
        LeftUndecided("a.unknown", Verdict.NOT_VERIFIED, "declare mock_provider"),
        CheckFinished("a.must", "test_x::test_y", Outcome.FAIL, 0.1, "wrong status", (described,)),
        CheckFinished("a.must", "test_x::test_z", Outcome.PASS, 0.1),
        CheckFinished("a.should", "test_x::test_w", Outcome.FAIL, 0.1, "wrong", (described,)),
        RunFinished(1.5),
    )


def test_the_schema_coverage_is_told_in_one_line_and_listed_whole_in_the_file() -> None:
    """Also of a ledger from before there was any."""
    counts = {"operations": Count(2, 3), "statuses": Count(5, 8)}
    summary = Summary(counts, ("operations: POST /x",), undocumented=("POST /y 502",))
    *others, end = events()

    told = fold((*others, SchemaCovered(summary), end))

    assert "openapi.yaml  operations 2/3, statuses 5/8, undocumented: POST /y 502" in shown(told)
    assert json.loads(files.to_json(told))["schema_coverage"] == msgspec.to_builtins(summary) | {
        "not_reached": ["operations: POST /x"],
        "undocumented": ["POST /y 502"],
    }
    assert fold(events()).schema_coverage is None
    assert "openapi.yaml" not in shown(fold(events()))


def test_a_run_that_came_to_grief_is_no_conforming_one() -> None:
    """What it saw violated stays violated; what it saw passed says nothing of the rest."""
    first, left, _, passed, _, _ = events()

    assert fold((first, left, passed, RunFinished(1.0))).verdict is RunVerdict.CONFORMING
    broken = fold((first, left, passed, RunFinished(1.0, "the gateway no longer answers")))
    assert (broken.verdict, broken.exit_status) == (RunVerdict.UNDECIDED, ExitStatus.UNREACHABLE)
    assert fold((*events()[:-1], RunFinished(1.0, "gone"))).verdict is RunVerdict.VIOLATING


def test_a_violation_stands_without_what_could_not_be_decided_beside_it() -> None:
    """A check of the same requirement that was blocked has a finding of its own, which is no violation."""
    first, *others = events()
    described = msgspec.structs.replace(
        others[1].findings[0],  # type: ignore[union-attr]
        message="a valid request was not served",
    )
    blocked = CheckFinished("a.must", "test_x::test_v", Outcome.BLOCKED, 0.1, "not served", (described,))

    entry = fold((first, blocked, *others)).requirements[0]

    assert (entry.verdict, entry.reason, entry.checks) == (Verdict.FAIL, "wrong status", 3)
    assert [each.message for each in entry.findings] == ["wrong status"]


def test_the_report_is_folded_from_the_events() -> None:
    """Verdicts, counts and exit status follow from what the ledger holds."""
    report = fold(events())

    assert [entry.verdict for entry in report.requirements] == [Verdict.FAIL, Verdict.WARN, Verdict.NOT_VERIFIED]
    assert report.verdict is RunVerdict.VIOLATING
    assert report.exit_status is ExitStatus.VIOLATING
    assert report.counts["fail"] == report.counts["warn"] == report.counts["not-verified"] == 1


def test_a_planned_requirement_without_a_check_is_the_suites_fault() -> None:
    """It is an error, never a pass."""
    start, *_ = events()
    report = fold((start, RunFinished(1.0)))

    assert report.requirements[0].verdict is Verdict.ERROR
    assert report.exit_status is ExitStatus.UNREACHABLE


def test_a_ledger_that_breaks_off_says_so() -> None:
    """A run killed half way still gives a report, with the problem named."""
    report = fold(events()[:-1])

    assert report.problem == "the run did not finish"


def test_a_ledger_file_gives_the_same_report(tmp_path: Path) -> None:
    """What is written while the run goes on is all that a report needs."""
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for event in events():
        ledger.append(event)
    ledger.close()

    assert fold(read_ledger(tmp_path / "ledger.jsonl")) == fold(events())


def test_no_report_shows_a_secret(tmp_path: Path) -> None:
    """Neither the client's token nor the provider's key is in any file or on the console."""
    report = fold(events(tmp_path))
    files.write(report, tmp_path)
    console = Console(record=True, width=200)
    show(report, console)
    written = "".join(path.read_text() for path in tmp_path.iterdir() if path.is_file()) + console.export_text()

    assert TOKEN not in written
    assert "sk-provider-key" not in written
    assert "$GATEWAY_TOKEN" in written


def test_an_answer_that_names_the_token_does_not_bring_it_into_the_coverage() -> None:
    """A gateway may put anything into its Content-Type; letter case makes a secret no less one."""
    token = "Cpeer_Mixed_Case_0123456789"
    target = targets.parse({"base_url": "http://127.0.0.1:1/v1", "token": token}, {})
    coverage = Coverage(target.base_url, contracts.load().document)
    answer = Answer(200, (("Content-Type", f"audio/{token}"),), b"")
    coverage.note(Exchange(Request("POST", f"{target.base_url}/audio/speech"), answer))

    told = json.dumps(msgspec.to_builtins(Evidence(target, None).redacted(coverage.summary())))

    assert "POST /audio/speech responses 200 audio/" in told
    assert token.lower() not in told.lower()


def test_report_json_has_the_documented_shape(tmp_path: Path) -> None:
    """The keys are those that others read."""
    files.write(fold(events()), tmp_path)
    document = json.loads((tmp_path / "report.json").read_text())

    assert document["format"] == 2
    assert document["contract"] == "audio-api"
    assert document["causes"] == []
    assert set(document) >= {"suite", "target", "started", "duration_s", "verdict", "counts", "requirements"}
    assert set(document["suite"]) == {"version", "catalogue", "seed", "effort"}
    entry = document["requirements"][0]
    assert set(entry) >= {"id", "level", "section", "link", "statement", "verdict", "reason", "findings"}
    keys = {"check", "message", "expected", "got", "cause", "exchanges", "upstream", "script", "curl", "rerun", "case"}
    found = entry["findings"][0]
    assert set(found) == keys
    assert (found["exchanges"][0]["response"]["status"], found["upstream"][0]["position"]) == (500, 1)


def test_a_violation_names_the_clause_that_it_breaks(tmp_path: Path) -> None:
    """The card on the console and the properties of junit.xml have the link."""
    report = fold(events())
    files.write(report, tmp_path)
    properties = {each.get("name"): each.get("value") for each in ET.parse(tmp_path / "junit.xml").iter("property")}

    assert properties["link"] == "p.md#s"
    assert "p.md#s" in shown(report)


def test_junit_has_real_children(tmp_path: Path) -> None:
    """A failure is a failure element, an undecided requirement is skipped, a warning passes with its text."""
    files.write(fold(events()), tmp_path)
    cases = {case.get("name"): case for case in ET.parse(tmp_path / "junit.xml").iter("testcase")}

    assert cases["must"].find("failure") is not None
    assert cases["unknown"].find("skipped") is not None
    assert cases["should"].find("failure") is None
    assert "wrong status" in (cases["should"].findtext("system-out") or "")


def test_the_curl_line_names_the_token_by_variable() -> None:
    """It can be pasted into a shell: the words parse, the body is whole."""
    described = Evidence(TARGET, None).describe(finding(b'{"input": "it\'s"}'), "c", "r")

    words = shlex.split(described.curl)

    assert words[:3] == ["curl", "-i", "-X"]
    assert "Authorization: Bearer $GATEWAY_TOKEN" in words
    assert words[-1] == '{"input": "it\'s"}'


def test_a_binary_body_is_kept_beside_the_report(tmp_path: Path) -> None:
    """The curl line names a file that holds exactly what was sent."""
    body = bytes(range(256))
    described = Evidence(TARGET, tmp_path).describe(finding(body), "c", "r")

    path = Path(shlex.split(described.curl)[-1].removeprefix("@"))

    assert path.read_bytes() == body


def test_bytes_that_are_no_text_are_spelled_out(tmp_path: Path) -> None:
    """A header that was sent as raw bytes does not keep the report from being written."""
    request = Request("POST", "http://127.0.0.1:1/v1", (("Authorization", "Bearer caf\udce9"),))
    odd = Finding("got \udce9", "e", "g", (Exchange(request, error="broken \udce9"),))
    described = Evidence(TARGET, tmp_path).describe(odd, "c", "r")
    start, *_ = events()

    files.write(
        fold((start, CheckFinished("a.must", "c", Outcome.FAIL, 0.1, "", (described,)), RunFinished(1.0))), tmp_path
    )

    assert "\\\\udce9" in (tmp_path / "report.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\ud800"])
def test_junit_survives_any_text(char: str) -> None:
    """Characters that XML cannot hold are replaced."""
    start, *_ = events()
    report = fold((start, CheckFinished("a.must", "c", Outcome.FAIL, 0.1, f"odd {char}"), RunFinished(1.0)))

    assert ET.fromstring(files.to_junit(report)) is not None


def test_what_is_not_applicable_is_left_out_of_the_total() -> None:
    """A contract that asks for two requirements is decided by two, however many others there are."""
    start, _, *others = events()
    report = fold((start, LeftUndecided("a.unknown", Verdict.NOT_APPLICABLE, "toy does not ask for it"), *others))

    assert (report.applicable, report.counts["not-applicable"]) == (2, 1)
    assert "2 of 2 requirements decided: 1 fail, 1 warn" in shown(report)
    assert "1 requirements of other contracts are not applicable" in shown(report)
