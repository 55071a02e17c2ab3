"""Whatever a gateway answers, every report is well formed, controls no screen, and shows no secret."""

import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from rich.console import Console

from conformance.commands import matrix
from conformance.http.exchange import Answer, Exchange, Finding, Request
from conformance.reports import baseline, files
from conformance.reports.badge import to_badge
from conformance.reports.baseline import Baseline, to_yaml
from conformance.reports.console import Detail, show
from conformance.reports.ctrf import to_ctrf
from conformance.reports.html import to_html, to_matrix_html
from conformance.reports.junit import to_junit
from conformance.reports.ledger import AudioKept, CheckFinished, Event, RunFinished
from conformance.reports.markdown import MOST_BYTES, to_markdown
from conformance.reports.plain import visible
from conformance.reports.records import Evidence
from conformance.reports.report import Report, fold
from conformance.reports.verdicts import Outcome
from tests.conformance.reports.broken_run import broken
from tests.conformance.reports.samples import TARGET, TOKEN, events

HOSTILE = (
    "\x1b[31m\x1b]0;title\x07 ]]> </script><script>alert(1)</script> \x00\x0b\ud800 \u202e&lt; ``` </details> | \r"
)


def printed(report: Report) -> str:
    """What the console shows at its most talkative."""
    out = io.StringIO()
    show(report, Console(file=out, width=100), Detail.ALL)
    return out.getvalue()


WRITERS: dict[str, Callable[[Report], str]] = {
    "console": printed,
    "json": files.to_json,
    "junit": lambda report: to_junit(report).decode(),
    "ctrf": to_ctrf,
    "html": to_html,
    "markdown": to_markdown,
    "badge": to_badge,
    "baseline": lambda report: to_yaml(baseline_of(report)),
    "known": lambda report: to_html(beside_its_baseline(report)) + to_markdown(beside_its_baseline(report)),
    "matrix": lambda report: to_matrix_html(["a"], [report]) + "\n".join(matrix.markdown(["a"], [report])),
}


def baseline_of(report: Report) -> Baseline:
    """What the command would write: the causes' titles stand for reasons."""
    return baseline.baseline_of(report.contract, report.causes, owner="o", reason="", expires=date(2030, 1, 1))


def beside_its_baseline(report: Report) -> Report:
    """The report of a run for which all of it was known."""
    compared = baseline.compare(report.requirements, baseline_of(report), date(2026, 1, 1))
    return msgspec.structs.replace(report, baseline=compared)


def hostile() -> tuple[Event, ...]:
    """A run whose gateway put all of it everywhere, a large body among it."""
    start, left, *others, end = broken(
        6, text=HOSTILE, body=HOSTILE.encode("utf-8", "surrogatepass") + b"x" * 5_000_000
    )
    return (start, left, *others, end)


@pytest.fixture(scope="module")
def report() -> Report:
    return fold(hostile())


@pytest.mark.parametrize("name", list(WRITERS))
def test_no_report_controls_a_screen(name: str, report: Report) -> None:
    """No escape, NUL or turn of direction is left, and each text is UTF-8."""
    text = WRITERS[name](report)

    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", text if name != "json" else "")
    assert text.encode("utf-8")


@pytest.mark.parametrize("name", list(WRITERS))
def test_five_megabytes_are_not_passed_on(name: str, report: Report) -> None:
    """Bodies are shown by their beginning."""
    assert len(WRITERS[name](report)) < 300_000


def test_what_is_xml_or_json_can_be_read(report: Report) -> None:
    """By a parser that knows no mercy."""
    suite = ET.fromstring(to_junit(report))
    assert suite.find(".//failure") is not None
    assert ET.fromstring(to_badge(report)).tag.endswith("svg")
    assert json.loads(files.to_json(report))["verdict"] == "violating"
    assert json.loads(to_ctrf(report))["results"]["summary"]["failed"] > 0


def test_markdown_keeps_its_shape(report: Report) -> None:
    """No foreign fence, tag or row: every fold that opens is closed by us."""
    text = to_markdown(report)
    outside = re.sub(r"(`{3,})text\n.*?\n\1", "", text, flags=re.DOTALL)

    assert not re.search(r"(?<!\\)<(?!/?(details|summary)>)", outside)
    assert outside.count("<details>") == outside.count("</details>")
    assert len(text.encode()) < MOST_BYTES


@pytest.mark.slow
def test_markdown_of_a_wall_of_findings_fits_a_summary_page() -> None:
    """GitHub refuses more than 1 MiB."""
    text = to_markdown(fold(broken(1500, each=1, text="w" * 3000)))

    assert len(text.encode()) < 1_048_576
    assert text.startswith("## ❌ violating")


def secretive(place: str) -> tuple[Event, ...]:
    """A run whose gateway gives the client's token back, in this place."""
    kept: list[Event] = []
    evidence = Evidence(TARGET, None, lambda audio: kept.append(AudioKept(audio)))
    body = f"you sent {TOKEN}" if place in {"body", "audio"} else "none"
    headers = (
        ("content-type", "audio/mpeg" if place == "audio" else "text/plain"),
        ("x-echo", TOKEN * (place == "header")),
    )
    request = Request(
        "POST", f"http://127.0.0.1:1/v1?t={TOKEN * (place == 'url')}", (("Authorization", f"Bearer {TOKEN}"),)
    )
    problem = "s: not a whole stream of mp3" if place == "audio" else f"s {TOKEN * (place == 'message')}: wrong status"
    finding = Finding(problem, f"no {TOKEN}", f"got {TOKEN}", (Exchange(request, Answer(500, headers, body.encode())),))
    told = evidence.describe(finding, f"check {TOKEN}", "rerun")
    start, left, *_ = events()
    return (
        start,
        left,
        *kept,
        CheckFinished("a.must", "c", Outcome.FAIL, 0.1, evidence.text(f"r {TOKEN}"), (told,)),
        RunFinished(1),
    )


@pytest.mark.parametrize("place", ["body", "audio", "header", "url", "message"])
@pytest.mark.parametrize("name", list(WRITERS))
def test_no_report_shows_a_secret(name: str, place: str) -> None:
    """Wherever the gateway put it."""
    text = WRITERS[name](fold(secretive(place)))

    assert TOKEN not in text
    assert "dmVyeV9zZWNyZXQ" not in text  # its middle in base64


def test_a_job_page_gets_the_report_and_keeps_what_it_had(tmp_path: Path) -> None:
    """Other steps write there, too."""
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    files.summarise(fold(events()), {files.SUMMARY: str(page)})
    files.summarise(fold(events()), {})

    assert page.read_text().startswith("before\n## ❌ violating")
    assert page.read_text().count("violating") == 1


def test_control_characters_are_spelled_out() -> None:
    assert visible("a\x1b[31mb\x00\u202ec\td\n") == "a\\x1b[31mb\\x00\\u202ec\td\n"
