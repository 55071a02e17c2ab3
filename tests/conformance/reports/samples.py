"""A run as its ledger tells it: a MUST that fails, a SHOULD that warns, and what was not verified."""

import io
from pathlib import Path

from rich.console import Console

from conformance import target as targets
from conformance.contracts.requirements import Level, Requirement
from conformance.http.exchange import Answer, Exchange, Finding, Request
from conformance.mock.calls import RecordedCall
from conformance.reports.console import show
from conformance.reports.ledger import (
    CheckFinished,
    Event,
    LeftUndecided,
    RunFinished,
    RunStarted,
    SuiteReport,
)
from conformance.reports.records import Evidence
from conformance.reports.redaction import describe
from conformance.reports.report import Report
from conformance.reports.verdicts import Outcome, Verdict

TOKEN = "cpeer_very_secret"
TARGET = targets.parse({"base_url": "http://127.0.0.1:1/v1", "token": TOKEN}, {})
MUST = Requirement(id="a.must", level=Level.MUST, section="s", link="p.md#s", statement="It must.")
SHOULD = Requirement(id="a.should", level=Level.SHOULD, section="s", link="p.md#s", statement="It should.")
UNKNOWN = Requirement(id="a.unknown", level=Level.MUST, section="s", link="p.md#s", statement="Who knows.")


def finding(body: bytes = b'{"input": "x"}') -> Finding:
    headers = (("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/json"))
    request = Request("POST", "http://127.0.0.1:1/v1/audio/speech", headers, body)
    answer = Answer(500, (("content-type", "text/plain"),), f"boom {TOKEN}".encode())
    credentials = (("authorization", "Bearer sk-provider-key"), ("accept", "*/*"))
    call = RecordedCall(position=1, method="POST", path="/v1/audio/speech", headers=credentials)
    return Finding("wrong status", "status 400", "500 boom", (Exchange(request, answer),), (call,))


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


def shown(report: Report) -> str:
    console = Console(record=True, width=200, file=io.StringIO())
    show(report, console)
    return console.export_text()
