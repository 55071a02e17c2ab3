"""Peers and the mock behind them as running processes, each with what it said kept in a file."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.peers.catalogue import Peer
from benchmarks.peers.installing import CACHE, NotInstalledError
from benchmarks.peers.speech import in_base64

_CHECKOUT = Path(__file__).parents[2]
_START_S = 120.0
_STOP_S = 20.0
_LINES_SHOWN = 5


class NotStartedError(Exception):
    """A peer that did not answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Running:
    """A peer that serves: its values filled in, its process, and how long it took until its first answer."""

    peer: Peer
    origin: str
    token: str
    process: subprocess.Popen[bytes]
    started_s: float

    @property
    def base_url(self) -> str:
        """What stands before `/audio/speech`."""
        return f"{self.origin}{self.peer.base_path}"


@contextmanager
def running(name: str, peer: Peer, provider: str, cache: Path = CACHE) -> Iterator[Running]:
    """Runs a peer that is installed until the block ends. Raises NotInstalledError, NotStartedError."""
    port, token = _free_port(), f"sk-client-{secrets.token_hex(8)}"
    with TemporaryDirectory(prefix=f"peer-{name}-") as work:
        folder = peer.package.folder(cache) if peer.package else Path()
        values = {
            "FOLDER": str(folder),
            "SITE": str(next(folder.glob("lib/python*/site-packages"), "")),
            "PYTHON": sys.executable,
            "CHECKOUT": str(_CHECKOUT),
            "WORK": work,
            "PORT": str(port),
            "PROVIDER": provider,
            "PROVIDER_PORT": provider.rpartition(":")[2],
            "KEY": f"sk-provider-{secrets.token_hex(8)}",
            "TOKEN": token,
            "SPEECH_MP3": in_base64(),
        }
        filled = peer.with_values(values)
        for file, text in filled.files.items():
            place = Path(work, file)
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, "utf-8")
        began = time.monotonic()
        log = Path(work, "said")
        process = _start(filled, log)
        try:
            origin = f"http://127.0.0.1:{port}"
            _wait_until_ready(f"{origin}{filled.ready}", filled.headers, process, log)
            yield Running(filled, origin, token, process, time.monotonic() - began)
        finally:
            end(process)


@contextmanager
def running_mock(control_token: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Runs the mock until the block ends; its origin and process."""
    port = _free_port()
    origin = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "mock_upstreams", "--port", str(port), "--control-token", control_token]
    log = folder / "mock.log"
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)  # noqa: S603 - our own
    try:
        _wait_until_ready(f"{origin}/v1/models", {}, process, log)
        yield origin, process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Asks a process to end, and makes it where it does not."""
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _start(peer: Peer, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as said:
        try:
            return subprocess.Popen(  # noqa: S603 - the command of a file of ours
                peer.start, stdout=said, stderr=said, env={**os.environ, **peer.environment}, cwd=log.parent
            )
        except FileNotFoundError as error:
            raise NotInstalledError(f"no {error.filename} here") from error


def _wait_until_ready(url: str, headers: Mapping[str, str], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    with httpx.Client(timeout=5, trust_env=False, headers=dict(headers)) as client:
        while True:
            if process.poll() is not None:
                raise NotStartedError(f"it ended with status {process.returncode}: {_last_words(log)}")
            if time.monotonic() > deadline:
                raise NotStartedError(f"it did not answer within {_START_S:.0f} s: {_last_words(log)}")
            try:
                if client.get(url).status_code < 500:
                    return
            except httpx.TransportError:
                time.sleep(0.02)


def _last_words(log: Path) -> str:
    return " / ".join(log.read_text("utf-8", "replace").split("\n")[-_LINES_SHOWN - 1 :]).strip()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
