"""How a cause is put into words: its name, its title, and what to mend. Rules as data, one row for a kind of symptom."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.reports.families import family_of
from conformance.reports.findings import FindingReport
from conformance.reports.symptoms import ANSWER, AUDIO, FORM, RELAYED, SERVED, SILENCE, Symptom
from conformance.reports.topics import OPERATIONS, area_of

_CIRCUMSTANCE_LENGTH = 100
_NAME_LENGTH = 48


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding as a wording needs it: the requirement's id and statement, the finding and its symptom."""

    requirement: str
    statement: str
    finding: FindingReport
    symptom: Symptom


_TITLES = {
    ANSWER: "{who} answers {words}{where}",
    SERVED: "{who} serves what has to be refused{where}",
    RELAYED: "{who} hands on {words} when it fails{where}",
    FORM: "{who} answers {words}{where}",
    SILENCE: "{who} gives no whole answer ({words}){where}",
}
_OTHER_TITLE = "{who}: {words}{where}"
_MENDS = {
    ANSWER: "Answer {expected} here.",
    SERVED: "Refuse such requests ({expected}), before anything reaches the provider.",
    RELAYED: "Answer {expected} where the provider fails, whatever its own status is.",
    SILENCE: "Answer each request in time, and end every response as its framing says.",
    FORM: "Answer in the form that the request asks for, whole and under its media type.",
    AUDIO: "Pass on the provider's bytes as they came, whole, under the media type that they have.",
}
_CRASHES = "Find what fails in the gateway here (its log has the error) and answer {expected}."
_ONE_FOR_ALL = "Give each kind of error its own status, e.g. {expected} here."
_SERVER_ERROR = re.compile(r"^5\d\d\b")


def name_of(group: Sequence[Evidence]) -> str:
    """A name for links and baselines that holds over runs: of the kind, what came, the topic or operation."""
    first = _foremost(group)
    symptom = first.symptom
    words = _words(group) if symptom.kind != SERVED else ""
    subject = symptom.topic if len(_topics(group)) == 1 else ""
    operations = _operations(group)
    parts = [symptom.kind, *operations[:1], subject, words] if len(operations) == 1 else [symptom.kind, subject, words]
    slug = re.sub(r"[^a-z0-9]+", "-", " ".join(parts).lower()).strip("-")
    return slug[:_NAME_LENGTH].strip("-")


def title_of(group: Sequence[Evidence]) -> str:
    """One line: who answers what, and when."""
    first = _foremost(group)
    symptom = first.symptom
    template = _TITLES.get(symptom.kind, _OTHER_TITLE)
    return template.format(who=_who(group), words=_words(group), where=_where(group))


def mend_of(group: Sequence[Evidence]) -> str:
    """What to do about it, in a sentence, and what the contract demands."""
    first = _foremost(group)
    template = _MENDS.get(first.symptom.kind, "")
    if first.symptom.kind == ANSWER and _words(group) != first.symptom.words:
        template = _ONE_FOR_ALL
    elif first.symptom.kind == ANSWER and _SERVER_ERROR.match(first.symptom.words):
        template = _CRASHES
    advice = template.format(expected=_expected(group))
    return f"{advice} {first.statement}".strip()


def _words(group: Sequence[Evidence]) -> str:
    """What came: in the words that most findings have, or in those of the family where it is in many."""
    first = _foremost(group)
    family = family_of(first.symptom, first.finding)
    if family and len({each.symptom.key for each in group}) >= family.members:
        return family.words
    return first.symptom.words


def _foremost(group: Sequence[Evidence]) -> Evidence:
    """The finding that stands for the group: of the kind that most of it shows, the first in the catalogue's order."""
    counts = Counter((each.symptom.kind, each.symptom.words) for each in group)
    most = max(counts.values())
    return next(each for each in group if counts[(each.symptom.kind, each.symptom.words)] == most)


def _who(group: Sequence[Evidence]) -> str:
    operations = _operations(group)
    if set(operations) == set(OPERATIONS):
        return "Every operation"
    return ", ".join(operations).capitalize() if operations else "The gateway"


def _operations(group: Sequence[Evidence]) -> list[str]:
    return list(dict.fromkeys(each.symptom.operation for each in group if each.symptom.operation))


def _topics(group: Sequence[Evidence]) -> set[str]:
    return {each.symptom.topic for each in group}


def _where(group: Sequence[Evidence]) -> str:
    """In which circumstances: the one, or the first of several and their number."""
    found = list(dict.fromkeys(each.symptom.circumstance for each in group if each.symptom.circumstance))
    if not found:
        return ""
    first = (_plain(group) or found[0])[:_CIRCUMSTANCE_LENGTH]
    more = len(found) - 1
    beside = f", and {more} more circumstance{'s' if more > 1 else ''}" if more else ""
    return f" — {first}{beside}"


def _plain(group: Sequence[Evidence]) -> str:
    """The circumstance that stands for the group: not one that was drawn at random, which the next seed has not."""
    written = [each for each in group if area_of(each.requirement) != "generated" and each.symptom.circumstance]
    first = _foremost(group)
    return first.symptom.circumstance if first in written else next((each.symptom.circumstance for each in written), "")


def _expected(group: Sequence[Evidence]) -> str:
    """What was due, where one thing was: most findings say it in the same words."""
    counts = Counter(each.finding.expected for each in group)
    return ", or ".join(text for text, _ in counts.most_common(2))
