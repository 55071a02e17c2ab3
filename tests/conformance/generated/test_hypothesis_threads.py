"""Searches in threads: source is parsed by one of them at a time, and what is loaded has no say in what is drawn."""

import ast
import importlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.internal import charmap

from conformance.generated import hypothesis_threads
from conformance.generated.search import draw
from tests.conformance.fake_gateway import TOKEN, fake_gateway
from tests.servers import CHECKOUT

NUMBERS = st.integers(0, 100_000)


def test_source_is_parsed_in_one_thread_at_a_time() -> None:
    """CPython 3.11 cannot parse in two threads at a time, and Hypothesis and pytest both parse while searches run."""
    inside, most = [], []

    def parse(source: str) -> None:
        inside.append(source)
        most.append(len(inside))
        threading.Event().wait(0.001)
        inside.pop()

    hypothesis_threads.prepare()
    assert hasattr(ast.parse, "__wrapped__")
    locked = hypothesis_threads._one_at_a_time(parse)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(locked, "source" * 5))
    assert set(most) == {1}


def test_loaded_modules_have_no_say_in_what_is_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A constant in the source of a module that is loaded by chance is never drawn."""
    (tmp_path / "by_chance.py").write_text("\n".join(f"x{number} = {number}" for number in range(70_000, 70_500)))
    before = draw(NUMBERS, 300, seed="0")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("by_chance")
    assert draw(NUMBERS, 300, seed="0") == before


def test_the_characters_of_utf_8_are_those_that_hypothesis_finds() -> None:
    """Told beforehand, they are not worked out in every thread."""
    hypothesis_threads.prepare()
    worked_out = charmap.intervals_from_codec.__wrapped__.__wrapped__
    for told, found in zip(charmap.intervals_from_codec("utf-8"), worked_out("utf-8"), strict=True):
        assert told.intervals == found.intervals


def test_nothing_is_said_of_what_was_prepared() -> None:
    """The plugin of Hypothesis would warn of tables that were read before it was loaded, in every run."""
    program = "from conformance.generated.hypothesis_threads import prepare; prepare(); import _hypothesis_pytestplugin"
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=True)
    assert said.stderr == ""


# Counts the calls that make an AST without the lock, in threads other than the first, while a run of the suite goes on.
_SPY = """
import ast, builtins, sys, threading
from conformance.cli import main
real, strays = builtins.compile, []

def compile_(source, filename, mode, flags=0, *rest, **options):
    caller = sys._getframe(1).f_code.co_filename
    if flags & ast.PyCF_ONLY_AST and threading.current_thread() is not threading.main_thread() and caller != ast.__file__:
        strays.append(caller)
    return real(source, filename, mode, flags, *rest, **options)

builtins.compile = compile_
chosen = ["--select", "generated.speech.*", "--effort", "quick"]
status = main(["run", "--base-url", sys.argv[1], "--token", sys.argv[2], *chosen])
print("strays", strays, "status", status)
"""


@pytest.mark.slow(about_s=10)
def test_no_thread_of_a_run_parses_without_the_lock() -> None:
    """Libraries that parse their own source at import do so before any thread starts."""
    with fake_gateway() as (url, _):
        command = [sys.executable, "-c", _SPY, url, TOKEN]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False)

    assert "strays [] status" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.slow
def test_a_run_leaves_nothing_in_the_current_folder(tmp_path: Path) -> None:
    """Neither Hypothesis's tables nor a cache of pytest's: what a run writes goes where it is told to."""
    report, here = tmp_path / "report", tmp_path / "here"
    here.mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "HYPOTHESIS_STORAGE_DIRECTORY"}
    with fake_gateway() as (url, _):
        arguments = ["run", "--base-url", url, "--token", TOKEN, "--select", "generated.speech.*", "--effort", "quick"]
        command = [sys.executable, "-m", "conformance", *arguments, "--report-dir", str(report)]
        paths = {**environment, "PYTHONPATH": str(CHECKOUT)}
        done = subprocess.run(command, cwd=here, env=paths, capture_output=True, text=True, timeout=120, check=False)

    assert (report / "report.json").exists()
    assert list(here.iterdir()) == []
    assert "Warning" not in done.stderr
