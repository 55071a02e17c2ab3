"""Print the JSON Schema (2020-12) of report.json or of a target file, for editors and for programs that read reports.

Exit status: 0, or 2 where the arguments are wrong.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from conformance import target as targets
from conformance.reports import report

_SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {"report": report.schema, "target": targets.schema}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("of", choices=sorted(_SCHEMAS), help="which file's schema")


def run(arguments: argparse.Namespace) -> int:
    print(json.dumps(_SCHEMAS[arguments.of](), indent=1, ensure_ascii=False))  # noqa: T201 - a command speaks
    return 0
