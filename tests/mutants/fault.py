"""What a fault is: changes at the edges of a gateway that is sound within. Two faults combine with `|`."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from reference_server.asgi import App
from reference_server.upstreams import Adapter

AUDIO_API = "audio-api"
# The gateway's configuration, as its YAML file would be read.
Settings = dict[str, Any]
Forward = Callable[[httpx.Request], Awaitable[httpx.Response]]
# Between the gateway's adapter and the provider: gets the call, and what carries it there.
Wire = Callable[[httpx.Request, Forward], Awaitable[httpx.Response]]


@dataclass(slots=True)
class Life:
    """What a process has been through: how old it is, and how many requests of each operation it has served."""

    started: float = field(default_factory=time.monotonic)
    served: Counter[str] = field(default_factory=Counter)

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.started


Whenever = Callable[[Life], bool]


def always(_: Life) -> bool:
    return True


def never(_: Life) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """How the gateway ends at its signal: as the reference does, but for what is set here."""

    drains: Whenever = always  # where not: SIGTERM changes nothing until the process ends
    closes_listener: bool = False  # new connections are refused at once
    closes_later: bool = False  # new connections are refused after a moment
    kills_in_flight: Whenever = never  # ends without waiting for anyone
    gives_up: Whenever = never  # answers at once, with a 503, whoever waits for the provider
    still_serves: frozenset[str] = frozenset()  # routes that are served while draining
    spares_kept: frozenset[str] = frozenset()  # routes that are served while draining on connections from before


@dataclass(frozen=True, slots=True)
class Fault:
    """Each tuple is applied in order, so that the last one is the outermost."""

    around: tuple[Callable[[App], App], ...] = ()
    settings: tuple[Callable[[Settings], None], ...] = ()
    declared: tuple[Callable[[Settings], None], ...] = ()  # what its target file says otherwise
    upstreams: tuple[Callable[[Adapter], Adapter], ...] = ()
    wire: tuple[Wire, ...] = ()
    lifecycle: Lifecycle | None = None
    protocol: type[asyncio.Protocol] | None = None  # how HTTP itself is read
    contract: str = AUDIO_API  # what the gateway speaks: both of two that are joined

    def __or__(self, other: Fault) -> Fault:
        joined = {
            each: getattr(self, each) + getattr(other, each)
            for each in ("around", "settings", "declared", "upstreams", "wire")
        }
        lifecycle, protocol = other.lifecycle or self.lifecycle, other.protocol or self.protocol
        return Fault(**joined, lifecycle=lifecycle, protocol=protocol, contract=self.contract)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A gateway with one fault. `kills` is the requirement that must accuse it, `bug` a row of docs/real-bugs.md.

    `beside` names what else has to run for the fault to show, where it comes of what a run does.
    """

    name: str
    kills: str
    fault: Fault
    bug: str = ""
    beside: tuple[str, ...] = ()
