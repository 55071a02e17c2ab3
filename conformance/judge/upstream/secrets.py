"""Secrets: the client's token stays on the client's hop, the provider's key on the provider's."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from conformance.http.exchange import Answer, Exchange, Finding
from conformance.mock.calls import Call

_CREDENTIAL_HEADERS = frozenset({"authorization", "api-key", "x-api-key"})
_LEAST_TELLING = 8


def token_withheld(exchange: Exchange, calls: Sequence[Call], token: str) -> Finding | None:
    """The token is nowhere in the calls: path, query, headers, fields, file name. Nor is it there in base64."""
    coded = _in_base64(token)
    for call in calls:
        for place, text in _texts(call):
            if _holds(text, token) or any(each in text for each in coded):
                message = f"the client's token reached the provider ({place})"
                return Finding(message, "no token of the client's", f"it stands in {place}", (exchange,), (call,))
    return None


def provider_keys(calls: Sequence[Call], token: str) -> tuple[str, ...]:
    """The credentials that the gateway showed the provider and that are long enough to be recognised elsewhere."""
    values = {value for call in calls for name, value in call["headers"] if name.lower() in _CREDENTIAL_HEADERS}
    keys = {value.split(" ", 1)[-1].strip() for value in values}
    return tuple(sorted(key for key in keys if len(key) >= _LEAST_TELLING and key != token))


def key_withheld(exchange: Exchange, keys: Collection[str], *, because: str) -> Finding | None:
    """None of the provider's keys is in the answer, in its body or in its headers. The finding does not show it either."""
    if exchange.answer is None:
        return None
    places = [(f"the header {name}", value.encode("latin-1")) for name, value in exchange.answer.headers]
    for place, data in [("the body", exchange.answer.body), *places]:
        if any(key.encode() in data for key in keys):
            message = f"{because}: the provider's key reached the client ({place})"
            return Finding(message, "no key of the provider's", f"it stands in {place}", (_masked(exchange, keys),))
    return None


def _texts(call: Call) -> Iterator[tuple[str, str]]:
    yield "its path", call["path"]
    for name, value in call["query"].items():
        yield f"its query, {name}", f"{value}"
    for name, value in call["headers"]:
        yield f"its header {name}", value
    for name, value in call["fields"]:
        for text in _strings(value):
            yield f"its field {name}", text
    for name, value in (call["file"] or {}).items():
        yield f"its file's {name}", f"{value}"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    else:
        yield f"{value}"


def _holds(text: str, token: str) -> bool:
    """A short token may stand in an ordinary text by chance, so it has to be a word of its own there."""
    return token in text if len(token) >= _LEAST_TELLING else token in text.split()


def _in_base64(token: str) -> tuple[str, ...]:
    """What of the token's base64 does not depend on the text around it, for each of the three places it may begin at.

    Nothing for a token so short that its base64 may stand in a text by chance.
    """
    if len(token) < _LEAST_TELLING:
        return ()
    data = token.encode()
    coded = (base64.b64encode(bytes(lead) + data[: (len(data) + lead) // 3 * 3 - lead]) for lead in range(3))
    return tuple(text.decode()[(lead * 4 + 2) // 3 :] for lead, text in enumerate(coded))


def _masked(exchange: Exchange, keys: Collection[str]) -> Exchange:
    answer = exchange.answer
    if answer is None:
        return exchange
    body, headers = answer.body, answer.headers
    for key in keys:
        mask = f"{key[:4]}…redacted"
        body = body.replace(key.encode(), mask.encode())
        headers = tuple((name, value.replace(key, mask)) for name, value in headers)
    return replace(exchange, answer=Answer(answer.status, headers, body))
