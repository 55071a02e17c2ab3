"""Causes: what several findings have in common, so that a reader mends twenty things and not four hundred.

Pure. A finding belongs to exactly one cause. Two findings have one where they show one symptom in many circumstances, or, in
few, where two of three are the same: symptom, topic, operation. Which symptom a finding shows is decided in
`conformance.reports.symptoms`, how a cause is worded in `conformance.reports.wording`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

import msgspec

from conformance.audio import FORMATS
from conformance.contracts.requirements import Level
from conformance.reports.entries import CauseReport, RequirementReport
from conformance.reports.ranking import rank_of, requirements_of
from conformance.reports.shown import Shown, shown_of
from conformance.reports.symptoms import ANSWER, AUDIO, FORM, SERVED, Symptom
from conformance.reports.topics import ACCESS, COLLECTIVE, area_of
from conformance.reports.wording import Evidence, mend_of, name_of, title_of

# One symptom on so many topics is one fault of the gateway's, e.g. in what it makes of every error. A symptom that says what
# went wrong does so by itself; a plain server error or a success may have many faults behind it.
_BROAD_BY_ITSELF = 3
_BROAD = 4
# Only a gateway that refuses next to nothing serves so many things for one reason.
_BROADLY_SERVED = 8
_CIRCUMSTANCES = 100
_NO_TOKEN = "without an Authorization header"  # noqa: S105 - what a check says that it sent


def with_causes(
    entries: Sequence[RequirementReport],
) -> tuple[tuple[CauseReport, ...], tuple[RequirementReport, ...]]:
    """The causes, what to mend first in front, and the entries whose findings name theirs."""
    shown = tuple(shown_of(entries))
    violated = len(requirements_of(shown))
    groups = sorted(_grouped(shown), key=lambda group: rank_of(group, violated))
    names = _distinct([name_of([_evidence(each) for each in group]) for group in groups])
    causes = tuple(_cause(name, group) for name, group in zip(names, groups, strict=True))
    named = {each.order: name for name, group in zip(names, groups, strict=True) for each in group}
    return causes, tuple(_naming(entries, named))


def _grouped(shown: Iterable[Shown]) -> Iterable[list[Shown]]:
    """The findings, each in one group: first by a symptom that is everywhere, then the rest by what they are about."""
    broad: defaultdict[Hashable, list[Shown]] = defaultdict(list)
    alone = _without_families(shown, broad)
    rest: list[Shown] = []
    for alike in _by(alone, lambda each: (each.symptom.key, each.symptom.operation)):
        if _is_broad(alike):
            broad[alike[0].symptom.key] += alike
        else:
            rest += alike
    let_in, left = _let_in([each for each in rest if not _belongs(each, broad)])
    return [*broad.values(), *([let_in] if let_in else []), *_connected(left)]


def _without_families(shown: Iterable[Shown], broad: defaultdict[Hashable, list[Shown]]) -> list[Shown]:
    """What belongs to no family; the others are put there. One that is a fault in one operation is one in all."""
    rest: list[Shown] = []
    for alike in _by(shown, lambda each: (each.family, each.symptom.operation)):
        family = alike[0].family
        if family and len({each.symptom.key for each in alike}) >= family.members:
            broad[family] += alike
        else:
            rest += alike
    families = frozenset(broad)
    for each in rest:
        if each.family in families:
            broad[each.family].append(each)
    return [each for each in rest if each.family not in families]


def _let_in(items: Sequence[Shown]) -> tuple[list[Shown], list[Shown]]:
    """What an open door lets in, and the rest: who is served without any token is served with a wrong one, too."""

    def served(each: Shown) -> bool:
        return each.symptom.kind == SERVED and area_of(each.entry.id) == ACCESS

    open_ = {each.symptom.operation for each in items if served(each) and each.symptom.circumstance.endswith(_NO_TOKEN)}
    through = [each for each in items if served(each) and each.symptom.operation in open_]
    known = {each.order for each in through}
    return through, [each for each in items if each.order not in known]


def _is_broad(alike: Sequence[Shown]) -> bool:
    """Whether a symptom shows on so many topics of an operation that it is one fault; of audio, in so many formats."""
    symptom, topics = alike[0].symptom, {each.symptom.topic for each in alike}
    if symptom.kind == AUDIO:
        formats = topics & set(FORMATS)
        return len(formats) >= _BROAD_BY_ITSELF or len(topics - formats) >= _BROAD
    if symptom.kind == SERVED:
        return len(topics) >= _BROADLY_SERVED
    return len(topics) >= (_BROAD if symptom.vague else _BROAD_BY_ITSELF)


def _belongs(item: Shown, broad: Mapping[Hashable, list[Shown]]) -> bool:
    """Puts a finding to the symptom that is everywhere where it shows that, too, or where that left it without an answer.

    What belongs to no operation, e.g. an unknown path, shows it like all the rest.
    """
    symptom = item.symptom
    group = broad.get(symptom.key)
    if group is not None and (not symptom.operation or symptom.topic in {each.symptom.topic for each in group}):
        group.append(item)
        return True
    refused = None if symptom.answer.startswith("5") or symptom.vague else broad.get((ANSWER, symptom.answer))
    if refused is not None:
        refused.append(item)
    return refused is not None


def _connected(items: Sequence[Shown]) -> Iterable[list[Shown]]:
    """Groups of findings that are joined to each other, directly or through others."""
    leaders = list(range(len(items)))

    def leader(index: int) -> int:
        while leaders[index] != index:
            index = leaders[index]
        return index

    for links in (_topic_and_operation, _topic_and_symptom, _operation_and_symptom, _crash_and_subject):
        first: dict[Hashable, int] = {}
        for index, item in enumerate(items):
            link = links(item.symptom)
            if link is not None:
                leaders[leader(index)] = leader(first.setdefault(link, index))
    groups: defaultdict[int, list[Shown]] = defaultdict(list)
    for index, item in enumerate(items):
        groups[leader(index)].append(item)
    return groups.values()


def _topic_and_operation(symptom: Symptom) -> Hashable:
    """None where the topic is everything."""
    apart = symptom.kind if symptom.kind in {AUDIO, FORM} else ""
    return None if symptom.topic in COLLECTIVE else (symptom.topic, symptom.operation, apart)


def _topic_and_symptom(symptom: Symptom) -> Hashable:
    return symptom.topic, symptom.key


def _operation_and_symptom(symptom: Symptom) -> Hashable:
    """None for what many faults show; audio is told apart by format, too."""
    if symptom.kind == AUDIO:
        return (symptom.operation, symptom.key, symptom.format) if symptom.format else None
    return None if symptom.vague else (symptom.operation, symptom.key)


def _crash_and_subject(symptom: Symptom) -> Hashable:
    """A plain server error in all that is asked of one field, e.g. `audio-data.variants` and `audio-data.data-url`."""
    subject, _, rest = symptom.topic.partition(".")
    return (subject, symptom.operation, symptom.key) if rest and symptom.kind == ANSWER and symptom.vague else None


def _cause(name: str, group: Sequence[Shown]) -> CauseReport:
    ids = tuple(dict.fromkeys(each.entry.id for each in sorted(group, key=lambda each: each.order)))
    evidence = [_evidence(each) for each in group]
    circumstances = dict.fromkeys(each.symptom.circumstance for each in group if each.symptom.circumstance)
    return CauseReport(
        id=name,
        title=title_of(evidence),
        requirements=ids,
        findings=len(group),
        mend=mend_of(evidence),
        level=Level.MUST if any(each.entry.level is Level.MUST for each in group) else Level.SHOULD,
        operations=tuple(dict.fromkeys(each.symptom.operation for each in group if each.symptom.operation)),
        circumstances=tuple(circumstances)[:_CIRCUMSTANCES],
    )


def _evidence(shown: Shown) -> Evidence:
    return Evidence(shown.entry.id, shown.entry.statement, shown.finding, shown.symptom)


def _naming(entries: Iterable[RequirementReport], named: dict[int, str]) -> Iterator[RequirementReport]:
    order = 0
    for entry in entries:
        findings = tuple(
            msgspec.structs.replace(finding, cause=named.get(number, ""))
            for number, finding in enumerate(entry.findings, order)
        )
        order += len(findings)
        yield msgspec.structs.replace(entry, findings=findings)


def _distinct(names: Iterable[str]) -> list[str]:
    """The names, numbered from the second of a name on."""
    met: defaultdict[str, int] = defaultdict(int)
    found = []
    for name in names:
        met[name] += 1
        found.append(name if met[name] == 1 else f"{name}-{met[name]}")
    return found


def _by(items: Iterable[Shown], key: Callable[[Shown], Hashable]) -> Iterable[list[Shown]]:
    groups: defaultdict[Hashable, list[Shown]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups.values()
