"""junit.xml: a test case for each requirement, with children that CI systems know."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.reports import files
from conformance.reports.ledger import (
    CheckFinished,
    RunFinished,
)
from conformance.reports.report import fold
from conformance.reports.verdicts import Outcome
from tests.conformance.reports.samples import events, shown


def test_junit_has_real_children(tmp_path: Path) -> None:
    """A failure is a failure element, an undecided requirement is skipped, a warning passes with its text."""
    files.write(fold(events()), tmp_path)
    cases = {case.get("name"): case for case in ET.parse(tmp_path / "junit.xml").iter("testcase")}

    assert cases["must"].find("failure") is not None
    assert cases["unknown"].find("skipped") is not None
    assert cases["should"].find("failure") is None
    assert "wrong status" in (cases["should"].findtext("system-out") or "")


def test_a_violation_names_the_clause_that_it_breaks(tmp_path: Path) -> None:
    """The card on the console and the properties of junit.xml have the link."""
    report = fold(events())
    files.write(report, tmp_path)
    properties = {each.get("name"): each.get("value") for each in ET.parse(tmp_path / "junit.xml").iter("property")}

    assert properties["link"] == "p.md#s"
    assert "p.md#s" in shown(report)


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\ud800"])
def test_junit_survives_any_text(char: str) -> None:
    """Characters that XML cannot hold are replaced."""
    start, *_ = events()
    report = fold((start, CheckFinished("a.must", "c", Outcome.FAIL, 0.1, f"odd {char}"), RunFinished(1.0)))

    assert ET.fromstring(files.to_junit(report)) is not None
