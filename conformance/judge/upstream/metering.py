"""What a call used: the provider's numbers in `usage` and in the headers that the target names, and no others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.http.exchange import Exchange, Finding
from conformance.judge.upstream.comparison import number_in_text


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


def headers_agree(
    exchange: Exchange, names: Mapping[str, str], usage: Mapping[str, Any], *, because: str
) -> Finding | None:
    """The named headers have the provider's numbers; `names` are by the member of `usage` that each tells."""
    told = {name: usage[member] for member, name in names.items() if member in usage}
    if all(_number_of(exchange, name) == value for name, value in told.items()):
        return None
    got = {name: _header_of(exchange, name) for name in told}
    message = f"{because}: headers and usage disagree"
    return Finding(message, json.dumps(told), json.dumps(got), (exchange,))


def no_zero_in_headers(exchange: Exchange, names: Mapping[str, str], *, because: str) -> Finding | None:
    """None of the named headers says 0 of what the provider reported nothing about."""
    zero = [name for name in names.values() if _number_of(exchange, name) == 0]
    if not zero:
        return None
    message = f"{because}: what was not reported is told as zero"
    return Finding(message, "no such header", ", ".join(f"{name}: 0" for name in zero), (exchange,))


def nothing_metered(exchange: Exchange, names: Mapping[str, str], *, because: str) -> Finding | None:
    """An error counts nothing: there is no usage in it, and the named headers are absent or say 0."""
    usage = exchange.answer.document().get("usage") if exchange.answer else None
    counted = [f"{name}: {_header_of(exchange, name)}" for name in names.values() if _number_of(exchange, name)]
    if not usage and not counted:
        return None
    got = ", ".join([*counted, *([f"usage {json.dumps(usage)[:200]}"] if usage else [])])
    return Finding(f"{because}: what failed is metered", "no usage", got, (exchange,))


def _header_of(exchange: Exchange, name: str) -> str | None:
    return exchange.answer.header(name) if exchange.answer else None


def _number_of(exchange: Exchange, name: str) -> float | None:
    return number_in_text(_header_of(exchange, name))
