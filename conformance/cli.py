"""`audio-conformance`: parses the command line and hands over to a subcommand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from conformance.commands import baseline, diff, doctor, explain, list_requirements, load, matrix, replay, run, schema
from conformance.errors import ConformanceError
from conformance.runner.run import suite_version

_COMMANDS = {
    "run": (run, "judge a gateway"),
    "doctor": (doctor, "say what can be decided, and what to declare for the rest"),
    "list": (list_requirements, "print the requirements, one a line"),
    "explain": (explain, "tell all that is known of one requirement"),
    "load": (load, "put a deployed gateway under load, and judge every answer"),
    "replay": (replay, "look again for a failure that a run has kept"),
    "baseline": (baseline, "write down the violations that are known"),
    "diff": (diff, "show what changed between two reports"),
    "matrix": (matrix, "show reports side by side"),
    "schema": (schema, "print the JSON Schema of report.json or of a target file"),
}


_FIRST_STEPS = """\
first steps:
  audio-conformance run --embedded --effort quick --select 'speech.format.*'    (a gateway that comes along)
  audio-conformance doctor --base-url URL --token TOKEN                         (yours: what can be decided?)
  audio-conformance run --base-url URL --token TOKEN --report-dir report        (then open report/report.html)
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one subcommand. Returns its exit status; each says in its `--help` what 0, 1, 2, 3 and 4 mean."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except ConformanceError as error:
        print(f"audio-conformance: {error}", file=sys.stderr)  # noqa: T201 - a command speaks
        return error.exit_status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="audio-conformance",
        description="Judges an audio API gateway by its URL: does it do what the contract promises?",
        epilog=_FIRST_STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {suite_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (module, summary) in _COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=module.__doc__)
        module.add_arguments(sub)
        sub.set_defaults(command=module.run)
    return parser
