"""`audio-conformance`: parses the command line and hands over to a subcommand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Sequence
from importlib import import_module

from conformance.errors import ConformanceError
from conformance.version import suite_version

_COMMANDS = {
    "run": "judge a gateway",
    "doctor": "say what can be decided, and what to declare for the rest",
    "list": "print the requirements, one a line",
    "explain": "tell all that is known of one requirement",
    "load": "put a deployed gateway under load, and judge every answer",
    "replay": "look again for a failure that a run has kept",
    "baseline": "write down the violations that are known",
    "diff": "show what changed between two reports",
    "matrix": "show reports side by side",
    "schema": "print the JSON Schema of report.json or of a target file",
}
_MODULES = {"list": "list_requirements"}


_FIRST_STEPS = """\
first steps:
  audio-conformance run --embedded --effort quick --select 'speech.format.*'    (a gateway that comes along)
  audio-conformance doctor --base-url URL --token TOKEN                         (yours: what can be decided?)
  audio-conformance run --base-url URL --token TOKEN --report-dir report        (then open report/report.html)
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one subcommand. Returns its exit status; each says in its `--help` what 0, 1, 2, 3 and 4 mean."""
    words = list(sys.argv[1:] if argv is None else argv)
    arguments = _parser([word for word in words[:1] if word in _COMMANDS]).parse_args(words)
    try:
        return int(arguments.command(arguments))
    except ConformanceError as error:
        print(f"audio-conformance: {error}", file=sys.stderr)  # noqa: T201 - a command speaks
        return error.exit_status


def _parser(loaded: Collection[str] = _COMMANDS.keys()) -> argparse.ArgumentParser:
    """The parser of the command line. Only the `loaded` commands know their arguments: the others need not be imported."""
    parser = argparse.ArgumentParser(
        prog="audio-conformance",
        description="Judges an audio API gateway by its URL: does it do what the contract promises?",
        epilog=_FIRST_STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {suite_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, summary in _COMMANDS.items():
        sub = commands.add_parser(name, help=summary)
        if name in loaded:
            module = import_module(f"conformance.commands.{_MODULES.get(name, name)}")
            sub.description = module.__doc__
            module.add_arguments(sub)
            sub.set_defaults(command=module.run)
    return parser
