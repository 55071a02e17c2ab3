"""Whole runs against gateways that are broken as servers: they end by themselves, and say what can be said.

The wide collection, by whole suites and with the suite's own patience, is ``python -m benchmarks.broken_gateways``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.conformance import broken_gateways as faults
from tests.conformance.broken_gateways import Fault, FromRequest, Front, breaking, broken
from tests.servers import RunningGateway, running_gateway

pytestmark = pytest.mark.slow(about_s=30)

TOKEN = "cpeer_development"
# The command as it is, but for its patience: a gateway on loopback needs none.
HURRIED = """
import sys
from conformance import cli
from conformance.http import client as gateway
from conformance.runner import run
run._GRACE_S, gateway._PROBING_S, gateway._PROBE_TIMEOUT_S = 0.5, 0.5, 0.5
sys.exit(cli.main(sys.argv[1:]))
"""
SELECTED = ("authentication.speech.*", "speech.format.*", "translations.form.json", "translations.form.multipart")
# Three for the first contact, the others for checks: one worker takes them one by one.
HEALTHY = 8


class Judged(NamedTuple):
    """What a run came to; ``verdicts`` by requirement id."""

    status: int
    verdicts: dict[str, str]
    problem: str

    def with_verdict(self, verdict: str) -> list[str]:
        return [requirement for requirement, each in self.verdicts.items() if each == verdict]


def judged(origin: str, folder: Path) -> Judged:
    """Run the suite. That it ends before the time of the subprocess is over is half of what each test asks."""
    target = {"base_url": f"{origin}/api/client/v1", "token": TOKEN, "timeout_s": 1.5}
    file = folder / "target.yaml"
    file.write_text(yaml.safe_dump(target), "utf-8")
    select = [word for glob in SELECTED for word in ("--select", glob)]
    command = [sys.executable, "-c", HURRIED, "run", str(file), "--effort", "quick", "--workers", "1", *select]
    done = subprocess.run(
        [*command, "--report-dir", str(folder)], capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    report = json.loads((folder / "report.json").read_text("utf-8"))
    verdicts = {each["id"]: each["verdict"] for each in report["requirements"]}
    assert "error" not in verdicts.values()
    return Judged(done.returncode, verdicts, report["problem"])


@pytest.fixture(scope="module")
def healthy() -> Iterator[RunningGateway]:
    with running_gateway() as gateway:
        yield gateway


@pytest.mark.parametrize("fault", [faults.hang, faults.garbage])
def test_a_gateway_that_never_answers_as_one_is_unreachable(fault: Fault, tmp_path: Path) -> None:
    """Nothing is judged, and the reason is said."""
    with broken(fault) as front:
        run = judged(front.origin, tmp_path)

    assert run.status == 3
    assert set(run.verdicts.values()) == {"blocked"}
    assert "No gateway answers" in run.problem


@pytest.mark.parametrize("fault", [faults.hang, faults.close])
def test_what_was_decided_before_the_gateway_broke_stays_decided(
    fault: Fault, healthy: RunningGateway, tmp_path: Path
) -> None:
    """From one request on nothing is answered: the checks in between may fail, the rest is blocked."""
    with breaking(healthy.origin, fault, FromRequest(HEALTHY)) as front:
        run = judged(front.origin, tmp_path)

    assert_fell(run)


def test_what_was_decided_before_the_process_died_stays_decided(tmp_path: Path) -> None:
    """A real process is killed while it has a request, and nobody listens any more."""
    with running_gateway() as gateway:
        fronts: list[Front] = []

        def kill() -> None:
            os.kill(gateway.process.pid, signal.SIGKILL)
            fronts[0].close()

        with breaking(gateway.origin, faults.reset, FromRequest(HEALTHY, kill)) as front:
            fronts.append(front)
            run = judged(front.origin, tmp_path)

    assert_fell(run)
    assert len(run.with_verdict("fail")) == 1


def assert_fell(run: Judged) -> None:
    assert run.verdicts["authentication.speech.missing"] == "pass"
    assert run.verdicts["translations.form.json"] == "blocked"
    assert run.with_verdict("fail"), "the request that was in flight was not answered"
    assert run.status == 1
    assert "no longer answers" in run.problem


@pytest.mark.parametrize("fault", [faults.hang, faults.endless_body])
def test_a_fault_of_one_kind_of_request_is_found_and_the_rest_is_judged(
    fault: Fault, healthy: RunningGateway, tmp_path: Path
) -> None:
    """Translations alone are not answered: that is a violation of theirs, and nobody else's trouble."""
    with breaking(healthy.origin, fault, faults.of_one_kind) as front:
        run = judged(front.origin, tmp_path)

    assert run.status == 1
    assert run.with_verdict("fail") == ["translations.form.multipart", "translations.form.json"]
    assert set(run.verdicts.values()) == {"pass", "fail"}
    assert run.problem == ""
