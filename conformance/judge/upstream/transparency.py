"""What a gateway that hands on has to hand on: the provider's error, its Retry-After, its limits, its document."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from conformance.http.exchange import Exchange, Finding
from conformance.http.limits import retry_after_s
from conformance.mock.calls import RecordedCall

_NAMED = ("type", "code", "param")
_WITHIN_S = 5.0  # what a request takes on its way


def status_of_class(exchange: Exchange, status: int, *, because: str) -> Finding | None:
    """The client's status is of the class of the provider's."""
    if exchange.status is not None and exchange.status // 100 == status // 100:
        return None
    return Finding(f"{because}: another class of status", f"a {status // 100}xx status", exchange.got, (exchange,))


def error_named(exchange: Exchange, member: str, provided: dict[str, Any], *, because: str) -> Finding | None:
    """The error object has the `type`, `code` and `param` of the provider's."""
    error = exchange.answer.document().get(member) if exchange.answer else None
    got = error if isinstance(error, dict) else {}
    if all(got.get(name) == provided.get(name) for name in _NAMED):
        return None
    expected = json.dumps({name: provided.get(name) for name in _NAMED})
    return Finding(f"{because}: the provider's error is not named", expected, exchange.got, (exchange,))


def keeps_retry_after(exchange: Exchange, value: str, now: float, *, because: str) -> Finding | None:
    """The answer has the provider's Retry-After, or the same moment: a date as seconds from now, or seconds as a date."""
    got = exchange.answer.header("Retry-After") if exchange.answer else None
    if got == value or (got and got.isdecimal() != value.isdecimal() and _are_one_moment(got, value, now)):
        return None
    expected, told = f"Retry-After: {value}", f"Retry-After: {got}"
    return Finding(f"{because}: the provider's Retry-After is lost", expected, told, (exchange,))


def _are_one_moment(one: str, other: str, now: float) -> bool:
    return abs(retry_after_s(one, lambda: now) - retry_after_s(other, lambda: now)) <= _WITHIN_S


def carries_in_a_header(exchange: Exchange, value: str, what: str, *, because: str) -> Finding | None:
    """Some header of the answer holds the value."""
    if exchange.answer and any(value in each for _, each in exchange.answer.headers):
        return None
    return Finding(f"{because}: {what} is lost", f"a header with {value}", "in no header", (exchange,))


def has_every_member(exchange: Exchange, call: RecordedCall, *, because: str) -> Finding | None:
    """The JSON answer has every member that the provider's has, with an equal value; it may have more."""
    provided, got = json.loads(call.response_text), exchange.answer.document() if exchange.answer else {}
    lost = next((name for name, value in provided.items() if name not in got or got[name] != value), None)
    if lost is None:
        return None
    expected, found = (f"{lost}: {json.dumps(each.get(lost))[:200]}" for each in (provided, got))
    return Finding(
        f"{because}: `{lost}` is not the provider's",
        expected,
        found if lost in got else f"no {lost}",
        (exchange,),
        (call,),
    )


def has_headers_like(exchange: Exchange, names: Collection[str], *, because: str) -> Finding | None:
    """The answer has the headers, whatever they say: a gateway may have limits of its own."""
    lacking = [name for name in names if exchange.answer is None or exchange.answer.header(name) is None]
    if not lacking:
        return None
    message = f"{because}: the provider says how much is left, and the answer does not"
    return Finding(message, ", ".join(names), f"no {', '.join(lacking)}", (exchange,))
