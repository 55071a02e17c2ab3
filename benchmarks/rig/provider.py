"""The mock provider in a process of its own, told what to do over its control API."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from tests.servers import CHECKOUT, START_S, STOP_S

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = "control-token-of-a-benchmark"  # noqa: S105 - known to this process and its child
_POLL_S = 25.0


@dataclass(frozen=True, slots=True)
class ControlledProvider:
    """A running mock: its origin, its process, and a client of its control API."""

    origin: str
    process: subprocess.Popen[str]
    control: httpx.Client

    @property
    def base_url(self) -> str:
        """What the gateway's adapter ``openai`` takes."""
        return f"{self.origin}/v1"

    def script(self, act: dict[str, Any], match: dict[str, Any] | None = None, times: int | None = None) -> None:
        """Have calls that match (all, if nothing is said) answered by ``act``, for ever unless told otherwise."""
        self._tell("POST", "/scripts", json={"match": match or {}, "act": act, "times": times})

    def forget_scripts(self) -> None:
        """Answer ordinarily again."""
        self._tell("DELETE", "/scripts")

    def gate(self, name: str) -> None:
        """Set up a gate, closed."""
        self._tell("PUT", f"/gates/{name}")

    def waiting(self, name: str, at_least: int = 0, wait_s: float = 0) -> int:
        """How many calls are held at a gate; waits until there are ``at_least`` so many, ``wait_s`` seconds at most."""
        waiting = 0
        while True:
            query = {"waiting_at_least": at_least, "wait_s": min(wait_s, _POLL_S)}
            waiting = self._tell("GET", f"/gates/{name}", params=query)["waiting"]
            wait_s -= _POLL_S
            if waiting >= at_least or wait_s <= 0:
                return int(waiting)

    def release(self, name: str) -> None:
        """Open a gate for good."""
        self._tell("POST", f"/gates/{name}/release", json={"all": True})

    def position(self) -> int:
        """How many calls have come so far."""
        return int(self._tell("GET", "/journal/position")["position"])

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """The recorded calls after a position, oldest first. Raises AssertionError when some were dropped."""
        found = self._tell("GET", "/journal", params={"since": since})
        assert found["dropped"] <= since, f"the journal dropped {found['dropped']} calls, read up to {since}"
        calls: list[dict[str, Any]] = found["calls"]
        return calls

    def _tell(self, method: str, path: str, **what: Any) -> Any:
        answer = self.control.request(method, f"/_mock{path}", **what)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def running_provider(settings: dict[str, Any] | None = None) -> Iterator[ControlledProvider]:
    """Run ``python -m mock_upstreams`` with ``settings`` on a free port until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "provider.yaml")
        config.write_text(yaml.safe_dump(settings or {}), "utf-8")
        command = [sys.executable, "-m", "mock_upstreams", "--port", "0", "--config", str(config)]
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--control-token", _TOKEN], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
        )
        try:
            origin = _origin(process)
            headers = {"Authorization": f"Bearer {_TOKEN}"}
            with httpx.Client(base_url=origin, headers=headers, timeout=60, trust_env=False) as control:
                yield ControlledProvider(origin, process, control)
        finally:
            _end(process)


def _origin(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    timer = threading.Timer(START_S, process.kill)
    timer.start()
    line = process.stdout.readline()
    timer.cancel()
    assert line, "the mock provider did not start"
    return line.split()[-1]


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
