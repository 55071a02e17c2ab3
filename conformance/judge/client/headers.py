"""Headers of answers: request ids and the length of what was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from conformance.contracts import Names
from conformance.http.exchange import Answer, Exchange, Finding, WireExchange

REQUEST_ID = Names().request_id_header


def header_of(exchange: Exchange, name: str) -> str | None:
    """A header of the answer; None where it or the answer is absent."""
    return exchange.answer.header(name) if exchange.answer else None


def request_id_present(exchange: Exchange, name: str = REQUEST_ID, *, because: str = "an answer") -> Finding | None:
    """The answer has a request id in the header that the contract calls `name` (Speech / Response)."""
    value = header_of(exchange, name)
    if value and value.strip():
        return None
    got = exchange.got if exchange.answer is None else f"no {name}" if value is None else f"an empty {name}"
    return Finding(f"{because}: no {name}", f"a {name} that is not empty", got, (exchange,))


def ids_unique(exchanges: Sequence[Exchange], ids: Sequence[str | None], name: str) -> Finding | None:
    """No two of the exchanges have the same id; absent and blank ones are not compared.

    `ids` go with `exchanges`; `name` says what they are, e.g. the header's name.
    """
    bare = [(value or "").strip() for value in ids]
    repeated = [value for value, count in Counter(bare).items() if value and count > 1]
    if not repeated:
        return None
    sharing = tuple(exchange for exchange, value in zip(exchanges, bare, strict=True) if value == repeated[0])
    return Finding(
        f"{name} is not unique",
        f"{len(exchanges)} requests with {len(exchanges)} different ids",
        f"{len(sharing)} of them share {repeated[0]!r}",
        sharing,
    )


def declared_length(answer: Answer) -> int | None:
    """The number that Content-Length names, with leading zeros or without; None where there is no such number."""
    lengths = {int(value) if value.isascii() and value.isdigit() else None for value in _all(answer, "content-length")}
    return lengths.pop() if len(lengths) == 1 else None


def length_stands_alone(exchange: Exchange) -> Finding | None:
    """No Transfer-Encoding beside Content-Length (rulings: Answers, Content-Length)."""
    coding = header_of(exchange, "transfer-encoding")
    if coding is None or header_of(exchange, "content-length") is None:
        return None
    message = "the audio comes with two lengths: Content-Length and Transfer-Encoding"
    return Finding(message, "no Transfer-Encoding beside Content-Length", f"Transfer-Encoding: {coding}", (exchange,))


def content_length_present(exchange: Exchange) -> Finding | None:
    """The audio has one Content-Length, a number, and it is the number of bytes that came."""
    if exchange.answer is None:
        return Finding("the audio did not arrive whole", "a whole answer", exchange.got, (exchange,))
    return _unreadable_length(exchange, exchange.answer) or _length_differs(exchange, len(exchange.answer.body), "")


def content_length_exact(sent: WireExchange) -> Finding | None:
    """Content-Length is the number of bytes that the gateway sent until it closed the connection: judged on the wire."""
    if sent.wire is None:
        return Finding("the audio did not arrive whole", "a whole answer", sent.exchange.got, (sent.exchange,))
    wire = sent.wire
    ended = f" until the connection was {wire.ending}" if wire.ending != "complete" else ""
    return _unreadable_length(sent.exchange, wire.answer) or _length_differs(
        sent.exchange, len(wire.body) + len(wire.surplus), ended
    )


def _unreadable_length(exchange: Exchange, answer: Answer) -> Finding | None:
    values = _all(answer, "content-length")
    wanted = "Content-Length with the number of bytes of the audio"
    if not values:
        framing = answer.header("transfer-encoding")
        got = f"none (Transfer-Encoding: {framing})" if framing else "none"
        return Finding("the audio comes without its length", wanted, got, (exchange,))
    if declared_length(answer) is None:
        return Finding("the audio's length cannot be read", wanted, ", ".join(map(repr, values)), (exchange,))
    return None


def _length_differs(exchange: Exchange, sent: int, ended: str) -> Finding | None:
    declared = (declared_length(exchange.answer) if exchange.answer else None) or 0
    if declared == sent:
        return None
    return Finding(
        "Content-Length is not the number of bytes sent", f"{declared} bytes", f"{sent} bytes{ended}", (exchange,)
    )


def _all(answer: Answer, name: str) -> list[str]:
    """Every distinct value of a header: the same length given twice is one length (RFC 9110, 8.6)."""
    values: Iterable[str] = (
        part.strip() for key, value in answer.headers if key.lower() == name for part in value.split(",")
    )
    return list(dict.fromkeys(values))
