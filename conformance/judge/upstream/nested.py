"""An object in a form: a field for each of its members, `name[member]`, or one field that holds it as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.http.exchange import Exchange, Finding
from conformance.judge.texts import shown
from conformance.judge.upstream.comparison import number_in_text, numbers_equal, values_of
from conformance.mock.calls import RecordedCall


def object_arrived(exchange: Exchange, call: RecordedCall, name: str, sent: str | Mapping[str, str]) -> Finding | None:
    """The call has the object with equal members, however it writes them; or the word that was sent in its place."""
    got = _object_of(call, name)
    if _same(sent, got):
        return None
    message = f"{name} does not reach the provider as it was sent"
    return Finding(message, shown(sent), "no such field" if got is None else shown(got), (exchange,), (call,))


def _object_of(call: RecordedCall, name: str) -> Any:
    members = {key[len(name) + 1 : -1]: value for key, value in call.fields if key.startswith(f"{name}[")}
    if members:
        return members
    whole = next(iter(values_of(call, name)), None)
    try:
        return json.loads(whole) if isinstance(whole, str) else whole
    except ValueError:
        return whole


def _same(sent: str | Mapping[str, str], got: Any) -> bool:
    if isinstance(sent, str) or not isinstance(got, dict):
        return bool(sent == got)
    return all(name in got and _equal(value, got[name]) for name, value in sent.items())


def _equal(sent: str, got: Any) -> bool:
    one, other = number_in_text(sent), number_in_text(got)
    return sent == got if one is None or other is None else numbers_equal(one, other)
