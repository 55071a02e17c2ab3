"""What a stranger sees first of a gateway that is broken as a whole: one cause that says it, in front of few others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from conformance.reports.report import Report
from tests.mutants.wrecks import WRECKS

# In a process of its own: what a run leaves behind is none of the next one's business.
JUDGED = """
import sys
from conformance import cli
from tests.mutants import place
from tests.mutants.judging import shared_mock
from tests.mutants.wrecks import WRECKS
name, *options = sys.argv[1:]
with shared_mock() as mock, place.running(WRECKS[name], mock) as (target, _):
    sys.exit(cli.main(["run", str(target), *options]))
"""
# Wide enough that one fault shows in many words, without what waits by its nature.
SELECTED = ("authentication.*", "errors.*", "speech.*", "transcriptions.*", "translations.*", "provider.*")
# What the first cause says, and how many there are at most.
SEEN = {
    "json-to-everything": ("Every operation serves what has to be refused", 14),
    "page-to-everything": ("Every operation serves what has to be refused", 14),
    "failure-to-everything": ('Every operation answers 500 "Internal Server Error"', 8),
    "documents-as-json": ("answers application/json instead of text, srt or vtt", 2),
    "no-authentication": ("Every operation serves what has to be refused", 1),
    "errors-as-500": ("Every operation answers 500 whatever is wrong", 3),
    "errors-as-200": ("Every operation answers 200 whatever is wrong", 9),
    "one-label-for-all": ("wrong media type", 5),
    "drops-what-is-optional": ("fields do not reach the provider", 7),
}


# One stands for all of them, which take minutes, before a release.
ALWAYS = "documents-as-json"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow(about_s=15) if name == ALWAYS else pytest.mark.release)
        for name in WRECKS
    ],
)
def test_the_first_cause_says_what_is_wrong_with_all(name: str, tmp_path: Path) -> None:
    options = ["--effort", "quick", "--seed", "7", "--report-dir", str(tmp_path)]
    options += [word for glob in SELECTED for word in ("--select", glob)]
    done = subprocess.run(
        [sys.executable, "-c", JUDGED, name, *options],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "GITHUB_STEP_SUMMARY": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    report = msgspec.json.decode((tmp_path / "report.json").read_bytes(), type=Report)
    says, most = SEEN[name]
    titles = [cause.title for cause in report.causes]

    assert says in titles[0], titles
    assert len(titles) <= most, titles
    assert says in done.stdout
