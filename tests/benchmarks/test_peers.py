"""What the benchmarks know of peers, and what they make of figures; no peer is installed or started."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks import real_gateways
from benchmarks.peers.catalogue import Peer, peers
from benchmarks.peers.installing import NotInstalledError, Package
from benchmarks.peers.isolation import isolated, lacks
from benchmarks.peers.measuring import PROVIDER, Effort, Sample, Subject
from benchmarks.peers.running import NotStartedError, running
from benchmarks.peers.table import markdown
from conformance import target

PYTHON_SERVER = ("$PYTHON", "-m", "http.server", "--bind", "127.0.0.1", "--directory", "$WORK", "$PORT")


def test_every_peer_is_pinned_and_known_by_what_it_serves() -> None:
    known = peers()
    assert {"litellm", "portkey", "respan-gateway", "rolter", "ferro", "envoy", "aimock"} <= set(known)
    for name, peer in known.items():
        assert peer.package is None or peer.package.version, name
        assert set(peer.serves) <= {"speech", "transcription"}, name
        assert all("==" in each for each in (peer.package.beside if peer.package else ())), name


def test_what_is_declared_of_a_peer_is_a_target_file() -> None:
    """By each of the contracts."""
    mock = {"control_url": "http://127.0.0.1:1", "control_token": "t"}
    for name, peer in peers().items():
        if peer.judged:
            for contract in ("openai-audio-2026-11", "audio-api"):
                declared = real_gateways.declared(_served(peer), contract, mock if peer.provider else None)
                assert target.parse(json.loads(json.dumps(declared)), {}).contract == contract, name


def _served(peer: Peer) -> Any:
    return argparse.Namespace(peer=peer, base_url="http://127.0.0.1:9/v1", token="sk-client")


def test_a_name_that_nothing_is_known_of_is_refused() -> None:
    with pytest.raises(KeyError, match="NOWHERE"):
        Peer(start=("x", "$NOWHERE"), ready="/").with_values({"WORK": "w"})
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"start": ["x"], "ready": "/", "ports": 1}, Peer)


def test_a_peer_is_started_with_its_files_and_ended() -> None:
    """The time until its first answer counts from its start."""
    peer = Peer(start=PYTHON_SERVER, ready="/asked.txt", files={"asked.txt": "for $PROVIDER"})
    with running("any", peer, "http://127.0.0.1:2") as found:
        assert found.started_s > 0
        assert found.peer.files == {"asked.txt": "for http://127.0.0.1:2"}
    assert found.process.poll() is not None


@pytest.mark.parametrize(
    ("start", "error", "words"),
    [
        (("$PYTHON", "-c", "raise SystemExit('no such model')"), NotStartedError, "no such model"),
        (("no-such-program-here",), NotInstalledError, "no no-such-program-here here"),
    ],
    ids=["ends-at-once", "is-not-there"],
)
def test_one_that_does_not_start_says_why(start: tuple[str, ...], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words), running("any", Peer(start=start, ready="/"), ""):
        pass


def test_what_was_installed_otherwise_is_installed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed half way, or lacked what is now wanted beside it, is not taken for whole."""
    ran: list[str] = []
    monkeypatch.setattr("benchmarks.peers.installing._run", lambda command: ran.append(command[-1]))
    monkeypatch.setattr("shutil.which", lambda _: "npm")
    package = Package("npm", "@who/what", "1.0")
    for each in (package, package, Package("npm", "@who/what", "1.0", beside=("more@2",))):
        assert each.install(tmp_path).parent == tmp_path
    assert ran == ["@who/what@1.0", "more@2"]


@pytest.mark.skipif(bool(lacks()), reason=lacks())
def test_an_isolated_command_has_loopback_alone_and_its_own_status() -> None:
    said = subprocess.run(
        isolated(
            [sys.executable, "-c", "import socket; print([n for _, n in socket.if_nameindex()]); raise SystemExit(7)"]
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.stdout.strip(), said.returncode) == ("['lo']", 7)


def sample(p50_ms: float, cpu_ms: float = 1.0, overhead_ms: float | None = None) -> Sample:
    return Sample(100.0, p50_ms, 2 * p50_ms, cpu_ms, 50.0, 0.5, overhead_ms)


def test_the_table_names_what_could_not_be_measured() -> None:
    subjects = [
        Subject(PROVIDER, samples={"speech": [sample(1.0)], "transcription": [sample(1.0)]}),
        Subject(
            "slow",
            "slow 1.0",
            samples={"speech": [sample(3.0, 9.0, 2.0), sample(4.0, 7.0, 3.5)]},
            failed={"speech": "late"},
        ),
        Subject("gone", "gone 2.0", failed={"speech": '500 {"a": `b`}\nmore'}),
    ]
    table = markdown(subjects, Effort(rounds=2))
    assert "| slow 1.0 | 100 (100 to 100) | 3.5 (3.0 to 4.0) |" in table
    assert "| 2.8 (2.0 to 3.5) |" in table
    assert "- slow (slow 1.0), speech: `in all but 2 rounds, late`" in table
    assert "- gone (gone 2.0), speech: `500 {\"a\": 'b'} more`" in table
