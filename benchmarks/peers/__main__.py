"""Ours beside what people would use instead: the same work, one load generator, every peer that a registry has.

    python -m benchmarks.peers [NAME ...] [--rounds 5] [--seconds 3] [--connections 8] [--write]

Installs each peer of `benchmarks/peers/catalogue/` in the version named there, below `--cache`; that alone uses the network.
Then, in a network namespace that has nothing but a loopback interface, round by round, starts each in turn, drives a small
speech call and an upload of about 70 kB through it, and ends it. Gateways stand before a bare handler of canned bytes.
Prints for each operation: requests in a second, median and 99th percentile of the latency, CPU time for a request (of the
process tree), peak memory, from start to the first answer, and what a gateway adds to the provider's latency in the same
round; with the lowest and the highest round. What cannot be installed, started or driven is named with the reason.
`--write` keeps the figures in `benchmarks/results/` and the table in `benchmarks/README.md`.

Needs wrk, unshare and ip, Node.js and Java for the peers that are written in them, and for the plot the dependency group
`benchmarks`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from benchmarks.peers import load
from benchmarks.peers.catalogue import Peer, peers
from benchmarks.peers.installing import CACHE, NotInstalledError
from benchmarks.peers.isolation import lacks, run_isolated
from benchmarks.peers.measuring import Effort, measure
from benchmarks.peers.running import running
from benchmarks.peers.table import markdown, plot

_HERE = Path(__file__).parents[1]
_RESULTS, _README = _HERE / "results", _HERE / "README.md"
_PROVIDER = "bare-handler"
_MARKS = ("<!-- peers -->", "<!-- end of peers -->")
_INSIDE = "--inside"


def install(chosen: Mapping[str, Peer], cache: Path) -> None:
    """Installs what is not yet; what cannot be is found missing, and named, when it is to be started."""
    for name, peer in chosen.items():
        if peer.package:
            try:
                peer.package.install(cache)
            except NotInstalledError as error:
                _say(f"{name} could not be installed: {error}")


def run(chosen: Mapping[str, Peer], arguments: argparse.Namespace) -> int:
    """Measures, in the network that this process has."""
    effort = Effort(arguments.rounds, arguments.connections, arguments.seconds)
    with running(_PROVIDER, peers()[_PROVIDER], "", arguments.cache) as provider:
        subjects = measure(chosen, provider, effort, arguments.cache, _say)
    table = markdown(subjects, effort)
    _say(table)
    if arguments.write:
        _RESULTS.mkdir(exist_ok=True)
        (_RESULTS / "peers.json").write_bytes(msgspec.json.format(msgspec.json.encode([effort, *subjects]), indent=1))
        plot(subjects, _RESULTS / "peers.svg")
        before, after = (re.escape(mark) for mark in _MARKS)
        text = re.sub(
            f"(?s){before}.*{after}", lambda _: f"{_MARKS[0]}\n\n{table}\n{_MARKS[1]}", _README.read_text("utf-8")
        )
        _README.write_text(text, "utf-8")
    return 0


def main() -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved repetitions (default: 5)")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each operation and round (default: 3)")
    parser.add_argument("--connections", type=int, default=8, help="at once (default: 8)")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the packages are installed")
    parser.add_argument("--write", action="store_true", help="keep the figures, the plot and the table")
    parser.add_argument(_INSIDE, action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    known = {name: peer for name, peer in peers().items() if name != _PROVIDER and peer.serves}
    if unknown := set(arguments.names) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    chosen = {name: known[name] for name in arguments.names or known}
    if arguments.inside:
        return run(chosen, arguments)
    if missing := lacks() or load.lacks():
        parser.exit(3, f"{missing}\n")
    install(chosen, arguments.cache)
    return run_isolated([sys.executable, "-m", "benchmarks.peers", *sys.argv[1:], _INSIDE])


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command speaks


if __name__ == "__main__":
    sys.exit(main())
