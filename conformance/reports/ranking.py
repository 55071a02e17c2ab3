"""Which cause to mend first: what hides the rest, then what is at stake, then how much hangs on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from conformance.contracts.requirements import Level
from conformance.reports.shown import Shown
from conformance.reports.symptoms import SERVED
from conformance.reports.topics import ACCESS, area_of, folded, topic_of

# A cause on which so much of all that is violated hangs hides what else there is.
_OVERWHELMING, _OVERWHELMING_SHARE = 20, 0.25
_SECRETS = frozenset({"secrets", "security"})
_LOSS = frozenset(
    {
        *("answer", "concurrency", "document-exact", "in-flight", "provider-bytes", "recovery", "reset-mid-body"),
        *("text.exact", "text.long", "truncated", "upload", "upload-large", "verbose.exact"),
    }
)


def rank_of(group: Sequence[Shown], violated: int) -> tuple[Any, ...]:
    """What hides the rest first, then security, then loss, then what most requirements hang on; a SHOULD alone goes last.

    `violated` is how many requirements are, from all causes.
    """
    broken = len(requirements_of(group))
    overwhelming = broken >= max(_OVERWHELMING, _OVERWHELMING_SHARE * violated)
    must = any(each.entry.level is Level.MUST for each in group)
    order = min(each.order for each in group)
    return not must, -1 if overwhelming else _severity(group), -broken, -len(group), order


def requirements_of(group: Iterable[Shown]) -> tuple[str, ...]:
    """What hangs on a group; twins of MUST and SHOULD count once."""
    return folded(tuple(dict.fromkeys(each.entry.id for each in group)))


def _severity(group: Iterable[Shown]) -> int:
    """0 where a secret or an access is at stake, 1 where data is lost or mixed up, else 2."""
    return min(_stake(each) for each in group)


def _stake(shown: Shown) -> int:
    """What one finding is about; a refusal with the wrong status lets nobody in."""
    area, topic = area_of(shown.entry.id), topic_of(shown.entry.id)
    if area in _SECRETS or (area == ACCESS and shown.symptom.kind == SERVED):
        return 0
    return 1 if _LOSS & {topic, topic.partition(".")[0]} else 2
