"""Starts servers for tests: real processes, real sockets, free ports, and an end that is certain."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn
import yaml

CHECKOUT = Path(__file__).parent.parent
START_S = 60.0
STOP_S = 60.0


class RunningGateway(NamedTuple):
    """A reference server in a process of its own. `log` holds its standard error, `banner` what it printed at start."""

    base_url: str
    token: str
    process: subprocess.Popen[str]
    log: Path
    banner: str

    @property
    def origin(self) -> str:
        scheme, _, rest = self.base_url.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def terminate(self) -> int:
        """Sends SIGTERM and waits; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_S)


@contextlib.contextmanager
def running_gateway(
    config: dict[str, Any] | None = None, workers: int = 1, environment: dict[str, str] | None = None
) -> Iterator[RunningGateway]:
    """Runs `audio-reference-server` on a free port until the block ends. Without a configuration, the embedded one.

    `token` is the first token of the configuration. `environment` is added to this process's own.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "reference_server", "--port", "0", "--workers", str(workers)]
        command += ["--until-stdin-closes"]
        if config is not None:
            file = Path(folder, "gateway.yaml")
            file.write_text(yaml.safe_dump(config), "utf-8")
            command += ["--config", str(file)]
        log = Path(folder, "log")
        with log.open("w") as stderr:
            process = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )
        try:
            banner = _banner(process, log)
            token = "cpeer_development" if config is None else config["tokens"][0]["token"]
            yield RunningGateway(banner.splitlines()[0].split()[-1], token, process, log, banner)
        finally:
            _end(process)


def _banner(process: subprocess.Popen[str], log: Path) -> str:
    """What the server printed, once it serves; the process is killed when nothing comes in time."""
    lines = _lines_until(process, "    curl ", START_S)
    assert lines[0], f"the gateway did not start:\n{log.read_text()[-4000:]}"
    return "".join(lines)


def _lines_until(process: subprocess.Popen[str], last: str, within_s: float) -> list[str]:
    """What it prints, up to the line that begins so or the end; what prints no such line in time is killed."""
    assert process.stdout is not None
    # The whole group: workers hold the other end of the pipe too.
    timer = threading.Timer(within_s, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    try:
        lines = [process.stdout.readline()]
        while lines[-1] and not lines[-1].startswith(last):
            lines.append(process.stdout.readline())
    finally:
        timer.cancel()
    return lines


def stop_at_once(process: subprocess.Popen[str]) -> None:
    """Sends two signals, of which the second skips the drain; not at once, for then they may count as one."""
    if process.poll() is None:
        process.terminate()
        _lines_until(process, "audio-reference-server shutting down", STOP_S)
        process.terminate()


def _end(process: subprocess.Popen[str]) -> None:
    stop_at_once(process)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


@contextlib.contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serves an ASGI application in a thread of this process, on a free port, and yields its origin."""
    # h11 by name: where httptools is installed, uvicorn takes that, which loses the body of a request with `Upgrade`.
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="on", http="h11"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_S
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start in time"
        thread.join(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(STOP_S)
        assert not thread.is_alive(), "the server did not stop"
