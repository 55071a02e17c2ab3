"""An hour's stream, paced by gates instead of a clock: does the memory of the gateway, or of the suite, grow with it?

    python -m benchmarks.long_stream                   # 36,000 events of speech, then of a transcription: ten in a second
    python -m benchmarks.long_stream --minutes 5

The provider holds its stream after every 50 events, until the suite has all of them so far: the reference server hands them
on meanwhile, the suite reads and judges them as its own check of lasting streams does. Suite, gateway and mock are processes
of their own. Prints the resident sizes of the first two at every tenth of the stream. Ends with status 1 where an event is
lost or held back, or where either grows by more than `--most` megabytes (of 1,000,000 bytes) from the first tenth on.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.rig.memory import megabytes, memory_of, resident_of
from benchmarks.rig.provider import running_provider
from conformance import contracts
from conformance.contracts import Contract
from conformance.drive.lasting import PORTION, lasting
from conformance.mock.control import MockControl
from conformance.runner.probes import Prober
from conformance.runner.run import open_gateway
from conformance.target import parse
from tests.mutants.place import Mock, settings, target
from tests.servers import running_gateway

_DIALECT = "openai-audio-2026-11"
_EVENTS_A_MINUTE = 600
_TENTHS = 10


class _Watch:
    """Notes what the suite's process and the gateway's take, at every tenth of a stream."""

    def __init__(self, gateway: int, portions: int) -> None:
        self._gateway = gateway
        self._portions = portions
        self.sizes: list[tuple[int, int]] = []

    def __call__(self, portion: int) -> None:
        if portion * _TENTHS // self._portions > len(self.sizes):
            self.sizes.append((resident_of(os.getpid()), memory_of(self._gateway).resident))

    @property
    def growth(self) -> int:
        """By how much the larger of the two grew from the first tenth to the last, in bytes."""
        (suite, gateway), (suite_last, gateway_last) = self.sizes[0], self.sizes[-1]
        return max(suite_last - suite, gateway_last - gateway)


def _streamed(prober: Prober, route: str, portions: int, gateway: int, most: float) -> bool:
    """Whether a stream came whole, in memory that stayed flat; prints what was seen."""
    watch, began = _Watch(gateway, portions), time.monotonic()
    found = lasting(prober.case(), route, portions, watch)
    whole = found.came == found.sent and found.ended and not found.held_back
    print(f"{route}: {found.came} of {found.sent} events in order, {time.monotonic() - began:.0f} s")  # noqa: T201
    print("  suite    ", ", ".join(megabytes(suite) for suite, _ in watch.sizes))  # noqa: T201
    print("  reference", ", ".join(megabytes(reference) for _, reference in watch.sizes))  # noqa: T201
    return whole and watch.growth <= most * 1e6


def _judged(contract: Contract, minutes: float, most: float) -> bool:
    portions = max(_TENTHS, int(minutes * _EVENTS_A_MINUTE) // PORTION)
    with running_provider() as provider, TemporaryDirectory() as folder:
        token = provider.control.headers["Authorization"].partition(" ")[2]
        mock = Mock(provider.origin, token)
        with running_gateway(settings(mock, _DIALECT)) as gateway:
            port = int(gateway.origin.rpartition(":")[2])
            declared = parse(target(port, mock, Path(folder), _DIALECT))
            control = MockControl(provider.origin, token)
            with open_gateway(declared) as opened:
                prober = Prober(contract, declared, opened, control)
                results = [
                    _streamed(prober, route, portions, gateway.process.pid, most)
                    for route in ("speech", "transcriptions")
                ]
            control.close()
    return all(results)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="how long the stream would last, ten events a second")
    parser.add_argument("--most", type=float, default=5, help="megabytes of growth above which it ends with status 1")
    arguments = parser.parse_args()
    return 0 if _judged(contracts.load(_DIALECT), arguments.minutes, arguments.most) else 1


if __name__ == "__main__":
    sys.exit(main())
