"""The ledger keeps events in order, passes them on, and can be read back from its file."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from conformance.reports.ledger import (
    Ledger,
    LeftUndecided,
    read_ledger,
)
from conformance.reports.report import fold
from conformance.reports.verdicts import Verdict
from tests.conformance.reports.samples import events


def test_a_ledger_file_gives_the_same_report(tmp_path: Path) -> None:
    """What is written while the run goes on is all that a report needs."""
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for event in events():
        ledger.append(event)
    ledger.close()

    assert fold(read_ledger(tmp_path / "ledger.jsonl")) == fold(events())


def test_listeners_get_each_event_once_and_in_order() -> None:
    """Also those that come from several threads at a time: none is lost, and the list is the same for all."""
    ledger, heard = Ledger(), []
    ledger.listen(heard.append)
    with ThreadPoolExecutor(8) as pool:
        for number in range(200):
            pool.submit(ledger.append, LeftUndecided(f"a.{number}", Verdict.BLOCKED, ""))

    assert tuple(heard) == ledger.events
    assert {event.requirement for event in ledger.events} == {f"a.{number}" for number in range(200)}  # type: ignore[union-attr]


def test_an_event_is_in_the_file_before_the_next_one_comes(tmp_path: Path) -> None:
    """A run that is killed leaves what it has found."""
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for count, event in enumerate(events(), start=1):
        ledger.append(event)
        assert len(read_ledger(tmp_path / "ledger.jsonl")) == count
    ledger.close()


def test_what_is_no_ledger_is_refused(tmp_path: Path) -> None:
    """A line that is no event, and a line that is no JSON."""
    for text in ('{"type": "no-such-event"}\n', "no json\n"):
        (tmp_path / "ledger.jsonl").write_text(text)
        with pytest.raises(msgspec.DecodeError):
            read_ledger(tmp_path / "ledger.jsonl")
