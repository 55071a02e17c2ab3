"""Sees a finding again by what it prints: `python -m tests.mutants.reproducing NAME` prints both statuses as JSON.

In a process of its own, because the gateways that it starts are killed with connections open.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.mutants.judging import shared_mock
from tests.mutants.place import TOKEN, Mock, running
from tests.mutants.registry import select
from tests.servers import CHECKOUT

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


def reproduce(name: str) -> dict[str, Any]:
    """The status that the finding saw, and the one that its script and its curl line lead to with a fresh mock."""
    [mutant] = select([name])
    with TemporaryDirectory() as folder:
        finding, printed = _finding(name, Path(folder))
        with shared_mock() as mock, running(mutant.fault, mock) as (_, port):
            for script in finding["script"]:
                _tell(mock, script)
            origin = urlsplit(shlex.split(finding["curl"])[4])
            line = finding["curl"].replace(origin.netloc, f"127.0.0.1:{port}")
            environment = {**os.environ, "GATEWAY_TOKEN": TOKEN}
            done = subprocess.run(["/bin/sh", "-c", line], env=environment, capture_output=True, timeout=60, check=True)
    seen = _STATUS_LINE.search(done.stdout.decode("utf-8", "replace"))
    return {
        "then": finding["exchanges"][-1]["response"]["status"],
        "now": int(seen[1]) if seen else None,
        "upstream": len(finding["upstream"]),
        "scripts": len(finding["script"]),
        "scripts_printed": sum(json.dumps(each["act"], separators=(",", ":")) in printed for each in finding["script"]),
    }


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.stdout.write(json.dumps(reproduce(sys.argv[1])))
