"""A gateway with one plain fault is accused of that, and not of crowds besides; one that mixes answers up is."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.servers import CHECKOUT

pytestmark = [pytest.mark.slow(about_s=40), pytest.mark.timeout(600)]

_PLAIN = "provider.speech.input-exact"
_CROWD = "generated.concurrency"
# In a process of its own, because the gateways of a judgement are killed with connections open.
_JUDGE = """
import json, logging, sys
from tests.mutants.behind import order_fields
from tests.mutants.judging import judge, shared_mock
from tests.mutants.registry import select

logging.disable(logging.CRITICAL)
name, *judged = sys.argv[1:]
lost = order_fields("speech", input=lambda text: " ".join(text.splitlines()))
with shared_mock() as mock:
    found = judge(lost if name == "line-breaks-lost" else select([name])[0].fault, mock, judged, "standard")
print(json.dumps([found.accused, found.reasons]))
"""


def _judged(name: str, *requirements: str) -> tuple[list[str], dict[str, str]]:
    """Who is accused, and the reasons of all that did not pass."""
    command = [sys.executable, "-c", _JUDGE, name, *requirements]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=500, check=True)
    accused, reasons = json.loads(done.stdout)
    return accused, reasons


def test_a_lost_line_break_is_told_once_under_the_plain_requirement() -> None:
    accused, _ = _judged("line-breaks-lost", _CROWD, "generated.speech.text", "generated.speech.json-spelling", _PLAIN)
    assert accused == [_PLAIN]


def test_where_the_plain_requirement_is_not_judged_the_crowd_names_it() -> None:
    accused, reasons = _judged("line-breaks-lost", _CROWD)
    assert accused == [_CROWD]
    assert _PLAIN in reasons[_CROWD]


@pytest.mark.parametrize("name", ["answers-crossed-generated", "transcriptions-orders-shared"])
def test_answers_that_change_places_are_the_crowds_fault(name: str) -> None:
    accused, _ = _judged(name, _CROWD, "provider.transcriptions.prompt-exact")
    assert accused == [_CROWD]
