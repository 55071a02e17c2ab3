"""Judge a gateway: name it by a target file, by --base-url and --token, or take the embedded reference server.

Exit status: 0 conforming, 1 a MUST is violated, 2 the arguments or the target file are wrong, 3 no gateway answers, its
token is refused or the suite itself failed, 4 nothing was decided.
"""

from __future__ import annotations

import argparse
import shlex
from importlib import import_module
from pathlib import Path

from conformance.commands.gateways import add_gateway_arguments, named_gateway
from conformance.garbage import making_what_stays
from conformance.runner.options import EXAMPLES, Options

_JUDGING = "conformance.commands.judging"
_DRAWING = "conformance.generated.schemathesis_bridge"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_gateway_arguments(parser)
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="GLOB",
        help="only requirements whose id matches, or one check as ID::check; repeatable",
    )
    parser.add_argument(
        "--effort", choices=list(EXAMPLES), default="standard", help="how many generated cases (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="same seed, same cases (default: %(default)s)")
    parser.add_argument(
        "--workers", type=_at_least_one, default=8, metavar="N", help="how many checks at a time (default: %(default)s)"
    )
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="violations that are known, as `baseline` writes them"
    )
    parser.add_argument("--strict", action="store_true", help="what is unsteady fails, too: exit status 1")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("-q", "--quiet", action="store_true", help="print the causes and the verdict only")
    shown.add_argument("-v", "--verbose", action="store_true", help="print every violation")
    parser.add_argument(
        "--report-dir", type=Path, metavar="DIR", help="where report.html, report.json, junit.xml and the others go"
    )


def run(arguments: argparse.Namespace) -> int:
    options = _options(arguments)
    with named_gateway(arguments, _load) as target:
        return int(import_module(_JUDGING).judge(target, arguments, options))


def _load() -> None:
    """Import what a run needs and takes a second of CPU time to import: an embedded gateway starts meanwhile."""
    with making_what_stays():
        for name in (_JUDGING, _DRAWING):
            import_module(name)


def _at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value


def _options(arguments: argparse.Namespace) -> Options:
    return Options(
        tuple(arguments.select),
        arguments.effort,
        arguments.seed,
        arguments.workers,
        arguments.report_dir,
        _command(arguments),
    )


def _command(arguments: argparse.Namespace) -> str:
    """The command that runs the same again, secrets left to the environment."""
    words = ["audio-conformance", "run"]
    if arguments.target:
        words.append(str(arguments.target))
    if arguments.embedded:
        words.append("--embedded")
    for option in ("base_url", "contract", "speech_model", "transcription_model"):
        value = getattr(arguments, option)
        words += [f"--{option.replace('_', '-')}", value] if value else []
    if arguments.effort != "standard":
        words += ["--effort", arguments.effort]
    token = ' --token "$GATEWAY_TOKEN"' if arguments.token else ""
    return shlex.join(words) + token
