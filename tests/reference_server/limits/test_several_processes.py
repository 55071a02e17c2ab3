"""Several processes, one limit: a small run of the benchmark, which checks its own figures."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def test_four_processes_keep_one_limit_through_a_crash_of_the_store() -> None:
    """400 requests against 200 from 4 processes: exactly 200 served; with the store killed midway, never more."""
    command = [sys.executable, "-m", "benchmarks.limits_shared", "--requests", "400", "--limit", "200"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "'refused': 200, 'served': 200" in run.stdout
