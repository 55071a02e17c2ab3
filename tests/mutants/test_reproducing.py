"""What a finding prints is enough to see the same again: its script, told to a fresh mock, and its curl line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from tests.servers import CHECKOUT

pytestmark = [pytest.mark.slow(about_s=15), pytest.mark.timeout(300)]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed: the printed line cannot be run")
@pytest.mark.parametrize("name", ["speech-provider-500-swallowed", "transcriptions-provider-502-swallowed"])
def test_script_and_curl_line_reproduce_the_wrong_status(name: str) -> None:
    """The same wrong status comes from another gateway with the fault, with another mock behind."""
    command = [sys.executable, "-m", "tests.mutants.reproducing", name]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=240, check=True)
    seen = json.loads(done.stdout)
    assert seen["now"] == seen["then"] == 200
    assert seen["upstream"], "the finding shows what became of the call"
    assert seen["scripts"] == seen["scripts_printed"] == 1
