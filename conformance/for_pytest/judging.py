"""`pytest --pyargs conformance --target FILE`: a gateway judged under pytest, a test for each requirement.

The options are there only where `conformance` is what pytest is told to run: other projects have the plug-in installed, too.
One run of the suite judges what pytest selected, when the first test is due; each test then tells what came of its
requirement. A violated SHOULD is an expected failure, what was not decided is skipped with what would decide it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import contracts
from conformance import target as targets
from conformance.commands.gateways import provider_of
from conformance.contracts import Requirement
from conformance.errors import ConformanceError, UsageError
from conformance.reports import files
from conformance.reports.entries import RequirementReport
from conformance.reports.ledger import Ledger
from conformance.reports.plain import visible
from conformance.reports.report import Report, fold
from conformance.reports.verdicts import ExitStatus, Verdict
from conformance.runner.options import EXAMPLES, Options
from conformance.runner.run import conduct
from conformance.target import Target

PACKAGE = Path(__file__).parents[1]
_JUDGED = pytest.StashKey[dict[str, RequirementReport]]()


def add_options(parser: pytest.Parser) -> None:
    """What can be said of the gateway; the target file says all else."""
    group = parser.getgroup("audio-gateway-conformance")
    group.addoption("--target", metavar="FILE", type=Path, help="judge the gateway that this target file names")
    group.addoption("--effort", choices=list(EXAMPLES), default="standard", help="how many generated cases")
    group.addoption("--seed", metavar="N", type=int, default=0, help="same seed, same cases")
    group.addoption("--report-dir", metavar="DIR", type=Path, help="where report.html and the others go")


class JudgingPlugin:
    """Collects requirements in place of the package's modules, and judges them before the first test."""

    def __init__(self, config: pytest.Config) -> None:
        try:
            self._target: Target = targets.load(config.option.target)
            self._contract = contracts.load(self._target.contract)
        except ConformanceError as error:
            raise pytest.UsageError(str(error)) from error
        self._config = config

    def pytest_report_header(self) -> str:
        return f"gateway: {self._target.base_url}, by {self._contract.name}; suite of {PACKAGE.parent}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        if path != PACKAGE:
            return None
        nodeid = PACKAGE.name  # wherever it is installed
        return _Requirements.from_parent(parent, path=path, nodeid=nodeid, requirements=tuple(self._contract.catalogue))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Judges what is selected. Ends the session where nobody answers, or nothing could be decided."""
        if session.config.option.collectonly:
            return
        report = self._judge(tuple(item.name for item in session.items if isinstance(item, _Judged)))
        if report.exit_status in {ExitStatus.UNREACHABLE, ExitStatus.UNDECIDED} and not report.with_verdict(
            Verdict.ERROR
        ):
            pytest.exit(report.problem or "nothing was decided", returncode=report.exit_status)
        self._config.stash[_JUDGED] = {entry.id: entry for entry in report.requirements}

    def _judge(self, selected: tuple[str, ...]) -> Report:
        option = self._config.option
        everything = len(selected) == len(self._contract.catalogue)
        effort = [] if option.effort == "standard" else ["--effort", option.effort]
        command = shlex.join(["audio-conformance", "run", str(option.target), *effort])
        options = Options(
            () if everything else selected, option.effort, option.seed, report_dir=option.report_dir, command=command
        )
        ledger = Ledger()
        try:
            with provider_of(self._target) as mock:
                conduct(self._target, self._contract, mock, options, ledger)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from error
        report = fold(ledger.events)
        if option.report_dir:
            files.write(report, option.report_dir)
        return report


class _Requirements(pytest.Directory):
    """The requirements of the target's contract."""

    def __init__(self, *, requirements: tuple[Requirement, ...], **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type] # what pytest hands on
        self._requirements = requirements

    def collect(self) -> Iterator[pytest.Item]:
        for requirement in self._requirements:
            yield _Judged.from_parent(self, name=requirement.id, requirement=requirement)


class _Violated(Exception):
    """A requirement that is not kept; the text is all that is said of it."""


class _Judged(pytest.Item):
    """One requirement, as the run has judged it."""

    def __init__(self, *, requirement: Requirement, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type] # what pytest hands on
        self._requirement = requirement
        self.add_marker(requirement.level.value.lower())

    def runtest(self) -> None:
        entry = self.config.stash[_JUDGED][self.name]
        self.user_properties += [("level", entry.level.value), ("link", entry.link), ("verdict", entry.verdict.value)]
        if entry.verdict in {Verdict.FAIL, Verdict.ERROR}:
            raise _Violated(_told(entry))
        if entry.verdict is Verdict.WARN:
            pytest.xfail(f"SHOULD: {visible(entry.reason)}")
        if entry.verdict not in {Verdict.PASS, Verdict.UNSTEADY}:
            pytest.skip(visible(f"{entry.verdict}: {entry.reason}"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: object) -> str:
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, None, str]:
        return PACKAGE, None, f"requirement {self.name}"


def _told(entry: RequirementReport) -> str:
    """What is violated, the first findings, and how to see them again."""
    lines = [f"{entry.level} {entry.statement}", entry.link, entry.reason]
    for finding in entry.findings[:2]:
        lines += [
            "",
            finding.message,
            f"expected: {finding.expected}",
            f"got: {finding.got}",
            finding.curl,
            finding.rerun,
        ]
    return visible("\n".join(line for line in lines if line is not None))
