"""Reports side by side: what changed between two, and all verdicts of many in one table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

import msgspec

from conformance.errors import UsageError
from conformance.reports.report import FORMAT, Report
from conformance.reports.verdicts import DECIDED, Verdict

# What came and went is no change of the gateway's: it held when it was tried alone.
_HELD = {Verdict.PASS, Verdict.UNSTEADY}


class Change(StrEnum):
    """How a requirement fared from one report to another, worst first."""

    BROKEN = "broken"
    GONE = "gone"
    CHANGED = "changed"
    NEW = "new"
    FIXED = "fixed"


class Difference(msgspec.Struct, frozen=True):
    """One requirement whose verdict is not what it was; an empty verdict is none."""

    change: Change
    requirement: str
    old: str
    new: str


def load(path: Path) -> Report:
    """A report from its `report.json` or the folder that holds it.

    Raises UsageError where it is none, or where another suite wrote it in another format.
    """
    file = path / "report.json" if path.is_dir() else path
    try:
        data = file.read_bytes()
        _check_format(file, msgspec.json.decode(data, type=_AnyFormat).format)
        return msgspec.json.decode(data, type=Report)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file} is no report.json: {error}.", "audio-conformance run --report-dir writes one."
        ) from error


class _AnyFormat(msgspec.Struct, frozen=True):
    """What reports of every format have."""

    format: int


def _check_format(file: Path, found: int) -> None:
    if found != FORMAT:
        raise UsageError(
            f"{file} has format {found}, and this suite reads format {FORMAT}.",
            "Judge the gateway again with this suite to get a report that it can compare.",
        )


def differences(old: Report, new: Report) -> list[Difference]:
    """The requirements whose verdicts differ, worst change first."""
    before, after = ({entry.id: entry.verdict for entry in report.requirements} for report in (old, new))
    found = [_difference(name, before.get(name), after.get(name)) for name in dict.fromkeys((*before, *after))]
    ranks = list(Change)
    return sorted((each for each in found if each), key=lambda each: ranks.index(each.change))


def _difference(requirement: str, old: Verdict | None, new: Verdict | None) -> Difference | None:
    if old is new or {old, new} == _HELD:
        return None
    return Difference(_change(old, new), requirement, old or "", new or "")


def _change(old: Verdict | None, new: Verdict | None) -> Change:
    """To fail is a step back from anywhere, to warn from pass; to pass is a step forward from anywhere."""
    if old is None:
        return Change.NEW
    if new is None:
        return Change.GONE
    if new is Verdict.FAIL or (old is Verdict.PASS and new is Verdict.WARN):
        return Change.BROKEN
    if new is Verdict.PASS or (old is Verdict.FAIL and new is Verdict.WARN):
        return Change.FIXED
    return Change.CHANGED


def table(reports: Sequence[Report]) -> Iterator[tuple[str, ...]]:
    """A row for each requirement that any report knows: its id, then its verdict in each report."""
    verdicts = [{entry.id: entry.verdict.value for entry in report.requirements} for report in reports]
    for requirement in dict.fromkeys(name for column in verdicts for name in column):
        yield (requirement, *(column.get(requirement, "") for column in verdicts))


class MatrixRow(msgspec.Struct, frozen=True):
    """One requirement and its verdict in each report, empty where a report does not know it."""

    requirement: str
    level: str
    verdicts: tuple[str, ...]


class MatrixSection(msgspec.Struct, frozen=True):
    """The rows below one heading of the contract; `summary` says of each report how many of the decided hold."""

    title: str
    rows: tuple[MatrixRow, ...]
    summary: tuple[str, ...]


def by_section(reports: Sequence[Report]) -> tuple[MatrixSection, ...]:
    """All requirements that any report knows, by section, in the order in which they are first met."""
    known = {entry.id: entry for report in reversed(reports) for entry in report.requirements}
    sections: defaultdict[str, list[MatrixRow]] = defaultdict(list)
    for row in table(reports):
        entry = known[row[0]]
        sections[entry.section].append(MatrixRow(entry.id, entry.level.value, row[1:]))
    return tuple(MatrixSection(title, tuple(rows), _summary(rows, len(reports))) for title, rows in sections.items())


def _summary(rows: Sequence[MatrixRow], columns: int) -> tuple[str, ...]:
    verdicts = [[row.verdicts[column] for row in rows] for column in range(columns)]
    held = {Verdict.PASS.value, Verdict.UNSTEADY.value}
    return tuple(_share(sum(v in held for v in each), sum(v in DECIDED for v in each)) for each in verdicts)


def _share(held: int, decided: int) -> str:
    return f"{held} of {decided} kept" if decided else "nothing decided"


def names(paths: Sequence[Path]) -> list[str]:
    """What to call the reports: the folder of a report.json, else the file; the whole path where that is ambiguous."""
    short = [path.parent.name or path.stem if path.name == "report.json" else path.stem for path in paths]
    return [name if short.count(name) == 1 else str(path) for name, path in zip(short, paths, strict=True)]
