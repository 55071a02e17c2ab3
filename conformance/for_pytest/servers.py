"""The servers behind the fixtures: how they are started, and what a test sees of them."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from conformance.errors import GatewayUnreachable
from conformance.mock.calls import RecordedCall
from conformance.mock.control import Gate, MockControl, PlayedScript
from conformance.mock.launch import running_mock

_START_S = 60.0
_STOP_S = 10.0
_PROVIDER_KEY = "sk-audio-mock"


class _SetsVariables(Protocol):
    """As much of pytest's `monkeypatch` as is needed."""

    def setenv(self, name: str, value: str) -> None: ...


@dataclass(frozen=True, slots=True)
class AudioServer:
    """A running server. `url` is its base URL, `key` what it lets clients in with; `control` scripts the provider."""

    url: str
    key: str
    control: MockControl
    since: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which OpenAI's clients find it."""
        return {"OPENAI_BASE_URL": self.url, "OPENAI_API_KEY": self.key}

    def set_environment(self, monkeypatch: _SetsVariables) -> None:
        """Sets these variables for the test."""
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)

    def scripted(
        self, act: Mapping[str, Any], *, match: Mapping[str, Any] | None = None, times: int | None = None
    ) -> AbstractContextManager[PlayedScript]:
        """While inside, the provider does as `act` says with calls that match: `times` times, or all the time.

        What it yields says afterwards how often that was.
        """
        return self.control.scripted(match or {}, act, times=times)

    def gate(self, name: str) -> AbstractContextManager[Gate]:
        """A gate for calls whose act is `{"hold": name}`: they wait at it until it is released, or left."""
        return self.control.gate(name)

    def calls(self, *, at_least: int = 0, **wanted: str | int) -> list[RecordedCall]:
        """The calls that the provider got in this test, oldest first; `at_least` waits for so many, within bounds."""
        return self.control.calls(at_least=at_least, since=self.since, **wanted)

    @contextmanager
    def in_one_test(self) -> Iterator[AudioServer]:
        """The server as one test has it: its own calls, and its scripts forgotten in the end."""
        try:
            yield replace(self, since=self.control.position())
        finally:
            self.control.forget()


@contextmanager
def running_mock_server() -> Iterator[AudioServer]:
    """A mock provider on a thread of this process, on a free port of the loopback interface."""
    token = secrets.token_urlsafe(16)
    with running_mock("127.0.0.1:0", token) as origin, _controlled(origin, token) as control:
        yield AudioServer(f"{origin}/v1", _PROVIDER_KEY, control)


@contextmanager
def running_gateway_server() -> Iterator[AudioServer]:
    """The reference server in a process of its own, as its command starts it without a configuration."""
    token = secrets.token_urlsafe(16)
    command = [sys.executable, "-m", "reference_server", "--port", "0", "--until-stdin-closes"]
    environment = {**os.environ, "MOCK_CONTROL_TOKEN": token}
    with subprocess.Popen(  # noqa: S603 - ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            url, key = _printed(process)
            origin = url.partition("/api/")[0]
            with _controlled(origin, token) as control:
                yield AudioServer(url, key, control)
        finally:
            _end(process)


@contextmanager
def _controlled(origin: str, token: str) -> Iterator[MockControl]:
    control = MockControl(origin, token)
    try:
        yield control
    finally:
        control.close()


def _printed(process: subprocess.Popen[str]) -> tuple[str, str]:
    """The URL and the token that the server prints in its first two lines. Raises GatewayUnreachable."""
    late = threading.Timer(_START_S, process.kill)
    late.start()
    try:
        lines = [process.stdout.readline() if process.stdout else "" for _ in range(2)]
    finally:
        late.cancel()
    if "http://" not in lines[0]:
        raise GatewayUnreachable(
            f"The reference server did not start: it printed {lines[0]!r}.", "Its standard error says why."
        )
    return lines[0].split()[-1], lines[1].split()[-1]


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
