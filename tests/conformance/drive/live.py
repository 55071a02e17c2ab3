"""A case that drives a gateway of a few lines over real sockets, and a provider that holds its calls."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conformance import contracts
from conformance import target as targets
from conformance.contracts.requirements import Level, Requirement
from conformance.drive.case import Case
from conformance.http.client import Gateway
from conformance.http.endpoint import Endpoint
from conformance.mock.calls import RecordedCall
from tests.conformance.fake_gateway import TOKEN, Behaviour, Seen, fake_gateway
from tests.conformance.judge.calls import call

_REQUIREMENT = Requirement(id="a.b", level=Level.MUST, section="s", link="p.md#s", statement="It must.")


class HoldingProvider:
    """The mock as a case sees it: scripts that hold a call by its marker, and a gate that releases them."""

    name = "gate"
    script = ()

    def __init__(self) -> None:
        self.released: list[int] = []
        self.acts: list[dict[str, Any]] = []
        self.markers: list[str] = []
        self._changed = threading.Condition()
        self._calls: list[str] = []
        self._is_open = False
        self._before = 0

    def receive(self, seen: Seen) -> None:
        """A call of the provider; it returns once the call is released."""
        with self._changed:
            self._calls.append(seen.body.decode("latin-1"))
            position = len(self._calls)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._is_open or position in self.released, 10)

    @contextmanager
    def gate(self, _: str) -> Iterator[HoldingProvider]:
        """The one gate, closed again, with nobody at it."""
        self._is_open, self._before = False, len(self._calls)
        yield self

    @contextmanager
    def scripted(self, match: dict[str, str], act: dict[str, Any]) -> Iterator[None]:
        self.acts.append(act)
        self.markers.append(match.get("marker", ""))
        yield

    def wait_for(self, count: int, *, wait_s: float = 0.2) -> int:
        with self._changed:
            self._changed.wait_for(lambda: len(self._calls) - self._before >= count, wait_s)
            return len(self._calls) - self._before

    def release(self, *, position: int | None = None) -> None:
        with self._changed:
            if position is None:
                self._is_open = True
            else:
                self.released.append(position)
            self._changed.notify_all()

    def calls(self, *, marker: str = "", sha256: str = "", **_: Any) -> list[RecordedCall]:
        if sha256:
            return []
        found = enumerate(self._calls, 1)
        return [call(position=position, state="held") for position, text in found if marker in text]


@contextmanager
def live_case(behave: Behaviour, provider: Any = None, **declared: Any) -> Iterator[Case]:
    """A case over a gateway that does what `behave` says; `declared` is what the target says besides its address."""
    with fake_gateway(behave) as (url, _), Gateway(Endpoint(url), TOKEN, timeout_s=5.0) as gateway:
        target = targets.parse({"base_url": url, "token": TOKEN, **declared}, {})
        yield Case("markabc123n1z", _REQUIREMENT, contracts.load(), target, gateway, provider, 0, 1)
