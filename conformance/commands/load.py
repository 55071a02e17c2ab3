"""Put a deployed gateway under load with Locust, and judge every answer. All options after TARGET.yaml are Locust's.

Exit status: 0 every answer was as the contract wants it, 1 some were not, 2 the arguments or the target file are wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from conformance.errors import UsageError
from conformance.load import LOCUSTFILE

# A request that is on its way when the test ends is waited for, and judged like all others.
_LAST_ANSWERS_S = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", type=Path, metavar="TARGET.yaml", help="what is declared of the gateway")
    parser.add_argument(
        "options",
        nargs=argparse.REMAINDER,
        metavar="...",
        help="of Locust's, e.g. --headless --users 50 --run-time 10m, --master, --worker; and --requests N, --pause SECONDS",
    )


def run(arguments: argparse.Namespace) -> int:
    if find_spec("locust") is None:
        raise UsageError("Locust is not installed.", "Install it: pip install 'audio-gateway-conformance[load]'.")
    command = [sys.executable, "-m", "locust", "--locustfile", str(LOCUSTFILE), "--target", str(arguments.target)]
    command += ["--stop-timeout", str(_LAST_ANSWERS_S)]
    # Locust takes the place of this process: signals and terminal are its own.
    os.execv(sys.executable, [*command, *arguments.options])  # noqa: S606 - no shell is wanted
