"""The embedded gateway: a reference server in a subprocess, routed to a mock, with everything declared.

It is judged like any other gateway, by its URL: nothing of it is imported, and it is stopped and started by the commands
that its target declares.
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import yaml

from conformance import target as targets
from conformance.errors import GatewayUnreachable, ProviderUnreachable
from conformance.target import Target

_START_S = 30.0
_STOP_S = 10.0
_PROVIDER_TIMEOUT_S = 8.0
_MAX_UPLOAD_MB = 4.0


@contextmanager
def embedded_gateway() -> Iterator[Target]:
    """Start both and yield the target that declares them. Raises GatewayUnreachable where the server does not start."""
    control_token = secrets.token_urlsafe(16)
    with (
        _running_mock(control_token) as mock_url,
        TemporaryDirectory(prefix="conformance-") as folder,
        httpx.Client(timeout=1.0, trust_env=False) as client,
    ):
        place = _Place(Path(folder), client, mock_url, control_token)
        place.write()
        try:
            place.start()
            yield targets.parse(place.target())
        finally:
            place.stop()


@contextmanager
def _running_mock(control_token: str) -> Iterator[str]:
    """A mock provider in a process of its own: the suite has enough to do. Yields its URL."""
    command = [sys.executable, "-m", "mock_upstreams", "--port", "0"]
    environment = {**os.environ, "MOCK_CONTROL_TOKEN": control_token}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603 - ours
        try:
            yield _first_url(process)
        finally:
            process.terminate()


def _first_url(process: subprocess.Popen[str]) -> str:
    said = process.stdout.readline() if process.stdout else ""
    if "http://" not in said:
        raise ProviderUnreachable(f"The mock provider did not start: it said {said!r}.")
    return said.split()[-1]


class _Place:
    """The folder that an embedded gateway lives in: its configuration, its start script, its process id and its log."""

    def __init__(self, folder: Path, client: httpx.Client, mock_url: str, control_token: str) -> None:
        self._folder = folder
        self._port = _free_port()
        self._mock_url = mock_url
        self._control_token = control_token
        self._tokens = {name: f"cpeer_{name}_{secrets.token_hex(8)}" for name in ("valid", "rate", "spent", "small")}
        self._script = folder / "start.sh"
        self._pid = folder / "gateway.pid"
        self._log = folder / "gateway.log"
        self._client = client

    def write(self) -> None:
        config = self._folder / "gateway.yaml"
        config.write_text(yaml.safe_dump(self._config()), encoding="utf-8")
        command = [sys.executable, "-m", "reference_server", "--port", str(self._port), "--config", str(config)]
        log, pid = shlex.quote(str(self._log)), shlex.quote(str(self._pid))
        self._script.write_text(f"{shlex.join(command)} >>{log} 2>&1 </dev/null &\necho $! >{pid}\n", encoding="utf-8")

    def start(self) -> None:
        subprocess.run(["/bin/sh", str(self._script)], check=True)  # noqa: S603 - the script was written a moment ago
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if time.monotonic() > deadline:
                said = self._log.read_text(errors="replace")[-2000:]
                raise GatewayUnreachable(f"The reference server did not start within {_START_S:g} s. It said:\n{said}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the process that the script started last, by its id."""
        pid = int(self._pid.read_text()) if self._pid.exists() else 0
        if not pid or not _signal(pid, signal.SIGTERM):
            return
        deadline = time.monotonic() + _STOP_S
        while self._answers() and time.monotonic() < deadline:
            time.sleep(0.05)
        _signal(pid, signal.SIGTERM)

    def target(self) -> dict[str, Any]:
        return {
            "base_url": f"http://127.0.0.1:{self._port}/api/client/v1",
            "token": self._tokens["valid"],
            "models": {
                "speech": ["tts-1", "tts-1-hd"],
                "transcription": ["whisper-1", "scribe"],
                "azure_speech": "azure-tts",
                "azure_transcription": "azure-stt",
                "without_deployment": {
                    "speech": "azure-mute",
                    "transcription": "azure-deaf",
                    "translation": "azure-deaf",
                },
            },
            "limited_tokens": {
                "rate_limit": {"token": self._tokens["rate"], "limit": 5, "window_s": 60},
                "budget": {"token": self._tokens["spent"]},
                "per_request": {"token": self._tokens["small"], "max_characters": 200, "max_upload_bytes": 40_000},
            },
            "expect": {
                "upstream_models": {
                    "tts-1": "tts-1",
                    "tts-1-hd": "tts-1-hd",
                    "whisper-1": "whisper-1",
                    "scribe": "gpt-4o-transcribe",
                },
                "deployments": {"azure-tts": "speech-prod", "azure-stt": "whisper-prod"},
            },
            "mock_provider": {"control_url": self._mock_url, "control_token": self._control_token},
            "lifecycle": {
                "terminate": f"kill -TERM $(cat {shlex.quote(str(self._pid))})",
                "start": f"/bin/sh {shlex.quote(str(self._script))}",
                "drain_s": 10,
            },
            "timeout_s": _PROVIDER_TIMEOUT_S + 2,
            "max_upload_mb": _MAX_UPLOAD_MB,
        }

    def _config(self) -> dict[str, Any]:
        return {
            "providers": {
                "openai": {
                    "kind": "openai",
                    "base_url": f"{self._mock_url}/v1",
                    "api_key": f"sk-embedded-{secrets.token_hex(8)}",
                    "timeout_s": _PROVIDER_TIMEOUT_S,
                },
                "azure": {
                    "kind": "azure",
                    "endpoint": self._mock_url,
                    "api_key": f"azure-embedded-{secrets.token_hex(8)}",
                    "timeout_s": _PROVIDER_TIMEOUT_S,
                },
            },
            "models": {
                "tts-1": {"capability": "speech", "provider": "openai"},
                "tts-1-hd": {"capability": "speech", "provider": "openai"},
                "whisper-1": {"capability": "transcription", "provider": "openai"},
                "scribe": {"capability": "transcription", "provider": "openai", "upstream_model": "gpt-4o-transcribe"},
                "azure-tts": {"capability": "speech", "provider": "azure", "deployments": {"speech": "speech-prod"}},
                "azure-stt": {
                    "capability": "transcription",
                    "provider": "azure",
                    "deployments": {"transcription": "whisper-prod", "translation": "whisper-prod"},
                },
                "azure-mute": {"capability": "speech", "provider": "azure", "deployments": {}},
                "azure-deaf": {"capability": "transcription", "provider": "azure", "deployments": {}},
            },
            "tokens": [{"name": name, "token": token} for name, token in self._tokens.items()],
            "limits": {
                "tokens": {
                    "rate": {"requests": {"limit": 5, "window_s": 60}},
                    "spent": {"budget": {"total": 0}},
                    "small": {"per_request": {"max_characters": 200, "max_upload_bytes": 40_000}},
                }
            },
            "max_upload_mb": _MAX_UPLOAD_MB,
        }

    def _answers(self) -> bool:
        try:
            self._client.get(f"http://127.0.0.1:{self._port}/healthz")
        except httpx.TransportError:
            return False
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
