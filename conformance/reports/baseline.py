"""A baseline: the violations that are known, with why, whose and until when, so that a run fails on new ones only.

Pure. An entry is `expired` from its day on, and `stale` where nothing of it is violated any more: both fail, so that a
baseline gets shorter and never just older. What a run did not decide is neither mended nor new.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import msgspec
import yaml

from conformance.errors import UsageError
from conformance.reports.entries import CauseReport
from conformance.reports.report import Report
from conformance.reports.verdicts import DECIDED, Verdict

_HEAD = (
    "# Known violations: `audio-conformance run --baseline` fails on all others, and on entries that are out of date.\n"
)


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Requirements that are known to be violated for one reason; `expires` is the first day on which that is no excuse."""

    requirements: tuple[str, ...]
    reason: str
    owner: str
    expires: date
    cause: str = ""


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that is known of one gateway under one contract."""

    contract: str
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """A report beside a baseline: ids of requirements, and entries to change."""

    known: tuple[str, ...]
    new: tuple[str, ...]
    mended: tuple[str, ...]
    stale: tuple[Entry, ...]
    expired: tuple[Entry, ...]

    @property
    def holds(self) -> bool:
        """Whether all that is violated is known, and every entry in date and needed."""
        return not (self.new or self.stale or self.expired)


def load(path: Path) -> Baseline:
    """Reads a baseline. Raises UsageError, naming the place, where it is none."""
    try:
        baseline = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Baseline)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no baseline: {error}.", "audio-conformance baseline REPORT writes one.") from error
    for number, entry in enumerate(baseline.entries):
        if not (entry.requirements and entry.reason.strip() and entry.owner.strip()):
            raise UsageError(f"{path}: entries[{number}] needs requirements, a reason and an owner.")
    return baseline


def compare(report: Report, baseline: Baseline, today: date) -> Compared:
    """What is known of the report's violations. Raises UsageError where the baseline is of another contract."""
    if baseline.contract != report.contract:
        raise UsageError(f"The baseline is of the contract {baseline.contract}, and the run of {report.contract}.")
    verdicts = {entry.id: entry.verdict for entry in report.requirements}
    violated = {name for name, verdict in verdicts.items() if verdict in {Verdict.FAIL, Verdict.WARN}}
    held = {name for name, verdict in verdicts.items() if verdict in DECIDED} - violated
    listed = dict.fromkeys(name for entry in baseline.entries for name in entry.requirements)
    failing = [name for name, verdict in verdicts.items() if verdict is Verdict.FAIL]
    return Compared(
        tuple(name for name in listed if name in violated),
        tuple(name for name in failing if name not in listed),
        tuple(name for name in listed if name in held),
        tuple(entry for entry in baseline.entries if held.issuperset(entry.requirements)),
        tuple(entry for entry in baseline.entries if entry.expires <= today),
    )


def baseline_of(report: Report, owner: str, reason: str, today: date, days: int) -> Baseline:
    """A baseline with an entry for each cause of the report; without a reason its title stands for one."""
    expires = today + timedelta(days=days)
    entries = tuple(
        Entry(
            requirements=cause.requirements,
            reason=reason or cause.title,
            owner=owner,
            expires=expires,
            cause=cause.id,
        )
        for cause in _each_once(report)
    )
    return Baseline(contract=report.contract, entries=entries)


def _each_once(report: Report) -> Iterable[CauseReport]:
    """The causes, each with the requirements that none before it has: an entry that is mended can then be taken out."""
    listed: set[str] = set()
    for cause in report.causes:
        fresh = tuple(name for name in cause.requirements if name not in listed)
        listed.update(fresh)
        if fresh:
            yield msgspec.structs.replace(cause, requirements=fresh)


def to_yaml(baseline: Baseline) -> str:
    """The baseline as the file that `load` reads."""
    plain = msgspec.to_builtins(baseline, builtin_types=(date,))
    plain["entries"] = [{**entry, "requirements": list(entry["requirements"])} for entry in plain["entries"]]
    return _HEAD + yaml.dump(plain, Dumper=_WithoutAnchors, sort_keys=False, allow_unicode=True, width=120)


class _WithoutAnchors(yaml.SafeDumper):
    """Writes equal values out each time: a person edits one entry, or takes it out."""

    def ignore_aliases(self, _: object) -> bool:
        return True
