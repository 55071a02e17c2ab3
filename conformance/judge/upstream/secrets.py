"""Secrets: the client's token does not reach the provider, the provider's key does not reach the client."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec

from conformance.http.credentials import CREDENTIAL_HEADERS, RECOGNISABLE_LENGTH, in_base64
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.disclosure import texts_in
from conformance.mock.calls import RecordedCall


def token_withheld(exchange: Exchange, calls: Sequence[RecordedCall], token: str) -> Finding | None:
    """The token is nowhere in the calls, plain or in base64: not in path, query, headers, fields or the file's name."""
    coded = in_base64(token)
    for call in calls:
        for place, text in _texts(call):
            if _holds(text, token) or any(each in text for each in coded):
                message = f"the client's token reached the provider ({place})"
                return Finding(message, "no token of the client's", f"it stands in {place}", (exchange,), (call,))
    return None


def provider_keys(calls: Sequence[RecordedCall], token: str) -> tuple[str, ...]:
    """The credentials that the gateway showed the provider and that are long enough to be recognised elsewhere."""
    values = {value for call in calls for name, value in call.headers if name.lower() in CREDENTIAL_HEADERS}
    keys = {value.split(" ", 1)[-1].strip() for value in values}
    return tuple(sorted(key for key in keys if len(key) >= RECOGNISABLE_LENGTH and key != token))


def key_withheld(
    exchange: Exchange, keys: Collection[str], *, because: str, calls: Sequence[RecordedCall] = ()
) -> Finding | None:
    """None of the provider's keys is in the answer, in its body or in its headers. The finding names them as secrets.

    `calls` are those that the answer came from.
    """
    if exchange.answer is None:
        return None
    places = [(f"the header {name}", value.encode("latin-1")) for name, value in exchange.answer.headers]
    for place, data in [("the body", exchange.answer.body), *places]:
        if any(key.encode() in data for key in keys):
            message = f"{because}: the provider's key reached the client ({place})"
            return Finding(
                message,
                "no key of the provider's",
                f"it stands in {place}",
                (exchange,),
                tuple(calls),
                secrets=tuple(keys),
            )
    return None


def _texts(call: RecordedCall) -> Iterator[tuple[str, str]]:
    yield "its path", call.path
    for name, value in call.query.items():
        yield f"its query, {name}", f"{value}"
    for name, value in call.headers:
        yield f"its header {name}", value
    for name, value in call.fields:
        for text in texts_in(value):
            yield f"its field {name}", text
    for name, value in (msgspec.structs.asdict(call.file) if call.file else {}).items():
        yield f"its file's {name}", f"{value}"


def _holds(text: str, token: str) -> bool:
    """Whether the token is in the text; a short one, which may be there by chance, only as a word of its own."""
    return token in text if len(token) >= RECOGNISABLE_LENGTH else token in text.split()
