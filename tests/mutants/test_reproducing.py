"""What a finding prints is enough to see the same again: its script, told to a fresh mock, and its curl line."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.mutants.judging import shared_mock
from tests.mutants.place import TOKEN, Mock, running
from tests.mutants.registry import select
from tests.servers import CHECKOUT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    # The gateways of this process are killed at the end, with connections open.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

_STATUS_LINE = re.compile(r"HTTP/1.1 (\d{3})")


def _finding(name: str, folder: Path) -> tuple[dict[str, Any], str]:
    """The first finding of a run of the requirement that the mutant breaks, and what the run printed."""
    [mutant] = select([name])
    with shared_mock() as mock, running(mutant.fault, mock) as (target, _):
        options = ["--effort", "quick", "--select", mutant.kills, "--report-dir", str(folder)]
        command = [sys.executable, "-m", "conformance", "run", str(target), *options]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 1, done.stdout
    report = json.loads((folder / "report.json").read_text("utf-8"))
    finding: dict[str, Any] = next(each for each in report["requirements"] if each["id"] == mutant.kills)["findings"][0]
    return finding, done.stdout


def _tell(mock: Mock, script: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {mock.control_token}"}
    answer = httpx.post(f"{mock.base_url}/_mock/scripts", json=script, headers=headers, trust_env=False)
    answer.raise_for_status()


@pytest.mark.parametrize("name", ["speech-provider-500-swallowed", "transcriptions-provider-502-swallowed"])
def test_script_and_curl_line_reproduce_the_wrong_status(name: str, tmp_path: Path) -> None:
    """The same wrong status comes from another process of the gateway with another mock behind."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: the printed line cannot be run")
    finding, printed = _finding(name, tmp_path)
    assert finding["script"], "the finding says what the provider was told"
    assert finding["upstream"], "and what became of the call"
    assert all(json.dumps(each["match"])[1:-1].replace(": ", ":") in printed for each in finding["script"])
    [mutant] = select([name])
    with shared_mock() as mock, running(mutant.fault, mock) as (_, port):
        for script in finding["script"]:
            _tell(mock, script)
        origin = urlsplit(shlex.split(finding["curl"])[4])
        line = finding["curl"].replace(origin.netloc, f"127.0.0.1:{port}")
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            env={**os.environ, "GATEWAY_TOKEN": TOKEN},
            capture_output=True,
            timeout=60,
            check=True,
        )
    seen = _STATUS_LINE.search(done.stdout.decode("utf-8", "replace"))
    assert seen is not None
    assert int(seen[1]) == finding["exchanges"][-1]["response"]["status"]
