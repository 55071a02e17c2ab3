"""Fields at the provider: what the client sent must arrive there with an equal value, and what it did not send must not.

Gateways may add fields and send defaults: only what the client sent is looked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.audio import FORMATS
from conformance.http.bodies import Upload
from conformance.http.exchange import Exchange, Finding
from conformance.judge.texts import changed_parts, shown, shown_beside
from conformance.judge.upstream.comparison import (
    differing_values,
    has_value,
    items_of,
    name_of,
    number_in_text,
    numbers_equal,
    texts_equal,
    values_of,
)
from conformance.judge.upstream.upload import differing_upload
from conformance.mock.calls import RecordedCall

GRANULARITIES = "timestamp_granularities"
_FORMS = "the two forms of one request"
# Which format a transcript has is seen in the response; routing has its own requirements.
_JUDGED_ELSEWHERE = frozenset({"model", "response_format"})


def field_arrived(exchange: Exchange, calls: Sequence[RecordedCall], name: str, sent: Any) -> Finding | None:
    """Every call has the field with an equal value (rulings: Provider side, fields)."""
    for call in calls:
        if not has_value(exchange, call, name, sent):
            message = f"{name} does not reach the provider as it was sent"
            got = items_of(call, name)
            other = got[0] if len(got) == 1 else None
            return Finding(message, shown_beside(sent, other), _shown_values(got, sent), (exchange,), (call,))
    return None


def fields_arrived(
    exchange: Exchange, calls: Sequence[RecordedCall], sent: Mapping[str, Any]
) -> tuple[Finding | None, ...]:
    """`field_arrived` for each of the fields."""
    return tuple(field_arrived(exchange, calls, name, value) for name, value in sent.items())


def parts_arrived(
    exchange: Exchange, calls: Sequence[RecordedCall], name: str, sent: str, parts: Mapping[str, str]
) -> Finding | None:
    """`field_arrived` for a text of several parts: the finding names those that were changed."""
    finding = field_arrived(exchange, calls, name, sent)
    if finding is None:
        return None
    got = next(iter(items_of(finding.upstream[0], name)), None)
    return replace(finding, message=f"{finding.message} ({changed_parts(got, parts)})")


def nothing_invented(
    exchange: Exchange, calls: Sequence[RecordedCall], names: Sequence[str], *, because: str
) -> Finding | None:
    """No call has a value in fields that the client did not send (rulings: Provider side, what was not sent)."""
    for call in calls:
        for name in names:
            values = [value for value in items_of(call, name) if value not in ("", None)]
            if values:
                message = f"{because}: a {name} of the gateway's own reached the provider"
                return Finding(message, f"no {name}", _shown_values(values), (exchange,), (call,))
    return None


def request_arrived(
    exchange: Exchange, call: RecordedCall, fields: Mapping[str, Any], upload: Upload | None, *, because: str
) -> Finding | None:
    """The call has every field of the request that is not empty, and its upload, in one finding.

    The model is not compared, nor, where a transcript is asked, its format.
    """
    differing = differing_values(exchange, call, _compared(fields, upload))
    expected = [f"{name} {shown(sent)}" for name, sent, _ in differing]
    got = [f"{name} {_shown_values(values, sent)}" for name, sent, values in differing]
    if upload and (difference := differing_upload(call, upload)):
        expected.append(difference[0])
        got.append(difference[1])
    if not expected:
        return None
    message = f"{because}: the provider got something else than the client sent"
    return Finding(message, "; ".join(expected), "; ".join(got), (exchange,), (call,))


def differing_parts(
    exchange: Exchange, call: RecordedCall, fields: Mapping[str, Any], upload: Upload | None
) -> list[str]:
    """The names of the fields in which a call differs from the request, and `upload`: what `request_arrived` objects to."""
    names = [name for name, _, _ in differing_values(exchange, call, _compared(fields, upload))]
    return [*names, "upload"] if upload and differing_upload(call, upload) else names


def _compared(fields: Mapping[str, Any], upload: Upload | None) -> dict[str, Any]:
    elsewhere = _JUDGED_ELSEWHERE if upload else {"model"}
    return {name: value for name, value in fields.items() if name not in elsewhere}


def field_withheld(exchange: Exchange, calls: Sequence[RecordedCall], *names: str) -> Finding | None:
    """No call has any of the fields, in its body or its query."""
    for call in calls:
        keys = [key for key in (*(key for key, _ in call.fields), *call.query) if name_of(key) in names]
        if keys:
            message = f"{' and '.join(keys)} reached the provider, which has no use for it here"
            return Finding(message, f"no {' and no '.join(names)}", shown(keys), (exchange,), (call,))
    return None


def nothing_left_over(exchange: Exchange, calls: Sequence[RecordedCall], earlier: Mapping[str, Any]) -> Finding | None:
    """No call has a value that only an earlier request sent; the gateway's own defaults are no such values."""
    for call in calls:
        for name, value in earlier.items():
            if has_value(exchange, call, name, value):
                message = f"{name} of an earlier request reached the provider with a request that had none"
                got = _shown_values(items_of(call, name), value)
                return Finding(message, f"no {name}, or a default", got, (exchange,), (call,))
    return None


def only_valid_format(exchange: Exchange, calls: Sequence[RecordedCall]) -> Finding | None:
    """No call asks the provider for a format that is none of the six."""
    for call in calls:
        asked = [value for value in values_of(call, "response_format") if value is not None]
        invalid = [value for value in asked if not (isinstance(value, str) and value in FORMATS)]
        if invalid:
            expected = f"no response_format, or one of {', '.join(FORMATS)}"
            message = "an invalid response_format reached the provider"
            return Finding(message, expected, _shown_values(invalid), (exchange,), (call,))
    return None


def same_call(
    one: Exchange, call: RecordedCall, other: Exchange, other_call: RecordedCall, *, of: str = _FORMS
) -> Finding | None:
    """Two requests that mean the same led to the same call: target, documented fields and upload are equal.

    Order, spelling, undocumented extras and the name and type of the file are not compared; a default that is left out
    equals one that is sent.
    """
    left, right = _meaning(call), _meaning(other_call)
    differing = [name for name in left if not _alike(left[name], right[name])]
    if not differing:
        return None
    return Finding(
        f"{of} reach the provider with different {', '.join(differing)}",
        shown({name: left[name] for name in differing}),
        shown({name: right[name] for name in differing}),
        (one, other),
        (call, other_call),
    )


def _meaning(call: RecordedCall) -> dict[str, Any]:
    """What a call for a transcript asks of the provider, defaults filled in; values of a field that may be repeated once."""
    temperatures = [number_in_text(value) for value in values_of(call, "temperature")]
    return {
        "operation": call.operation,
        "deployment": call.deployment,
        "model": _once(values_of(call, "model")),
        "language": _once(values_of(call, "language")),
        "prompt": [value for value in _once(values_of(call, "prompt")) if value != ""],
        "response_format": _once(values_of(call, "response_format")) or ["json"],
        "temperature": _once(temperatures) or [0.0],
        GRANULARITIES: sorted(set(map(str, items_of(call, GRANULARITIES)))),
        "upload": call.file and (call.file.size, call.file.sha256),
    }


def _once(values: Sequence[Any]) -> list[Any]:
    return [value for at, value in enumerate(values) if value not in values[:at]]


def _alike(one: Any, other: Any) -> bool:
    """One of the requests was a form, so that its text may have been rewritten, and so may its numbers."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, str) and isinstance(other, str):
        return texts_equal(one, other, in_form=True)
    if isinstance(one, float) and isinstance(other, float):
        return numbers_equal(one, other)
    return bool(one == other)


def _shown_values(values: Collection[Any], sent: Any = None) -> str:
    if not values:
        return "no such field"
    return shown_beside(next(iter(values)), sent) if len(values) == 1 else shown(list(values))
