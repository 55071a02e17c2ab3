"""The embedded gateway: a reference server in a subprocess, routed to a mock, with everything declared.

It is judged like any other gateway, by its URL: nothing of it is imported, and it is stopped and started by the commands
that its target declares. Configuration and target are two files beside this module, as anybody could write them: what
differs from run to run stands in variables.
"""

from __future__ import annotations

import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance import target as targets
from conformance.contracts import DEFAULT
from conformance.errors import GatewayUnreachable, ProviderUnreachable, UsageError
from conformance.target import Target
from conformance.target.extras import require

_FOLDER = Path(__file__).parent
_CONFIGURATION, _TARGET = "embedded_gateway.yaml", "embedded_target.yaml"
_TOKENS = ("VALID_TOKEN", "RATE_LIMITED_TOKEN", "SPENT_TOKEN", "SMALL_TOKEN")
_START_S = 30.0
_STOP_S = 10.0


def _nothing() -> None:
    pass


@contextmanager
def embedded_gateway(contract: str = DEFAULT, meanwhile: Callable[[], object] = _nothing) -> Iterator[Target]:
    """Start both and yield the target that declares them, by the contract of that name.

    `meanwhile` is called while they start. Raises GatewayUnreachable where the server does not start, UsageError where it
    is not installed or does not speak the contract.
    """
    require("server", "The embedded reference server")
    folder_of_files = _files_of(contract)
    control_token, mock_port = secrets.token_urlsafe(16), _free_port()
    with (
        _starting_mock(control_token, mock_port) as mock,
        TemporaryDirectory(prefix="conformance-") as folder,
    ):
        place = _Place(Path(folder), f"http://127.0.0.1:{mock_port}", control_token, folder_of_files)
        place.write()
        try:
            place.start()
            meanwhile()
            _wait_for_mock(mock)
            place.wait()
            yield place.target()
        finally:
            place.close()


def _files_of(contract: str) -> Path:
    """Where configuration and target lie: those of contracts other than the default have a folder each."""
    folder = _FOLDER if contract == DEFAULT else _FOLDER / contract.replace("-", "_")
    if not (folder / _CONFIGURATION).is_file():
        raise UsageError(f"The embedded reference server does not speak {contract}.", "Name a gateway that does.")
    return folder


@contextmanager
def _starting_mock(control_token: str, port: int) -> Iterator[subprocess.Popen[str]]:
    """A mock provider in a process of its own: the suite has enough to do."""
    command = [sys.executable, "-m", "mock_upstreams", "--port", str(port), "--until-stdin-closes"]
    environment = {**os.environ, "MOCK_CONTROL_TOKEN": control_token}
    with subprocess.Popen(  # noqa: S603 - ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()  # it keeps nothing, and its farewell takes a quarter of a second


def _wait_for_mock(process: subprocess.Popen[str]) -> None:
    """Waits until it tells its address. Raises ProviderUnreachable where it does not."""
    line = process.stdout.readline() if process.stdout else ""
    if "http://" not in line:
        raise ProviderUnreachable(f"The mock provider did not start: it printed {line!r}.")


class _Place:
    """The folder that an embedded gateway lives in: its start script, its process id and its log.

    The gateway's standard input is a pipe that only this process holds open, so that it ends with it, however that ends.
    """

    def __init__(self, folder: Path, mock_url: str, control_token: str, files: Path) -> None:
        self._files = files
        self._port = _free_port()
        self._origin = f"http://127.0.0.1:{self._port}"
        self._script = folder / "start.sh"
        self._pid = folder / "gateway.pid"
        self._log = folder / "gateway.log"
        self._pipe = folder / "stdin"
        self._held = -1
        self._variables = {
            "GATEWAY_ORIGIN": self._origin,
            "GATEWAY_URL": f"{self._origin}/api/client/v1",
            "MOCK_URL": mock_url,
            "MOCK_CONTROL_TOKEN": control_token,
            "OPENAI_KEY": f"sk-embedded-{secrets.token_hex(8)}",
            "AZURE_KEY": f"azure-embedded-{secrets.token_hex(8)}",
            **{name: f"cpeer_{name.lower()}_{secrets.token_hex(8)}" for name in _TOKENS},
            "TERMINATE": f"kill -TERM $(cat {shlex.quote(str(self._pid))})",
            "START": f"/bin/sh {shlex.quote(str(self._script))}",
        }

    def write(self) -> None:
        """Writes the script that starts the gateway, at the same port each time."""
        command = [
            sys.executable,
            "-m",
            "reference_server",
            "--port",
            str(self._port),
            "--config",
            str(self._files / _CONFIGURATION),
            "--until-stdin-closes",
        ]
        os.mkfifo(self._pipe)
        self._held = os.open(self._pipe, os.O_RDWR)
        exports = [f"export {name}={shlex.quote(value)}" for name, value in self._variables.items()]
        log, pid, pipe = (shlex.quote(str(each)) for each in (self._log, self._pid, self._pipe))
        lines = [*exports, f"{shlex.join(command)} >>{log} 2>&1 <{pipe} &", f"echo $! >{pid}"]
        self._script.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def start(self) -> None:
        """Begins to start the gateway."""
        subprocess.run(["/bin/sh", str(self._script)], check=True)  # noqa: S603 - the script was written a moment ago

    def wait(self) -> None:
        """Waits until the gateway answers. Raises GatewayUnreachable where it does not."""
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if time.monotonic() > deadline:
                log = self._log.read_text(errors="replace")[-2000:]
                raise GatewayUnreachable(f"The reference server did not start within {_START_S:g} s. Its log:\n{log}")
            time.sleep(0.05)

    def close(self) -> None:
        """Ends the gateway and lets go of its standard input."""
        self._stop()
        os.close(self._held)

    def _stop(self) -> None:
        """End the process that the script started last, by its id; the second signal ends it without a drain."""
        pid = int(self._pid.read_text()) if self._pid.exists() else 0
        deadline = time.monotonic() + _STOP_S
        while pid and _signal(pid, signal.SIGTERM) and self._answers() and time.monotonic() < deadline:
            time.sleep(0.05)

    def target(self) -> Target:
        """What is declared of the gateway."""
        return targets.load(self._files / _TARGET, self._variables)

    def _answers(self) -> bool:
        """Whether it answers HTTP, whatever it says."""
        asked = HTTPConnection("127.0.0.1", self._port, timeout=1.0)
        try:
            asked.request("GET", "/healthz")
            asked.getresponse()
        except (OSError, HTTPException):
            return False
        finally:
            asked.close()
        return True


def _signal(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _free_port() -> int:
    """A port that is free now; the gateway needs the same one again after it was stopped and started."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
