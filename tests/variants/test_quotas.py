"""A gateway whose quota of a day ends during the run, and that does not say so, is accused of nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.servers import CHECKOUT

pytestmark = [pytest.mark.release, pytest.mark.timeout(600)]

_JUDGED = ("robustness.speech.served-at-the-end", "robustness.speech.recovery-many", "errors.speech.unknown-model-warm")
# In a process of its own, because the gateways of a judgement are killed with connections open.
_JUDGE = """
import json, logging, sys
from tests.mutants.judging import judge, shared_mock
from tests.variants.limits import silent_quota

logging.disable(logging.CRITICAL)
with shared_mock() as mock:
    found = judge(silent_quota(30), mock, sys.argv[1:])
print(json.dumps([found.failed, found.verdicts]))
"""


def test_a_silent_quota_accuses_nobody() -> None:
    """It ends in the middle of many bad requests in a row."""
    command = [sys.executable, "-c", _JUDGE, *_JUDGED]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=500, check=True)
    failed, verdicts = json.loads(done.stdout)
    assert failed == []
    assert verdicts["robustness.speech.served-at-the-end"] == "blocked"
