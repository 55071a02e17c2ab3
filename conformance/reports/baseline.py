"""A baseline: the violations that are known, with why, whose and until when, so that a run fails on new ones only.

Pure. An entry is `expired` from its day on, and `stale` where nothing of it is violated any more: both fail, so that a
baseline gets shorter and never just older. What a run did not decide is neither mended nor new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec
import yaml

from conformance.errors import UsageError
from conformance.reports.entries import CauseReport, RequirementReport
from conformance.reports.grouping import some_of
from conformance.reports.verdicts import DECIDED, Verdict

_HEAD = (
    "# Known violations: `audio-conformance run --baseline` fails on all others, and on entries that are out of date.\n"
)
_IDS_SHOWN = 3


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


class KnownViolation(msgspec.Struct, frozen=True):
    """A violated requirement that an entry excuses today."""

    requirement: str
    reason: str
    owner: str
    expires: date

    @property
    def excuse(self) -> str:
        """Until when, whose and why, on one line."""
        return f"known until {self.expires} ({self.owner}): {self.reason}"


class Compared(msgspec.Struct, frozen=True):
    """A report beside a baseline: what is excused, what is not, ids that were mended, and entries to change.

    `new` are violated MUSTs that no entry names; those of an expired entry are neither known nor new.
    """

    known: tuple[KnownViolation, ...] = ()
    new: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    stale: tuple[Entry, ...] = ()
    expired: tuple[Entry, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether all that is violated is known, and every entry in date and needed."""
        return not (self.new or self.stale or self.expired)

    @property
    def excused(self) -> frozenset[str]:
        """The ids of what is known."""
        return frozenset(each.requirement for each in self.known)

    @property
    def out_of_date(self) -> Iterator[tuple[str, Entry]]:
        """The entries that fail by themselves, each with what to do about it."""
        for entry in self.stale:
            yield "stale: nothing of it is violated, take it out", entry
        for entry in self.expired:
            yield "expired: mend it, or say anew until when", entry


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


def check(baseline: Baseline, contract: str, ids: Collection[str]) -> None:
    """Raises UsageError where a baseline is of another contract, or names what this one does not have."""
    if baseline.contract != contract:
        raise UsageError(f"The baseline is of the contract {baseline.contract}, and the run of {contract}.")
    for number, entry in enumerate(baseline.entries):
        for name in entry.requirements:
            if name not in ids:
                raise UsageError(
                    f"The baseline's entries[{number}] names {name}, which {contract} does not have.",
                    "audio-conformance list shows the ids.",
                )


def compare(requirements: Iterable[RequirementReport], baseline: Baseline, today: date) -> Compared:
    """What is known of a run's violations on a day."""
    verdicts = {entry.id: entry.verdict for entry in requirements}
    violated = {name for name, verdict in verdicts.items() if verdict in {Verdict.FAIL, Verdict.WARN}}
    held = {name for name, verdict in verdicts.items() if verdict in DECIDED} - violated
    listed = dict.fromkeys(name for entry in baseline.entries for name in entry.requirements)
    failing = [name for name, verdict in verdicts.items() if verdict is Verdict.FAIL]
    excuses = {name: entry for entry in baseline.entries if entry.expires > today for name in entry.requirements}
    return Compared(
        tuple(
            KnownViolation(name, entry.reason, entry.owner, entry.expires)
            for name, entry in excuses.items()
            if name in violated
        ),
        tuple(name for name in failing if name not in listed),
        tuple(name for name in listed if name in held),
        tuple(entry for entry in baseline.entries if held.issuperset(entry.requirements)),
        tuple(entry for entry in baseline.entries if entry.expires <= today),
    )


def baseline_of(contract: str, causes: Sequence[CauseReport], *, owner: str, reason: str, expires: date) -> Baseline:
    """A baseline with an entry for each cause of a report; without a reason its title stands for one."""
    entries = tuple(
        Entry(
            requirements=cause.requirements,
            reason=reason or cause.title,
            owner=owner,
            expires=expires,
            cause=cause.id,
        )
        for cause in _each_once(causes)
    )
    return Baseline(contract=contract, entries=entries)


def _each_once(causes: Iterable[CauseReport]) -> Iterator[CauseReport]:
    """The causes, each with the requirements that none before it has: an entry that is mended can then be taken out."""
    listed: set[str] = set()
    for cause in causes:
        fresh = tuple(name for name in cause.requirements if name not in listed)
        listed.update(fresh)
        if fresh:
            yield msgspec.structs.replace(cause, requirements=fresh)


def entry_line(entry: Entry) -> str:
    """An entry for a person, on one line."""
    return f"{some_of(entry.requirements, _IDS_SHOWN)} ({entry.owner}, {entry.expires}): {entry.reason}"


def to_yaml(baseline: Baseline) -> str:
    """The baseline as the file that `load` reads."""
    plain = msgspec.to_builtins(baseline, builtin_types=(date,))
    plain["entries"] = [{**entry, "requirements": list(entry["requirements"])} for entry in plain["entries"]]
    return _HEAD + yaml.dump(plain, Dumper=_WithoutAnchors, sort_keys=False, allow_unicode=True, width=120)


class _WithoutAnchors(yaml.SafeDumper):
    """Writes equal values out each time: a person edits one entry, or takes it out."""

    def ignore_aliases(self, _: object) -> bool:
        return True
