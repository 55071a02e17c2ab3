"""The exit status of a run beside a baseline."""

import pytest

from conformance.commands.judging import _exit_status
from conformance.reports.baseline import Compared
from conformance.reports.report import fold
from conformance.reports.verdicts import ExitStatus
from tests.conformance.reports.broken_run import broken
from tests.conformance.reports.samples import events

HOLDS = Compared(("a",), (), (), (), ())
NEW = Compared((), ("a",), (), (), ())


@pytest.mark.parametrize(("compared", "status"), [(None, 1), (HOLDS, 0), (NEW, 1)])
def test_known_violations_do_not_fail(compared: Compared | None, status: int) -> None:
    """Only what is new does."""
    assert _exit_status(fold(broken()), compared) == status


def test_a_run_that_decided_nothing_is_not_saved_by_a_baseline() -> None:
    """The status stays that of the run."""
    start, left, *_ = events()

    assert _exit_status(fold((start, left)), HOLDS) is not ExitStatus.CONFORMING
