"""`audio-conformance`: parses the command line and hands over to a subcommand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from conformance.commands import baseline, diff, doctor, explain, list_requirements, matrix, replay, run, schema
from conformance.errors import ConformanceError

_COMMANDS = {
    "run": (run, "judge a gateway"),
    "doctor": (doctor, "what can be decided, what cannot and what to declare for it"),
    "list": (list_requirements, "one requirement a line, id first"),
    "explain": (explain, "all that is known of one requirement"),
    "replay": (replay, "look again for a failure that a run has kept"),
    "baseline": (baseline, "write down the violations that are known"),
    "diff": (diff, "what changed between two reports"),
    "matrix": (matrix, "requirements by reports, in one table"),
    "schema": (schema, "the JSON Schema of report.json or of a target file"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one subcommand. Returns its exit status; each says in its `--help` what 0, 1, 2, 3 and 4 mean."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except ConformanceError as error:
        print(f"audio-conformance: {error}", file=sys.stderr)  # noqa: T201 - a command speaks
        return error.exit_status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="audio-conformance", description="Judges an audio API gateway by its URL.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (module, summary) in _COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=module.__doc__)
        module.add_arguments(sub)
        sub.set_defaults(command=module.run)
    return parser
