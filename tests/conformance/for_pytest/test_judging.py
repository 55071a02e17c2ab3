"""A gateway judged under pytest, in a process of its own, as somebody who has the suite installed would do it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.conformance.fake_gateway import TOKEN, Behaviour, Reply, Seen, authorised, fake_gateway

pytestmark = pytest.mark.slow(about_s=25)


def run_pytest(folder: Path, *arguments: str, target: bool = True, path: str = "") -> subprocess.CompletedProcess[str]:
    """pytest on the installed package; `path` is where to look for it first."""
    options = ["--target", str(folder / "target.yaml")] if target else []
    return subprocess.run(
        [
            sys.executable,
            "-P",
            "-m",
            "pytest",
            "--pyargs",
            "conformance",
            *options,
            "-p",
            "no:cacheprovider",
            *arguments,
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def judged(folder: Path, behave: Behaviour, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """The same, for a gateway that behaves like this."""
    with fake_gateway(behave) as (url, _):
        (folder / "target.yaml").write_text(f"base_url: {url}\ntoken: {TOKEN}\n")
        return run_pytest(folder, *arguments, path=path)


def broken(seen: Seen) -> Reply:
    """Lets in whoever comes."""
    del seen
    return Reply(200, b'{"text": "hello", "request_id": "r1"}', {"Content-Type": "application/json"})


def test_each_requirement_is_a_test_and_the_reports_are_those_of_a_run(tmp_path: Path) -> None:
    """What holds passes, what is violated fails with its findings, what is not decided is skipped."""
    arguments = ("--effort", "quick", "--report-dir", "report", "--junitxml", "pytest.xml", "-k")
    done = judged(tmp_path, broken, *arguments, "authentication.speech.missing or answer.json or limits.rate.speech")
    cases = {case.get("name"): case for case in ET.parse(tmp_path / "pytest.xml").iter("testcase")}

    assert done.returncode == 1, done.stdout + done.stderr
    assert {child.tag for child in cases["authentication.speech.missing"]} >= {"failure"}
    assert "expected: status 401" in done.stdout
    assert "--select 'authentication.speech.missing::" in done.stdout
    assert {child.tag for child in cases["transcriptions.answer.json"]} == {"properties"}
    assert TOKEN not in done.stdout
    assert (tmp_path / "report" / "report.html").exists()


def test_a_level_selects_and_what_holds_passes(tmp_path: Path) -> None:
    """Levels are marks."""
    done = judged(tmp_path, authorised, "--effort", "quick", "-m", "must", "-k", "authentication.speech.missing", "-q")

    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_nobody_there_is_no_success(tmp_path: Path) -> None:
    """All would be skipped, and pytest would end with 0."""
    (tmp_path / "target.yaml").write_text("base_url: http://127.0.0.1:9/v1\ntoken: t\n")
    done = run_pytest(tmp_path, "-k", "speech.format")

    assert done.returncode == 3
    assert "No gateway answers at http://127.0.0.1:9/v1" in done.stdout


def test_a_target_that_is_wrong_is_named(tmp_path: Path) -> None:
    """As the command names it."""
    (tmp_path / "target.yaml").write_text("base_url: http://127.0.0.1:9/v1\ntoken: t\nnope: 1\n")
    done = run_pytest(tmp_path)

    assert done.returncode == 4
    assert "nope" in done.stderr


def test_other_projects_have_no_such_option(tmp_path: Path) -> None:
    """Theirs may have the same name."""
    (tmp_path / "test_own.py").write_text("def test_own(): pass\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--target", "x", "test_own.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 4
    assert "unrecognized arguments: --target" in done.stderr
