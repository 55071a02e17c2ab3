"""The kill matrix: each mutant, the requirement that must accuse it, whether it did, and what else fell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance import contracts
from tests.mutants.fault import AUDIO_API, Fault, Mutant
from tests.mutants.judging import Judgement, judge, shared_mock
from tests.mutants.place import Mock

# How much of the suite is run on each mutant: its requirement, its requirement's area, or everything.
BREADTHS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "named": lambda requirement: (requirement,),
    "area": lambda requirement: (f"{requirement.partition('.')[0]}.*",),
    "whole": lambda _: (),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the matrix. A MUST kills by `fail` and exit status 1, a SHOULD by `warn`."""

    mutant: Mutant
    level: str
    verdict: str
    status: int
    others: tuple[str, ...]
    seconds: float
    reason: str

    @property
    def killed(self) -> bool:
        if self.level == "MUST":
            return self.verdict == "fail" and self.status == 1
        return self.verdict == "warn"


def kill(mutants: Iterable[Mutant], breadth: str, effort: str, seed: int) -> Iterator[Row]:
    """Runs the suite on each mutant, one after the other, behind one mock provider."""
    with shared_mock() as mock:
        for mutant in mutants:
            level = contracts.load(mutant.fault.contract).catalogue.get(mutant.kills).level
            yield _row(mutant, str(level), _judged(mutant, mock, breadth, _enough(mutant, effort), seed))


def kill_each(mutants: Mapping[str, Iterable[Mutant]], effort: str, seed: int) -> Iterator[Row]:
    """For each requirement its mutants one after the other, up to the first that dies: the last row of each decides."""
    with shared_mock() as mock:
        for requirement, candidates in mutants.items():
            for mutant in candidates:
                level = contracts.load(mutant.fault.contract).catalogue.get(requirement).level
                row = _row(mutant, str(level), _judged(mutant, mock, "named", _enough(mutant, effort), seed))
                yield row
                if row.killed:
                    break


def _enough(mutant: Mutant, effort: str) -> str:
    """What is drawn at random takes more than a handful of draws to be found for certain."""
    return "standard" if effort == "quick" and mutant.kills.startswith("generated.") else effort


def _judged(mutant: Mutant, mock: Mock, breadth: str, effort: str, seed: int) -> Judgement:
    """What the suite says of it; a suite that breaks on a mutant is a survivor's line, not the end of the run."""
    try:
        named = BREADTHS[breadth](mutant.kills)
        return judge(mutant.fault, mock, (*named, *(mutant.beside if named else ())), effort, seed)
    except Exception as error:  # noqa: BLE001 - whatever it is, the next mutant is judged all the same
        reason = f"the suite broke: {type(error).__name__}: {error}"
        return Judgement(-1, {mutant.kills: "broken"}, {mutant.kills: reason}, 0.0)


def unmutated(mutants: Iterable[Mutant], breadth: str, effort: str, seed: int) -> Judgement:
    """The same run on the gateway without a fault: it has to be conforming, or no kill means anything."""
    mutants = tuple(mutants)
    globs = {glob for each in mutants for glob in BREADTHS[breadth](each.kills)}
    contract = mutants[0].fault.contract if mutants else AUDIO_API
    with shared_mock() as mock:
        return judge(Fault(contract=contract), mock, sorted(globs), effort, seed)


def _row(mutant: Mutant, level: str, judged: Judgement) -> Row:
    others = tuple(each for each in judged.accused if each != mutant.kills)
    verdict = judged.verdicts[mutant.kills]
    return Row(mutant, level, verdict, judged.status, others, judged.seconds, judged.reasons.get(mutant.kills, ""))


def line(row: Row) -> str:
    """A row for a terminal."""
    mark = "killed  " if row.killed else "SURVIVED"
    others = f"  also {', '.join(row.others[:3])}" + (" …" if len(row.others) > 3 else "") if row.others else ""
    why = "" if row.killed else f"  [{row.verdict}, status {row.status}] {row.reason}"
    return f"{mark} {row.mutant.name}  {row.mutant.kills}  {row.seconds:.1f} s{others}{why}"


def markdown(rows: list[Row], beside: Mapping[str, Mapping[str, Any]]) -> str:
    """The whole matrix as a table. `beside` says by mutant whether plain Schemathesis found it, and in how many seconds."""
    killed = sum(row.killed for row in rows)
    hits = sum(bool(each["found"]) for each in beside.values())
    also = f"; plain Schemathesis, tried on {len(beside)} of them, finds {hits}" if beside else ""
    head = [
        f"# Kill matrix: {killed} of {len(rows)} mutants killed{also}",
        "",
        "| mutant | bug | requirement | killed | what else fell | seconds | Schemathesis |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_cells(row, beside.get(row.mutant.name)) for row in rows), ""])


def _cells(row: Row, beside: Mapping[str, Any] | None) -> str:
    mark = "yes" if row.killed else f"**no** ({row.verdict})"
    others = ", ".join(row.others[:5]) + (f" and {len(row.others) - 5} more" if len(row.others) > 5 else "")
    other = "" if beside is None else f"{'found' if beside['found'] else 'missed'}, {beside['seconds']} s"
    cells = (row.mutant.name, row.mutant.bug, row.mutant.kills, mark, others, f"{row.seconds:.1f}", other)
    return f"| {' | '.join(cells)} |"
