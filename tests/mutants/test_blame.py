"""A gateway with one plain fault is accused of that, and not of crowds besides; one that mixes answers up is."""

from __future__ import annotations

import pytest

from tests.mutants.behind import order_fields
from tests.mutants.fault import Fault
from tests.mutants.judging import judge, shared_mock
from tests.mutants.registry import select

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    # The gateways of this process are killed at the end, with connections open.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

_JUDGED = ("generated.concurrency", "generated.speech.text", "generated.speech.json-spelling")
_PLAIN = "provider.speech.input-exact"


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


def test_a_lost_line_break_is_told_once_under_the_plain_requirement() -> None:
    fault: Fault = order_fields("speech", input=_one_line)
    with shared_mock() as mock:
        whole = judge(fault, mock, [*_JUDGED, _PLAIN], "standard")
        alone = judge(fault, mock, ["generated.concurrency"], "standard")
    assert whole.accused == (_PLAIN,)
    assert alone.accused == ("generated.concurrency",)
    assert _PLAIN in alone.reasons["generated.concurrency"]


@pytest.mark.parametrize("name", ["answers-crossed-generated", "transcriptions-orders-shared"])
def test_answers_that_change_places_are_the_crowds_fault(name: str) -> None:
    [mutant] = select([name])
    with shared_mock() as mock:
        judged = judge(
            mutant.fault, mock, ["generated.concurrency", "provider.transcriptions.prompt-exact"], "standard"
        )
    assert judged.accused == ("generated.concurrency",)
