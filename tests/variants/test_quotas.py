"""A gateway whose quota of a day ends during the run, and that does not say so, is accused of nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.servers import CHECKOUT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_JUDGED = ("robustness.speech.served-at-the-end", "robustness.speech.recovery-many", "errors.speech.unknown-model-warm")
# In a process of its own, because the gateways of a judgement are killed with connections open.
_JUDGE = """
import json, logging, sys
from tests.mutants.judging import judge, shared_mock
from tests.variants.limits import silent_quota

logging.disable(logging.CRITICAL)
most, *judged = sys.argv[1:]
with shared_mock() as mock:
    found = judge(silent_quota(int(most)), mock, judged)
print(json.dumps([found.failed, found.verdicts]))
"""


@pytest.mark.parametrize("most", [5, 30])
def test_a_silent_quota_accuses_nobody(most: int) -> None:
    """It ends at once, or in the middle of many bad requests in a row."""
    command = [sys.executable, "-c", _JUDGE, str(most), *_JUDGED]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=500, check=True)
    failed, verdicts = json.loads(done.stdout)
    assert failed == []
    assert verdicts["robustness.speech.served-at-the-end"] == "blocked"
