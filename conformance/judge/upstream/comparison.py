"""The one comparison of what a client sent with what a recorded call has.

Only values count, not how they are written: names may have brackets, numbers any spelling and single precision, forms other
line breaks. In JSON a number has to be a number, and a text is compared code point by code point.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.http.exchange import Exchange
from conformance.mock.calls import RecordedCall

_PRECISION = 1e-6  # relative: what single precision keeps of a number
_BRACKETS = re.compile(r"\[\d*\]$")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


def name_of(key: str) -> str:
    """The field that a key of a call belongs to: `name[]` and `name[0]` are `name` too."""
    return _BRACKETS.sub("", key)


def values_of(call: RecordedCall, name: str) -> list[Any]:
    """Every value that the call has under a name, in order."""
    return [value for key, value in call.fields if name_of(key) == name]


def items_of(call: RecordedCall, name: str) -> list[Any]:
    """The same for a field that may be repeated: a list counts as its items."""
    found = values_of(call, name)
    return [item for value in found for item in (value if isinstance(value, list) else [value])]


def has_value(exchange: Exchange, call: RecordedCall, name: str, sent: Any) -> bool:
    """Whether the call has the field, and has it with an equal value as often as it has it.

    What is sent as a list or tuple is compared as a set (rulings: Provider side, fields).
    """
    if isinstance(sent, (list, tuple)):
        return set(map(str, items_of(call, name))) == set(map(str, sent))
    got = values_of(call, name)
    return bool(got) and all(_equal(sent, value, exchange, call) for value in got)


def differing_values(
    exchange: Exchange, call: RecordedCall, sent: Mapping[str, Any]
) -> list[tuple[str, Any, Sequence[Any]]]:
    """Of the fields that were sent and are not empty those that differ: the name, what was sent and what the call has."""
    return [
        (name, value, items_of(call, name))
        for name, value in sent.items()
        if value not in ("", None, [], ()) and not has_value(exchange, call, name, value)
    ]


def texts_equal(one: str, other: str, *, in_form: bool) -> bool:
    """Whether two texts are equal code point by code point; in a form but for line breaks and a leading U+FEFF."""
    return _form_text(one) == _form_text(other) if in_form else one == other


def numbers_equal(one: float, other: float) -> bool:
    """Whether two numbers are equal to single precision; zero equals nothing but zero."""
    return math.isclose(one, other, rel_tol=_PRECISION)


def number_in_text(text: Any) -> float | None:
    """The number that a form's text spells; None where it spells none."""
    try:
        return float(text)
    except (TypeError, ValueError, OverflowError):
        return None


def _equal(sent: Any, got: Any, exchange: Exchange, call: RecordedCall) -> bool:
    if isinstance(sent, str):
        return isinstance(got, str) and texts_equal(sent, got, in_form=_crosses_form(exchange, call))
    if isinstance(sent, (int, float)) and not isinstance(sent, bool):
        number = number_in_text(got) if call.is_form or _is_number(got) else None
        return number is not None and numbers_equal(sent, number)
    return bool(sent == got)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _crosses_form(exchange: Exchange, call: RecordedCall) -> bool:
    """Whether the client's request or the provider's is a form: either may have rewritten a text."""
    sent_as = exchange.request.header("content-type") or ""
    return call.is_form or sent_as.lower().startswith("multipart/")


def _form_text(text: str) -> str:
    return _LINE_BREAK.sub("\n", text.removeprefix("\ufeff"))
