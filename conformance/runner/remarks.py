"""What a first look at a gateway suggests and no verdict says: a base URL without its path, another contract than declared.

Sentences for a person, told before the causes: a run whose every finding has such a reason would mislead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance import contracts
from conformance.contracts import Contract
from conformance.http.exchange import Exchange
from conformance.runner.probes import Prober
from conformance.runner.recognition import has_id, recognised

_NOT_THERE = frozenset({404, 405})
_ROUTE = "transcriptions"


def remarks(prober: Prober, exchanges: Mapping[str, Exchange]) -> Iterator[str]:
    """What there is to say of the answers to the first request of each operation."""
    if exchanges and all(exchange.status in _NOT_THERE for exchange in exchanges.values()):
        yield _misplaced(prober, next(iter(exchanges.values())))
    plain = exchanges.get(_ROUTE)
    if plain is not None and plain.is_success and has_id(prober.contract, plain) is not _wants_id(prober.contract):
        yield from _other_contract(prober)


def _misplaced(prober: Prober, exchange: Exchange) -> str:
    paths = " and ".join(operation.path for operation in list(prober.contract.operations.values())[:2])
    return (
        f"Nothing is served at {exchange.request.url} ({exchange.got[:120]}), nor at any other operation: base_url is what "
        f"stands before {paths}, with its path, e.g. http://127.0.0.1:8080/api/client/v1"
    )


def _other_contract(prober: Prober) -> Iterator[str]:
    """The shipped contract that the gateway seems to speak, where it is judged by another shipped one."""
    judged = prober.contract.name
    if judged not in contracts.names():
        return
    found = recognised(prober, [contracts.load(name) for name in contracts.names()])
    if found.name not in {"", judged}:
        told = "; ".join(sign.seen for sign in found.agreeing)
        yield (
            f"The gateway seems to speak {found.name} ({len(found.agreeing)} of {len(found.signs)} signs: {told}), and is "
            f"judged by {judged} here: --contract {found.name}, or `contract: {found.name}` in the target file, is the other"
        )


def _wants_id(contract: Contract) -> bool:
    return contract.names.request_id is not None
