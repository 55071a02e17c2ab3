"""Which of the shipped contracts a gateway speaks, by a few answers to valid requests: signs, not a judgement.

Each sign is one way in which the contracts differ: what a transcript looks like, whether recordings may come in JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.contracts import Contract
from conformance.drive.requests import OMIT
from conformance.http.exchange import Exchange
from conformance.runner.probes import Prober

_ROUTE = "transcriptions"


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was seen, in words, and the names of the contracts by which it is so."""

    seen: str
    fits: frozenset[str]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was seen. `name` is the contract that most signs speak for, or of several the one that the first speaks for."""

    signs: tuple[Sign, ...]
    name: str

    @property
    def agreeing(self) -> tuple[Sign, ...]:
        """The signs that speak for the contract."""
        return tuple(sign for sign in self.signs if self.name in sign.fits)


def recognised(prober: Prober, known: Iterable[Contract]) -> Recognition:
    """Asks for three transcripts and compares them with each contract. Raises Blocked where the gateway is gone.

    The first sign goes before the others: many servers that speak the dialect answer JSON where text was asked for.
    """
    contracts = [each for each in known if _ROUTE in each.operations]
    signs = tuple(_signs(prober, contracts))
    counts = {each.name: sum(each.name in sign.fits for sign in signs) for each in contracts}
    best = [name for name, count in counts.items() if count and count == max(counts.values())]
    first = best if len(best) == 1 else [name for name in best if name in signs[0].fits]
    return Recognition(signs, first[0] if len(first) == 1 else "")


def _signs(prober: Prober, contracts: list[Contract]) -> Iterator[Sign]:
    plain = prober.ask(_ROUTE, form="multipart")
    if _served(prober, plain):
        named = any(has_id(each, plain) for each in contracts)
        seen = f"a transcript has {'an' if named else 'no'} id of its request"
        yield Sign(seen, frozenset(each.name for each in contracts if (_named(each) is not None) is named))
        yield from _of_text(prober, contracts)
        yield from _of_json(prober, contracts)


def _of_text(prober: Prober, contracts: list[Contract]) -> Iterator[Sign]:
    exchange = prober.ask(_ROUTE, form="multipart", response_format="text")
    if _served(prober, exchange):
        kind = "object" if _members(exchange) else "document"
        seen = (
            "a transcript asked in `text` is JSON" if kind == "object" else "a transcript asked in `text` is plain text"
        )
        yield Sign(seen, frozenset(each.name for each in contracts if each.transcript("text").kind == kind))


def _of_json(prober: Prober, contracts: list[Contract]) -> Iterator[Sign]:
    exchange = prober.ask(_ROUTE, form="json")
    if exchange.is_error or exchange.is_success:
        taken = _served(prober, exchange)
        if taken and _served(prober, prober.ask(_ROUTE, form="json", upload=OMIT)):
            return  # one that serves whatever comes shows nothing by it
        seen = f"a recording in JSON is {'taken' if taken else 'refused'}"
        takes = (each for each in contracts if ("json" in each.operations[_ROUTE].encodings) is taken)
        yield Sign(seen, frozenset(each.name for each in takes))


def has_id(contract: Contract, exchange: Exchange) -> bool:
    """Whether a transcript has the id of its request under the contract's name for it."""
    return _named(contract) is not None and _named(contract) in _members(exchange)


def _served(prober: Prober, exchange: Exchange) -> bool:
    return exchange.status in prober.contract.statuses("served")


def _members(exchange: Exchange) -> frozenset[str]:
    return frozenset(exchange.answer.document()) if exchange.answer else frozenset()


def _named(contract: Contract) -> str | None:
    return contract.names.request_id
