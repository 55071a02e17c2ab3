"""Where a mutated gateway lives: its configuration, its server on a real socket, and the target file that declares it.

Everything is in this process, the mock provider too, so that a gateway costs a few hundredths of a second. What the
target declares is what the product's own `--embedded` declares.
"""

from __future__ import annotations

import asyncio
import copy
import os
import shlex
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
import yaml

from reference_server import config
from reference_server.app import create_app
from reference_server.asgi import App, Message, Receive, Scope, Send
from reference_server.drain import Drain
from reference_server.edge import Edge
from reference_server.upstreams import load
from tests.mutants.behind import fit, remembering
from tests.mutants.exchange import BASE_PATH, asked_of, error_answer
from tests.mutants.fault import AUDIO_API, Fault, Life, Lifecycle
from tests.servers import CHECKOUT

TOKEN = "cpeer_valid_3f9a77c1d2e4b586"
PROVIDER_KEY = "sk-provider-5d1e8f0a9b3c4d2e"
AZURE_KEY = "azure-provider-77aa31be09cd"
LIMITED = {"rate": "cpeer_rate_8812", "spent": "cpeer_spent_9920", "small": "cpeer_small_4471"}
_KEYS = {
    "VALID_TOKEN": TOKEN,
    "RATE_LIMITED_TOKEN": LIMITED["rate"],
    "SPENT_TOKEN": LIMITED["spent"],
    "SMALL_TOKEN": LIMITED["small"],
    "OPENAI_KEY": PROVIDER_KEY,
    "AZURE_KEY": AZURE_KEY,
}
_FILES = CHECKOUT / "conformance" / "target"
_NOTICE_S = 1.0
_MOMENT_S = 0.5
_NOTICE_EACH_S = 0.1
_SERVED = 200
_START_S = 30.0


@dataclass(frozen=True, slots=True)
class Mock:
    """The mock provider that a run shares."""

    base_url: str
    control_token: str


def settings(mock: Mock, contract: str = AUDIO_API) -> dict[str, Any]:
    """A whole configuration: two speech and two transcription models, Azure with and without deployments, limits."""
    return {**_filled("embedded_gateway.yaml", mock, contract), "log_level": "critical"}


def target(port: int, mock: Mock, commands: Path, contract: str = AUDIO_API) -> dict[str, Any]:
    """The target file's content. Its commands are written into a pipe, which this process obeys."""
    pipe = shlex.quote(str(commands))
    return _filled(
        "embedded_target.yaml",
        mock,
        contract,
        GATEWAY_ORIGIN=f"http://127.0.0.1:{port}",
        GATEWAY_URL=f"http://127.0.0.1:{port}{BASE_PATH}",
        TERMINATE=f"echo terminate >{pipe}",
        START=f"echo start >{pipe}",
    )


def _filled(name: str, mock: Mock, contract: str, **variables: str) -> dict[str, Any]:
    """One of the files that `--embedded` uses, its variables filled in: the judge's data, and none of its code."""
    folder = _FILES if contract == AUDIO_API else _FILES / contract.replace("-", "_")
    text = Template((folder / name).read_text("utf-8"))
    filled: dict[str, Any] = yaml.safe_load(
        text.substitute(_KEYS, MOCK_URL=mock.base_url, MOCK_CONTROL_TOKEN=mock.control_token, **variables)
    )
    return filled


def build(fault: Fault, document: dict[str, Any]) -> tuple[App, Drain]:
    """The gateway with the fault, and the drain that it is stopped by."""
    changed = copy.deepcopy(document)
    for edit in fault.settings:
        edit(changed)
    edge = _gateway(fault, changed)
    app: App = edge
    if fault.lifecycle and (fault.lifecycle.still_serves or fault.lifecycle.spares_kept):
        app = _still_serving(edge, _gateway(fault, changed), fault.lifecycle)
    for wrap in fault.around:
        app = wrap(app)
    return remembering(app), edge.drain


def _gateway(fault: Fault, document: dict[str, Any]) -> Edge:
    checked = config.from_document(document)
    return create_app(checked, {name: _upstream(checked, name, fault) for name in checked.providers})


def _still_serving(edge: Edge, undrained: App, lifecycle: Lifecycle) -> App:
    """While the gateway drains, requests that this mutant still serves go to one like it that does not drain."""
    known: set[Any] = set()

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        served = False
        if scope["type"] == "http" and edge.drain.draining:
            spared = lifecycle.spares_kept if scope["client"] in known else frozenset()
            served = asked_of(scope, 0).route in lifecycle.still_serves | spared
        known.add(scope.get("client"))
        await (undrained if served else edge)(scope, receive, send)

    return wrapped


def _upstream(checked: config.Settings, name: str, fault: Fault) -> Any:
    found = config.provider(checked, name)
    upstream: Any = load(found.kind)(found.options)
    fit(upstream, fault.wire, flowing=fault.contract != AUDIO_API)
    for wrap in fault.upstreams:
        upstream = wrap(upstream)
    return upstream


def _living(app: App, life: Life, given_up: threading.Event) -> App:
    """Notes what the process serves, and answers in place of the gateway whoever still waits when it has given up."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            if scope["type"] == "http" and message.get("status") == _SERVED:
                life.served[asked_of(scope, 0).route] += 1
            await send(message)

        working = asyncio.ensure_future(app(scope, receive, noted))
        while scope["type"] == "http" and not (await asyncio.wait([working], timeout=_NOTICE_EACH_S))[0]:
            if given_up.is_set() and not begun:
                working.cancel()
                await error_answer(503, "The gateway is shutting down.").send(send)
                return
        await working

    return wrapped


class Process:
    """What stands for the gateway's process: a server in a thread that can be terminated and started again."""

    def __init__(self, fault: Fault, document: dict[str, Any]) -> None:
        self._fault = fault
        self._document = document
        self._lifecycle = fault.lifecycle or Lifecycle()
        self._port = 0
        self._ending: threading.Thread | None = None

    @property
    def port(self) -> int:
        return self._port

    def start(self) -> None:
        if self._ending is not None:
            self._ending.join()
        app, self._drain = build(self._fault, self._document)
        self._life, self._given_up = Life(), threading.Event()
        app = _living(app, self._life, self._given_up)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                host="127.0.0.1",
                port=self._port,
                log_level="critical",
                lifespan="on",
                # The same gateway on every machine, whatever else is installed there.
                http=self._fault.protocol or "h11",
                loop="asyncio",
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + _START_S
        while not self._server.started:
            assert self._thread.is_alive(), "the gateway did not start"
            assert time.monotonic() < deadline, "the gateway did not start in time"
            self._thread.join(0.002)
        self._port = self._server.servers[0].sockets[0].getsockname()[1]

    def terminate(self) -> None:
        """What SIGTERM does; returns at once."""
        self._ending = threading.Thread(target=self._end, daemon=True)
        self._ending.start()

    def kill(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(_START_S)
        assert not self._thread.is_alive(), "the gateway did not stop"

    def _end(self) -> None:
        if self._lifecycle.kills_in_flight(self._life):
            self.kill()
            return
        if self._lifecycle.drains(self._life):
            self._drain.begin()
        if self._lifecycle.gives_up(self._life):
            self._given_up.set()
        if self._lifecycle.closes_later:
            self._thread.join(_MOMENT_S)
        if self._lifecycle.closes_listener or self._lifecycle.closes_later:
            self._server.should_exit = True
        began = time.monotonic()
        while self._drain.in_flight or time.monotonic() - began < _NOTICE_S:
            self._thread.join(0.02)
        self._server.should_exit = True
        self._thread.join(_START_S)


@contextmanager
def running(fault: Fault, mock: Mock) -> Iterator[tuple[Path, int]]:
    """Serves the gateway with the fault on a free port; yields its target file and the port."""
    with TemporaryDirectory(prefix="mutant-") as folder:
        commands = Path(folder, "commands")
        os.mkfifo(commands)
        process = Process(fault, settings(mock, fault.contract))
        process.start()
        listener = threading.Thread(target=_obey, args=(commands, process), daemon=True)
        listener.start()
        file = Path(folder, "target.yaml")
        declared = target(process.port, mock, commands, fault.contract)
        for edit in fault.declared:
            edit(declared)
        file.write_text(yaml.safe_dump(declared), "utf-8")
        try:
            yield file, process.port
        finally:
            commands.write_text("end\n")
            listener.join(_START_S)
            process.kill()


def _obey(commands: Path, process: Process) -> None:
    """Does what the target's commands write into the pipe, until its end."""
    acts = {"terminate": process.terminate, "start": process.start}
    while True:
        for line in commands.read_text().split():
            if line not in acts:
                return
            acts[line]()
