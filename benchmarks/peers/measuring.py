"""Rounds: each peer is started, driven and ended in turn, so that what the machine does meanwhile meets all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from benchmarks.peers.catalogue import Peer
from benchmarks.peers.installing import NotInstalledError
from benchmarks.peers.load import LoadFailedError, ask_once, drive, work
from benchmarks.peers.running import NotStartedError, Running, running
from benchmarks.rig.cpu import cpu_ms
from benchmarks.rig.memory import memory_of, peak_from_now

OPERATIONS = ("speech", "transcription")
PROVIDER = "the provider alone"
_WARM_S = 1.0


class Sample(msgspec.Struct, frozen=True):
    """One round of one operation of one peer. `first_answer_s` counts from the start of its process.

    `overhead_ms` is what a gateway adds to the median of the provider alone, which was driven just before.
    """

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    peak_mb: float
    first_answer_s: float
    overhead_ms: float | None = None


class Subject(msgspec.Struct):
    """What was measured of one peer, by operation; and what could not be, with the reason."""

    name: str
    version: str = ""
    samples: dict[str, list[Sample]] = {}
    failed: dict[str, str] = {}


class Effort(msgspec.Struct, frozen=True):
    """How much is done: rounds, connections at once, seconds for each operation and round."""

    rounds: int = 5
    connections: int = 8
    seconds: float = 3.0


def measure(
    peers: Mapping[str, Peer], provider: Running, effort: Effort, cache: Path, say: Callable[[str], None]
) -> list[Subject]:
    """Measures the provider and each peer before it, in every round."""
    subjects = {PROVIDER: Subject(PROVIDER)}
    for name, peer in peers.items():
        subjects[name] = Subject(name, str(peer.package or "this checkout"))
    for turn in range(effort.rounds):
        say(f"round {turn + 1} of {effort.rounds}")
        _measure_one(subjects[PROVIDER], provider, effort)
        for name, peer in peers.items():
            try:
                with running(name, peer, provider.origin, cache) as gateway:
                    _measure_one(subjects[name], gateway, effort, provider if peer.provider else None)
            except (NotInstalledError, NotStartedError) as error:
                subjects[name].failed.update(dict.fromkeys(peer.serves, str(error)))
    return list(subjects.values())


def _measure_one(subject: Subject, peer: Running, effort: Effort, provider: Running | None = None) -> None:
    headers = {"Authorization": f"Bearer {peer.token}", **peer.peer.headers}
    pid = peer.process.pid
    for operation in OPERATIONS:
        if operation not in peer.peer.serves:
            subject.failed[operation] = "it has no such operation"
            continue
        asked = work(operation)
        try:
            first = peer.started_s + ask_once(peer.base_url, headers, asked)
            drive(peer.base_url, headers, asked, effort.connections, _WARM_S, least=0)
            alone = drive(provider.base_url, headers, asked, effort.connections, _WARM_S) if provider else None
            peak_from_now(pid)
            before = cpu_ms(pid)
            figures = drive(peer.base_url, headers, asked, effort.connections, effort.seconds)
            spent = cpu_ms(pid) - before
        except LoadFailedError as error:
            subject.failed[operation] = str(error)
            continue
        sample = Sample(
            figures.requests / figures.seconds,
            figures.p50_ms,
            figures.p99_ms,
            spent / figures.requests,
            memory_of(pid).peak / 1e6,
            first,
            figures.p50_ms - alone.p50_ms if alone else None,
        )
        subject.samples.setdefault(operation, []).append(sample)
