"""The rows of Locust's statistics: their names, what an accusation says in them, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.http.exchange import Finding
from conformance.reports.plain import visible
from conformance.reports.redaction import redact_text
from conformance.reports.symptoms import normalised, without_ids

_HELD_OFF = ", held off"
_RESENT = ", resent"


class Accusation(Exception):
    """A finding as Locust counts it: without secrets, and without what changes from one request to the next."""

    def __init__(self, finding: Finding, secrets: tuple[str, ...]) -> None:
        exchange, got = finding.exchanges[-1], visible(redact_text(finding.got, secrets))
        # An error speaks in its own words; of any other answer, which is sound or a text, its kind has to do.
        came = without_ids(got) if exchange.is_error else f"{exchange.status or 'no answer'}, {normalised(got)}"
        super().__init__(f"{normalised(finding.message)}: {came}")


def row(name: str, *, held_off: bool = False, resent: bool = False) -> str:
    """Where a request counts. Those that were refused as one too many, and those sent twice, have rows of their own."""
    return name + (_HELD_OFF if held_off else _RESENT if resent else "")


def never_served(rows: Iterable[tuple[str, int]]) -> list[str]:
    """What was asked for in vain, by the rows and how many requests each has without a failure."""
    served: dict[str, int] = {}
    for name, without_failure in rows:
        operation = name.removesuffix(_HELD_OFF).removesuffix(_RESENT).split()[0]
        served[operation] = served.get(operation, 0) + (0 if name.endswith(_HELD_OFF) else without_failure)
    return [operation for operation, count in served.items() if not count] or ([] if served else ["a request"])
