"""Probes: plain valid requests that ask what a gateway serves, sent in one way for preflight, doctor and canaries.

A probe judges nothing, and takes a limit of the gateway's as it comes.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.contracts import Capability, Contract
from conformance.drive.case import Case
from conformance.drive.requests import ask
from conformance.http.client import Gateway
from conformance.http.exchange import Exchange
from conformance.mock.control import MockControl
from conformance.target import Target


@dataclass
class Prober:
    """Sends probes to one gateway, each with a correlation id of its own."""

    contract: Contract
    target: Target
    gateway: Gateway
    mock: MockControl | None = None
    _nonce: str = field(default_factory=lambda: secrets.token_hex(3))
    _count: Iterator[int] = field(default_factory=itertools.count)

    @property
    def operations(self) -> Mapping[Capability, str]:
        """For each capability that model keys have in the contract: an operation that shows whether a key serves it."""
        found: dict[Capability, str] = {}
        for route, operation in self.contract.operations.items():
            found.setdefault(operation.capability, route)
        return found

    def case(self) -> Case:
        """A case to send a probe with: it belongs to no check, so any requirement stands in for the one it would decide."""
        return Case(
            marker=f"probe{self._nonce}n{next(self._count)}z",
            requirement=next(iter(self.contract.catalogue)),
            contract=self.contract,
            target=self.target,
            gateway=self.gateway,
            mock=self.mock,
            seed=0,
            examples=1,
        )

    def ask_for(self, capability: Capability, key: str | None = None) -> Exchange:
        """The exchange that shows whether a key has a capability beside those of the operations."""
        case, probe = self.case(), self.contract.probes[capability]
        fields: dict[str, Any] = {"model": key or case.model_keys(capability)[0], **probe.fields}
        return ask(case, probe.route, limited=True, **fields)

    def ask_for_models(self) -> Exchange | None:
        """The answer for the list of models; None where the contract has none."""
        path = self.contract.model_list
        return None if path is None else self.gateway.send(self.gateway.request(path, method="GET"), limited=True)

    def shows(self, capability: Capability, exchange: Exchange) -> bool:
        """Whether the answer to `ask_for` shows the capability: one who knows nothing of it may answer as always."""
        probe, answer = self.contract.probes[capability], exchange.answer
        if (
            answer is None
            or answer.media_type != probe.answers
            or answer.status not in self.contract.statuses("served")
        ):
            return False
        return not probe.has or set(probe.has) <= set(answer.document())

    def ask(self, route: str, *, form: str = "", **changes: Any) -> Exchange:
        """The exchange of a valid request but for `changes`: `model`, `token` or another field.

        `form` is another encoding than the operation's plain one.
        """
        return ask(self.case(), route, form, limited=True, **changes)
