"""What `run` does with a gateway that answers: judges it, writes the reports and tells the verdict."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from conformance.commands.gateways import contract_of, provider_of
from conformance.errors import UsageError
from conformance.reports import baseline, files
from conformance.reports.baseline import Compared, compare
from conformance.reports.cards import show_compared
from conformance.reports.console import Detail, ProgressDisplay, show
from conformance.reports.ledger import Ledger
from conformance.reports.report import Report, fold
from conformance.reports.verdicts import ExitStatus, Verdict
from conformance.runner.options import Options
from conformance.runner.run import conduct, known_requirements
from conformance.runner.selection import Selection
from conformance.target import Target


def judge(target: Target, arguments: argparse.Namespace, options: Options) -> int:
    """Run the suite, write and show what came of it. Returns the exit status."""
    console = Console(highlight=False)
    known = baseline.load(arguments.baseline) if arguments.baseline else None
    with provider_of(target) as mock:
        contract = contract_of(arguments, target)
        Selection(options.select).ids(known_requirements(contract))
        ledger = Ledger(_ledger_path(options))
        display = ProgressDisplay(console)
        ledger.listen(display)
        try:
            conduct(target, contract, mock, options, ledger)
        finally:
            display.stop()
            ledger.close()
    report = fold(ledger.events)
    if options.report_dir:
        files.write(report, options.report_dir)
    files.summarise(report)
    show(report, console, _detail(arguments))
    compared = compare(report, known, datetime.now(UTC).date()) if known else None
    if compared:
        show_compared(compared, console)
    unsteady = report.counts[Verdict.UNSTEADY] if arguments.strict else 0
    return ExitStatus.VIOLATING if unsteady else _exit_status(report, compared)


def _exit_status(report: Report, compared: Compared | None) -> ExitStatus:
    """That of the report, but for violations that are known, or a baseline that is out of date."""
    if compared is None or report.exit_status not in {ExitStatus.CONFORMING, ExitStatus.VIOLATING}:
        return report.exit_status
    return ExitStatus.CONFORMING if compared.holds else ExitStatus.VIOLATING


def _detail(arguments: argparse.Namespace) -> Detail:
    if arguments.quiet:
        return Detail.QUIET
    return Detail.ALL if arguments.verbose else Detail.NORMAL


def _ledger_path(options: Options) -> Path | None:
    if options.report_dir is None:
        return None
    try:
        options.report_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--report-dir {options.report_dir} cannot be made: {error.strerror}.") from error
    return options.report_dir / "ledger.jsonl"
