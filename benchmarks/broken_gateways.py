"""Does a run always end by itself, in time and with the right exit status, whatever the gateway does to its clients?

    python -m benchmarks.broken_gateways [--only KIND]... [--jobs 2]

Gateways that hang, flood, drip, lie about lengths, answer garbage, fall in the middle or come back; some from the first
request on, some after a healthy start, some with everything declared (mock provider, lifecycle). Each is judged by a whole
run of the suite at effort quick; of the slow one and of those that hang on one kind, a part. Prints a line a kind: seconds,
exit status, verdicts. Exit status 1 when a run took longer than its bound, ended with another status than it should, found
an error in the suite itself or printed a traceback.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import yaml

from benchmarks.rig import Report, tree_of
from conformance.mock.control import MockControl
from conformance.target import Target
from conformance.target.embedded import embedded_gateway
from tests.conformance import broken_gateways as faults
from tests.conformance.broken_gateways import EveryThird, Fault, FromRequest, Front, breaking, broken
from tests.servers import running_gateway

_BASE_PATH = "/api/client/v1"
_TIMEOUT_S = 2
_HEALTHY_REQUESTS = 300
_HEALTHY_CALLS = 100
_AWAY_S = 4.0
_HOPELESS_S = 900

TargetData = dict[str, Any]
Place = Callable[[], contextlib.AbstractContextManager[TargetData]]


@dataclass(frozen=True)
class Kind:
    """One broken gateway: exit statuses that are right, how long the run may take, and what of the suite is run."""

    place: Place
    statuses: tuple[int, ...]
    bound_s: float = 60
    select: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    status: int | None
    seconds: float
    counts: dict[str, int]
    said: str

    @property
    def figures(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in self.counts.items() if count)
        return f"{self.seconds:6.1f} s  status {self.status}  {counts or 'no report'}"


def _declared(origin: str, token: str = "cpeer_development", **more: Any) -> TargetData:  # noqa: S107 - of the embedded default
    return {"base_url": origin + _BASE_PATH, "token": token, "timeout_s": _TIMEOUT_S, **more}


def always(fault: Fault) -> Place:
    """Broken from the first request on."""

    @contextlib.contextmanager
    def place() -> Iterator[TargetData]:
        with broken(fault) as front:
            yield _declared(front.origin)

    return place


def healthy_but(fault: Fault, is_due: Callable[[], Callable[[bytes], bool]], **declared: Any) -> Place:
    """A reference gateway whose connections meet the fault when it is due."""

    @contextlib.contextmanager
    def place() -> Iterator[TargetData]:
        with running_gateway() as gateway, breaking(gateway.origin, fault, is_due()) as front:
            yield {key: value for key, value in _declared(front.origin, **declared).items() if value is not None}

    return place


def after_a_while(fault: Fault, **declared: Any) -> Place:
    """Broken after a healthy start."""
    return healthy_but(fault, lambda: FromRequest(_HEALTHY_REQUESTS), **declared)


@contextlib.contextmanager
def dies() -> Iterator[TargetData]:
    """The process is killed with requests in flight, and nobody listens any more."""
    with running_gateway() as gateway:
        fronts: list[Front] = []

        def kill() -> None:
            os.kill(gateway.process.pid, signal.SIGKILL)
            fronts[0].close()

        with breaking(gateway.origin, faults.reset, FromRequest(_HEALTHY_REQUESTS, kill)) as front:
            fronts.append(front)
            yield _declared(front.origin)


def all_declared(befall: Callable[[Target], None]) -> Place:
    """The embedded gateway with everything declared; something befalls it once its provider has had many calls."""

    @contextlib.contextmanager
    def place() -> Iterator[TargetData]:
        with embedded_gateway() as target:
            over = threading.Event()
            thread = threading.Thread(target=_once_busy, args=(target, befall, over))
            thread.start()
            try:
                yield msgspec.to_builtins(target)
            finally:
                over.set()
                thread.join()
                _thaw()

    return place


def _once_busy(target: Target, befall: Callable[[Target], None], over: threading.Event) -> None:
    assert target.mock_provider is not None
    provider = MockControl(target.mock_provider.control_url or "", target.mock_provider.control_token or "")
    while provider.position() < _HEALTHY_CALLS:
        if over.wait(0.02):
            return
    befall(target)


def _process_of(target: Target) -> int:
    assert target.lifecycle is not None
    command = target.lifecycle.terminate.replace("kill -TERM", "echo")
    said = subprocess.run(["/bin/sh", "-c", command], check=True, capture_output=True)  # noqa: S603 - our own command
    return int(said.stdout)


def _die(target: Target) -> None:
    for process in tree_of(_process_of(target)):
        os.kill(process, signal.SIGKILL)


_frozen: list[int] = []


def _freeze(target: Target) -> None:
    for process in tree_of(_process_of(target)):
        os.kill(process, signal.SIGSTOP)
        _frozen.append(process)


def _thaw() -> None:
    while _frozen:
        os.kill(_frozen.pop(), signal.SIGCONT)


def _die_and_come_back(target: Target) -> None:
    assert target.lifecycle is not None
    _die(target)
    time.sleep(_AWAY_S)
    subprocess.run(["/bin/sh", "-c", target.lifecycle.start], check=True)  # noqa: S603 - our own command


_UNREACHABLE = (3,)
_VIOLATING = (1,)
# Whether a MUST is found violated depends on what was in flight when the gateway fell.
_FALLEN = (1, 3)
_SOME = ("speech.format.*", "translations.*", "authentication.*", "errors.*")

KINDS: dict[str, Kind] = {
    "hangs": Kind(always(faults.hang), _UNREACHABLE),
    "closes": Kind(always(faults.close), _UNREACHABLE),
    "resets": Kind(always(faults.reset), _UNREACHABLE),
    "garbage": Kind(always(faults.garbage), _UNREACHABLE),
    "drips-head": Kind(always(faults.drip_head), _UNREACHABLE),
    "drips-body": Kind(always(faults.drip_body), _UNREACHABLE),
    "endless-body": Kind(always(faults.endless_body), _UNREACHABLE),
    "endless-head": Kind(always(faults.endless_head), _UNREACHABLE),
    "endless-interim": Kind(always(faults.endless_interim), _UNREACHABLE),
    "short-body": Kind(always(faults.short_body), _UNREACHABLE),
    "gzip-bomb": Kind(always(faults.gzip_bomb), _VIOLATING, 180),
    "wrong-encoding": Kind(always(faults.wrong_encoding), _VIOLATING, 180),
    "redirect-loop": Kind(always(faults.redirect_loop), _VIOLATING, 180),
    "always-429": Kind(always(faults.always_limited), (1, 4)),
    "always-401": Kind(always(faults.always_unauthorised), _UNREACHABLE),
    "hangs-later": Kind(after_a_while(faults.hang), _FALLEN, 120),
    "hangs-later-default-timeout": Kind(after_a_while(faults.hang, timeout_s=None), _UNREACHABLE, 240),
    "closes-later": Kind(after_a_while(faults.close), _FALLEN, 90),
    "garbage-later": Kind(after_a_while(faults.garbage), _FALLEN, 90),
    "endless-body-later": Kind(after_a_while(faults.endless_body), _FALLEN, 120),
    "drips-head-later": Kind(after_a_while(faults.drip_head), _FALLEN, 120),
    "dies": Kind(dies, _FALLEN, 90),
    "resets-every-third": Kind(healthy_but(faults.reset, EveryThird), _VIOLATING, 240),
    "hangs-every-third": Kind(healthy_but(faults.hang, EveryThird), _VIOLATING, 600),
    "hangs-on-one-kind": Kind(healthy_but(faults.hang, lambda: faults.of_one_kind), _VIOLATING, 240, _SOME),
    "endless-body-on-one-kind": Kind(
        healthy_but(faults.endless_body, lambda: faults.of_one_kind), _VIOLATING, 240, _SOME
    ),
    "slow": Kind(healthy_but(faults.hang, lambda: faults.slowly), (0, 1), 240, ("speech.format.*", "authentication.*")),
    "declared-dies": Kind(all_declared(_die), _FALLEN, 120),
    "declared-freezes": Kind(all_declared(_freeze), _FALLEN, 180),
    "declared-dies-and-comes-back": Kind(all_declared(_die_and_come_back), (0, 1), 240),
}


def judged(kind: Kind, report_folder: Path) -> Outcome:
    """Run the suite against it, as a user would."""
    with kind.place() as declared:
        file = report_folder / "target.yaml"
        file.write_text(yaml.safe_dump(declared), "utf-8")
        command = [sys.executable, "-m", "conformance", "run", str(file), "--effort", "quick"]
        command += [word for glob in kind.select for word in ("--select", glob)]
        began = time.monotonic()
        status, said = _finished([*command, "--report-dir", str(report_folder)])
        seconds = time.monotonic() - began
    file = report_folder / "report.json"
    counts = json.loads(file.read_text("utf-8"))["counts"] if file.exists() else {}
    return Outcome(status, seconds, counts, said)


def _finished(command: list[str]) -> tuple[int | None, str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_HOPELESS_S, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout + done.stderr


def faults_of(kind: Kind, outcome: Outcome) -> list[str]:
    """What is wrong with a run."""
    wrong = {
        f"status {outcome.status}, not {' or '.join(map(str, kind.statuses))}": outcome.status not in kind.statuses,
        f"longer than {kind.bound_s:g} s": outcome.seconds > kind.bound_s,
        "an error of the suite": bool(outcome.counts.get("error")),
        "no report": not outcome.counts,
        "a traceback": "Traceback" in outcome.said,
    }
    return [what for what, holds in wrong.items() if holds]


def _tell(name: str, report: Report, keep: Path | None) -> None:
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) if keep is None else keep / name
        folder.mkdir(parents=True, exist_ok=True)
        outcome = judged(KINDS[name], folder)
        (folder / "said.txt").write_text(outcome.said, "utf-8")
    wrong = faults_of(KINDS[name], outcome)
    report.promise(f"{name:<28} {outcome.figures}{''.join(f'  [{each}]' for each in wrong)}", kept=not wrong)


def main() -> int:
    """Run all kinds, or those of the command line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(KINDS), action="append")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep each run's report and output there")
    arguments = parser.parse_args()
    report = Report()
    with ThreadPoolExecutor(arguments.jobs) as pool:
        list(pool.map(lambda name: _tell(name, report, arguments.keep), arguments.only or KINDS))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
