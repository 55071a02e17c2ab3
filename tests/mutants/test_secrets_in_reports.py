"""Gateways that give secrets away: the suite finds it, and no report of it gives them away once more."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.mutants import place
from tests.mutants.registry import all_mutants

pytestmark = pytest.mark.slow(about_s=35)

# In a process of its own: what the mutant's server leaves behind is none of this test's business.
JUDGED = """
import sys
from conformance import cli
from tests.mutants import place
from tests.mutants.judging import shared_mock
from tests.mutants.registry import all_mutants
name, *options = sys.argv[1:]
(fault,) = (each.fault for each in all_mutants() if each.name == name)
with shared_mock() as mock, place.running(fault, mock) as (target, _):
    status = cli.main(["run", str(target), *options])
sys.exit(status)
"""
LEAKING = {each.name: each for each in all_mutants() if each.kills.startswith("secrets.speech.")}
SECRETS = (place.TOKEN, place.PROVIDER_KEY, place.AZURE_KEY, *place.LIMITED.values())


def written(secret: str) -> tuple[bytes, ...]:
    """A secret as it may stand in a file: as it is, percent-encoded, and within base64, wherever it begins there."""
    shifted = (base64.b64encode(b"x" * n + secret.encode())[4:-4] for n in range(3))
    return secret.encode(), quote(secret, safe="").encode(), *shifted


@pytest.mark.parametrize("name", list(LEAKING))
def test_no_file_of_the_report_shows_what_the_gateway_gave_away(name: str, tmp_path: Path) -> None:
    """Reports, ledger, kept cases and bodies, the page of the job, and what was printed."""
    mutant = LEAKING[name]
    report = tmp_path / "report"
    options = ["--effort", "quick", "--report-dir", str(report), "--select", mutant.kills, "--verbose"]
    done = subprocess.run(
        [sys.executable, "-c", JUDGED, name, *options],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "GITHUB_STEP_SUMMARY": str(report / "summary.md")},
        capture_output=True,
        timeout=120,
        check=False,
    )
    files = {path.name: path.read_bytes() for path in report.rglob("*") if path.is_file()}
    files["printed"] = done.stdout + done.stderr

    assert done.returncode == 1, done.stderr
    assert {"report.html", "report.md", "junit.xml", "report.ctrf.json", "summary.md", "ledger.jsonl"} <= files.keys()
    forms = [form for secret in SECRETS for form in written(secret)]
    assert [(file, form) for file, data in files.items() for form in forms if form in data] == []
