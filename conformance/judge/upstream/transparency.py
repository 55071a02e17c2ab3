"""What a gateway that hands on has to hand on: the provider's error, its Retry-After, its document, its usage."""

from __future__ import annotations

import json
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


def usage_is(
    document: dict[str, Any], usage: dict[str, Any] | None, exchange: Exchange, *, because: str
) -> Finding | None:
    """`usage` has the provider's numbers; where the provider reported none, there is none. `document` is what has it."""
    got = document.get("usage")
    if usage is None:
        if not got:
            return None
        return Finding(f"{because}: usage is made up", "no usage", f"usage {json.dumps(got)}", (exchange,))
    numbers = got if isinstance(got, dict) else {}
    if all(numbers.get(name) == value for name, value in usage.items() if not isinstance(value, dict)):
        return None
    return Finding(
        f"{because}: usage is not the provider's", json.dumps(usage), f"usage {json.dumps(got)}", (exchange,)
    )


def usage_has_a_shape(exchange: Exchange, *, because: str) -> Finding | None:
    """`usage`, where it is there, counts tokens or seconds as OpenAI's description says."""
    usage = exchange.answer.document().get("usage") if exchange.answer else None
    if usage is None or _is_usage(usage):
        return None
    expected = "type tokens with input_tokens, output_tokens and total_tokens, or type duration with seconds"
    return Finding(f"{because}: usage of no known shape", expected, json.dumps(usage)[:200], (exchange,))


def _is_usage(usage: Any) -> bool:
    if not isinstance(usage, dict):
        return False
    if usage.get("type") == "duration":
        return type(usage.get("seconds")) in {int, float}
    counts = (usage.get(f"{kind}_tokens") for kind in ("input", "output", "total"))
    return usage.get("type") == "tokens" and all(type(count) is int for count in counts)
