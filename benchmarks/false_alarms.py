"""Never accuse a conforming gateway: the whole suite on the reference server, seed after seed, in each way that it is run.

    python -m benchmarks.false_alarms --seeds 50            # all set-ups
    python -m benchmarks.false_alarms --seeds 5 --only embedded
    python -m benchmarks.false_alarms --seeds 50 --whole 5  # from the 6th seed on, only what is drawn from the seed

Prints a line a run: set-up, seed, verdict, decided requirements, seconds, and whoever was accused. Ends with status 1 when
anything was (a warning counts: the reference keeps every SHOULD).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from mock_upstreams.server import start
from tests.mutants.judging import DRAWN
from tests.mutants.place import Mock, settings, target
from tests.servers import running_gateway
from tests.valkey import running_valkey

_MOST_SECONDS = 900


@contextlib.contextmanager
def embedded() -> Iterator[list[str]]:
    """As `tox -e conformance` does it: one worker, the mock's two faces over HTTP, everything declared."""
    yield ["--embedded"]


@contextlib.contextmanager
def in_process() -> Iterator[list[str]]:
    """As a client developer runs it: the mock inside the server; only URL and token are declared."""
    with running_gateway() as gateway:
        yield ["--base-url", gateway.base_url, "--token", gateway.token]


@contextlib.contextmanager
def four_workers() -> Iterator[list[str]]:
    """Four worker processes that count limits in one Valkey; all but the lifecycle is declared."""
    with TemporaryDirectory() as name, running_valkey(Path(name)) as valkey, start() as mock:
        provider = Mock(mock.base_url, mock.control_token)
        with running_gateway({**settings(provider), "limit_store": {"url": valkey.url}}, workers=4) as gateway:
            declared: dict[str, Any] = target(int(gateway.origin.rpartition(":")[2]), provider, Path(name))
            del declared["lifecycle"]
            file = Path(name, "target.yaml")
            file.write_text(yaml.safe_dump(declared), "utf-8")
            yield [str(file)]


SETUPS: dict[str, Callable[[], contextlib.AbstractContextManager[list[str]]]] = {
    "embedded": embedded,
    "in-process": in_process,
    "four-workers": four_workers,
}


def accused(arguments: list[str], seed: int, effort: str, select: tuple[str, ...] = ()) -> tuple[str, list[str]]:
    """Run the suite once. The line to print, and every requirement that is not as it should be."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "conformance", "run", *arguments, "--report-dir", folder]
        began = time.monotonic()
        done = subprocess.run(  # noqa: S603 - our own command
            [
                *command,
                "--seed",
                str(seed),
                "--effort",
                effort,
                *(word for glob in select for word in ("--select", glob)),
            ],
            capture_output=True,
            text=True,
            timeout=_MOST_SECONDS,
            check=False,
        )
        seconds = time.monotonic() - began
        report = json.loads(Path(folder, "report.json").read_text("utf-8"))
    wrong = [each["id"] for each in report["requirements"] if each["verdict"] not in {"pass", "not-verified"}]
    counts = ", ".join(f"{count} {name}" for name, count in report["counts"].items() if count)
    return f"{report['verdict']}, status {done.returncode}: {counts}, {seconds:.0f} s", wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument(
        "--whole", type=int, help="how many of the seeds judge every requirement (default: all of them)"
    )
    parser.add_argument("--only", choices=list(SETUPS), action="append")
    parser.add_argument("--effort", choices=["quick", "standard", "thorough"], default="standard")
    arguments = parser.parse_args()
    alarms = 0
    for name in arguments.only or SETUPS:
        for seed in range(arguments.first, arguments.first + arguments.seeds):
            with SETUPS[name]() as gateway:
                drawn = arguments.whole is not None and seed >= arguments.first + arguments.whole
                line, wrong = accused(gateway, seed, arguments.effort, DRAWN if drawn else ())
            alarms += bool(wrong)
            print(f"{name}, seed {seed}: {line}{''.join(f'  ACCUSED {each}' for each in wrong)}", flush=True)  # noqa: T201
    print(f"{alarms} runs with an alarm")  # noqa: T201
    return 1 if alarms else 0


if __name__ == "__main__":
    sys.exit(main())
