"""Families of symptoms: one fault that shows in many words, each of which would be a fault of its own if it stood alone.

Pure. A gateway that answers every refusal with one status says something else each time; one that knows but a few fields
loses each of the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.reports.findings import FindingReport
from conformance.reports.symptoms import ANSWER, LOST, OTHER, Symptom

# So many different messages under one status, and so many fields lost by one operation, are one fault.
_MESSAGES = 8
_FIELDS = 4
_REFUSAL = re.compile(r"\b[45](?:\d\d|xx)\b")


@dataclass(frozen=True, slots=True)
class Family:
    """What symptoms have in common, and how many of them make it one fault; `words` say it in a title."""

    kind: str
    words: str
    members: int


def family_of(symptom: Symptom, finding: FindingReport) -> Family | None:
    """The family that a symptom may belong to; None where it stands for itself.

    An error where only a success was due stands for itself: each may be of another field.
    """
    if symptom.kind == ANSWER and _REFUSAL.search(finding.expected):
        return Family(ANSWER, f"{symptom.words[:3]} whatever is wrong", _MESSAGES)
    if symptom.kind == OTHER and symptom.sameness.startswith(LOST):
        return Family(OTHER, "fields do not reach the provider", _FIELDS)
    return None
