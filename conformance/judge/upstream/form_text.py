"""The spelling of a form's text: what the comparison of fields counts as equal, and what should still be kept."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.http.exchange import Exchange, Finding
from conformance.judge.upstream.comparison import values_of
from conformance.mock.calls import RecordedCall


def text_kept(exchange: Exchange, calls: Sequence[RecordedCall], name: str, sent: str) -> Finding | None:
    """Every call has the text code point by code point: each line break as it was, and a U+FEFF at the start too."""
    for call in calls:
        got = values_of(call, name)
        if got != [sent]:
            message = (
                f"the line breaks of {name}, or the U+FEFF at its start, do not reach the provider as they were sent"
            )
            shown = f"{got[0]!a}" if len(got) == 1 else f"{got!a}"
            return Finding(message, f"{sent!a}", shown, (exchange,), (call,))
    return None
