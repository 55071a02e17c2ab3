"""Gates: where scripted calls are held until they are released, so that "in flight" is a fact."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import msgspec

from mock_upstreams.errors import ControlRefusal
from mock_upstreams.waiting import Signal


class Gate(msgspec.Struct, frozen=True):
    """A gate as the control API shows it: calls held now (journal positions), calls released since it was set up."""

    name: str
    waiting: int
    released: int
    open: bool
    positions: list[int]


@dataclass(slots=True)
class _Gate:
    open: bool = False
    released: int = 0
    waiting: dict[int, asyncio.Event] = field(default_factory=dict)

    def release(self, positions: list[int]) -> None:
        for position in positions:
            self.waiting.pop(position).set()
        self.released += len(positions)


class Gates:
    """All gates, by name. Belongs to one event loop."""

    def __init__(self) -> None:
        self._gates: dict[str, _Gate] = {}
        self.signal = Signal()

    def ensure(self, name: str) -> Gate:
        """Sets up a closed gate unless there is one of that name; returns it."""
        self._gates.setdefault(name, _Gate())
        return self.show(name)

    async def hold(self, name: str, position: int) -> None:
        """Waits until the call at `position` is released; returns at once where the gate is open or was deleted."""
        gate = self._gates.get(name)
        if gate is None or gate.open:
            return
        gate.waiting[position] = freed = asyncio.Event()
        self.signal.notify()
        try:
            await freed.wait()
        finally:  # a client that disconnected waits no more
            gate.waiting.pop(position, None)
            self.signal.notify()

    async def wait(self, name: str, count: int, seconds: float) -> None:
        """Returns when `count` calls are held at a gate, or it is gone, or after so many seconds."""

        def enough() -> bool:
            gate = self._gates.get(name)
            return gate is None or len(gate.waiting) >= count

        await self.signal.wait_until(enough, seconds)

    def show(self, name: str) -> Gate:
        """Returns a gate. Raises ControlRefusal (404)."""
        gate = self._find(name)
        return Gate(name, len(gate.waiting), gate.released, gate.open, sorted(gate.waiting))

    def all(self) -> list[Gate]:
        """Returns all gates by name."""
        return [self.show(name) for name in sorted(self._gates)]

    def open(self, name: str) -> Gate:
        """Releases all calls, those to come too. Raises ControlRefusal (404)."""
        gate = self._find(name)
        gate.open = True
        gate.release(list(gate.waiting))
        return self.show(name)

    def release(self, name: str, count: int) -> Gate:
        """Releases the `count` calls that have waited longest, or all that wait. Raises as `open`."""
        gate = self._find(name)
        gate.release(list(gate.waiting)[:count])
        return self.show(name)

    def release_one(self, name: str, position: int) -> Gate:
        """Releases one call. Raises ControlRefusal (404 also where that call does not wait here)."""
        gate = self._find(name)
        if position not in gate.waiting:
            held = ", ".join(map(str, sorted(gate.waiting))) or "none"
            message = f"The call at position {position} does not wait at gate {name!r}."
            raise ControlRefusal(404, "not_waiting", message, param="position", hint=f"waiting: {held}")
        gate.release([position])
        return self.show(name)

    def remove(self, name: str) -> Gate:
        """Opens a gate, then forgets it; returns how it was left. Raises ControlRefusal (404)."""
        gate = self.open(name)
        del self._gates[name]
        return gate

    def _find(self, name: str) -> _Gate:
        try:
            return self._gates[name]
        except KeyError:
            message = f"There is no gate {name!r}."
            raise ControlRefusal(404, "unknown_gate", message, param="name", hint="PUT it first") from None
