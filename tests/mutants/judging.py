"""Runs the suite on a gateway of this process, by the command line that everyone uses, and reads its report."""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from conformance import cli
from tests.mutants.fault import Fault
from tests.mutants.place import Mock, running

# The requirements whose cases depend on the seed.
DRAWN = ("generated.*",)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the suite said: exit status, verdict by requirement, and the first words of what it found or lacked."""

    status: int
    verdicts: dict[str, str]
    reasons: dict[str, str]
    seconds: float

    @property
    def accused(self) -> tuple[str, ...]:
        """The MUSTs that failed and the SHOULDs that warned."""
        return tuple(name for name, verdict in self.verdicts.items() if verdict in {"fail", "warn"})

    @property
    def failed(self) -> tuple[str, ...]:
        return tuple(name for name, verdict in self.verdicts.items() if verdict == "fail")


@contextlib.contextmanager
def shared_mock() -> Iterator[Mock]:
    """One mock provider for many gateways: markers keep them apart."""
    from mock_upstreams.server import start  # noqa: PLC0415 - only a run needs it

    with start() as mock:
        yield Mock(mock.base_url, mock.control_token)


def judge(fault: Fault, mock: Mock, select: Sequence[str] = (), effort: str = "quick", seed: int = 0) -> Judgement:
    """Serves the gateway with the fault and runs the suite, or the selected requirements of it."""
    with running(fault, mock) as (target, _):
        return judge_target(target, select, effort, seed)


def judge_target(target: Path, select: Sequence[str], effort: str, seed: int) -> Judgement:
    """Runs the suite on what a target file declares."""
    with TemporaryDirectory(prefix="report-") as folder:
        began = time.monotonic()
        chosen = [word for glob in select for word in ("--select", glob)]
        said = io.StringIO()
        options = ["--effort", effort, "--seed", str(seed), "--report-dir", folder]
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = cli.main(["run", str(target), *options, *chosen])
        report = Path(folder, "report.json")
        assert report.exists(), f"the suite ended with status {status} and no report:\n{said.getvalue()[-2000:]}"
        return _judgement(status, json.loads(report.read_text("utf-8")), time.monotonic() - began)


def _judgement(status: int, report: dict[str, Any], seconds: float) -> Judgement:
    requirements = report["requirements"]
    return Judgement(
        status,
        {each["id"]: each["verdict"] for each in requirements},
        {each["id"]: _reason(each) for each in requirements if each["verdict"] != "pass"},
        seconds,
    )


def _reason(requirement: dict[str, Any]) -> str:
    findings = requirement.get("findings") or [{}]
    first = findings[0]
    told = [requirement.get("reason"), first.get("message"), first.get("expected"), first.get("got")]
    return " / ".join(str(each)[:300] for each in told if each)
