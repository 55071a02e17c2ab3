"""What `run` does with a gateway that answers: judges it, writes the reports and tells the verdict."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from conformance.commands.gateways import contract_of, provider_of
from conformance.errors import UsageError
from conformance.reports import baseline, files
from conformance.reports.console import Detail, ProgressDisplay, show
from conformance.reports.ledger import BaselineGiven, Ledger, StrictnessGiven
from conformance.reports.report import fold
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
        catalogue = known_requirements(contract)
        Selection(options.select).ids(catalogue)
        if known:
            baseline.check(known, contract.name, catalogue.by_id)
        ledger = Ledger(_ledger_path(options))
        display = ProgressDisplay(console)
        ledger.listen(display)
        try:
            conduct(target, contract, mock, options, ledger)
            if known:
                ledger.append(BaselineGiven(known, datetime.now(UTC).date()))
            if arguments.strict:
                ledger.append(StrictnessGiven())
        finally:
            display.stop()
            ledger.close()
    report = fold(ledger.events)
    if options.report_dir:
        files.write(report, options.report_dir)
    files.summarise(report)
    show(report, console, _detail(arguments))
    return report.exit_status


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
