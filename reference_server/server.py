"""Runs the gateway under Granian, with a shutdown that clients can see.

On its own Granian closes its listeners at SIGTERM, and nobody would ever read a 503. So the main process first tells the
workers (SIGUSR1) to drain: listeners stay open, new requests are answered 503, those in flight finish. When all workers
are idle, and at least for a notice period, Granian's normal shutdown follows. A second signal, or the deadline, ends it
at once. Service managers send SIGTERM to every process of a service: the workers keep it waiting until the main process,
which got it too, ends them. Contract: Errors, 503; rulings, Statuses, "shutting down".
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.sharedctypes import Synchronized
from typing import Any

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LOGGING_CONFIG, LogLevels
from granian.server.mp import MPServer, WorkerProcess

from reference_server.app import create_app
from reference_server.asgi import App, Message, Receive, Scope, Send
from reference_server.config import Settings
from reference_server.listening import Address, accepts
from reference_server.relay import start_relays

_DRAIN = signal.SIGUSR1
_END = signal.SIGUSR2
_POLL_S = 0.02
_LOOK_S = 1.0
_STOP_S = 5
# Read ahead per connection; also the most that all headers of a request may take.
_BUFFER_BYTES = 128 * 1024
_STOP_AT_ONCE_S = 1
_YOUNG_OBJECTS = 10_000  # between two collections


@dataclass(frozen=True, slots=True)
class _Board:
    """Counts that the workers share with the main process: how many have started, how many are drained and idle."""

    started: Synchronized[int]
    idle: Synchronized[int]


def _new_board() -> _Board:
    # The start method that Granian will use: what is shared must come from the same one.
    method = multiprocessing.get_start_method()
    context = multiprocessing.get_context(method if method in {"fork", "spawn"} else "spawn")
    return _Board(context.Value("i", 0), context.Value("i", 0))


def _count(counter: Synchronized[int]) -> None:
    with counter.get_lock():
        counter.value += 1


def _load_worker(settings: Settings, board: _Board) -> App:
    """The application as a worker runs it: it drains on SIGUSR1, may end from SIGUSR2 on, and reports to the board."""
    # Before there are threads, which inherit it. What comes meanwhile is kept, and delivered when it may be.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    app = create_app(settings)
    reported = False

    def report_idle() -> None:
        nonlocal reported
        if not reported:
            reported = True
            _count(board.idle)

    async def worker(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            app.drain.on_idle = report_idle
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(_DRAIN, app.drain.begin)
            loop.add_signal_handler(_END, _take_sigterm)
            # Ctrl-C reaches the whole process group; only the main process may act on it, by draining first.
            loop.add_signal_handler(signal.SIGINT, lambda: None)
            watching = loop.create_task(_end_with_parent(os.getppid()))
            await app(scope, receive, _reporting_start(send, board))
            watching.cancel()
        else:
            await app(scope, receive, send)

    return worker


def _take_sigterm() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _end(worker: WorkerProcess) -> None:
    """Ends a worker as Granian does, and tells it before that the signal is meant."""
    with suppress(ProcessLookupError):
        os.kill(worker.inner.pid, _END)
    WorkerProcess.terminate(worker)  # type: ignore[no-untyped-call] # Granian is untyped here


async def _end_with_parent(parent: int) -> None:
    """Ends this worker when the main process was killed: nobody could end it, and it would keep the port."""
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells of a parent's death but asking
        await asyncio.sleep(_LOOK_S)
    _take_sigterm()
    os.kill(os.getpid(), signal.SIGTERM)


def _reporting_start(send: Send, board: _Board) -> Send:
    async def reporting(message: Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            _tune_garbage_collection()
        await send(message)
        if message["type"] == "lifespan.startup.complete":
            _count(board.started)

    return reporting


def _tune_garbage_collection() -> None:
    """Begins to collect, but seldom, and leaves out what is there before the first request.

    Requests make hardly any cycles: most of what a collection looks at is what the requests in flight need.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 10, 10)
    gc.enable()


def _log_to_standard_error() -> dict[str, Any]:
    """Granian's logging, away from standard output: the first line there is the banner's, which programs read."""
    config: dict[str, Any] = LOGGING_CONFIG
    handlers = {name: {**each, "stream": "ext://sys.stderr"} for name, each in config["handlers"].items()}
    return {"handlers": handlers}


class Server(MPServer):
    """Granian with a drain before its shutdown, and a call when it serves."""

    def __init__(
        self, settings: Settings, addresses: Sequence[Address], workers: int, on_serving: Callable[[], None]
    ) -> None:
        address, *further = addresses
        super().__init__(
            "reference_server.server",
            address=address.host,
            port=address.port,
            interface=Interfaces.ASGI,
            workers=workers,
            websockets=False,
            backlog=2048,
            backpressure=4096,
            http1_settings=HTTP1Settings(max_buffer_size=_BUFFER_BYTES),
            respawn_failed_workers=True,
            workers_kill_timeout=_STOP_S,
            log_level=LogLevels.warning,
            log_dictconfig=_log_to_standard_error(),
        )
        self._settings = settings
        self._address = address
        self._further = further
        self._on_serving = on_serving
        self._board = _new_board()
        self._signals = 0

    def run(self) -> None:
        """Serves until a signal; returns after a clean shutdown. Raises SystemExit(1) when workers failed."""
        for number in (_DRAIN, _END):
            signal.signal(number, signal.SIG_IGN)  # inherited: a worker that is still starting must not die of it
        self.serve(target_loader=partial(_load_worker, self._settings, self._board), wrap_loader=False)

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        self._signals += 1
        super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call] # Granian is untyped here

    def _spawn_worker(self, *args: Any, **kwargs: Any) -> WorkerProcess:
        worker = super()._spawn_worker(*args, **kwargs)
        worker.terminate = partial(_end, worker)  # type: ignore[method-assign]
        return worker

    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        super().startup(spawn_target, target_loader)  # type: ignore[no-untyped-call]
        while not self.main_loop_interrupt.is_set():
            if self._board.started.value >= self.workers and accepts(self._address):
                start_relays(self._further, self._address)
                self._on_serving()
                return
            time.sleep(_POLL_S)

    def shutdown(self, exit_code: int = 0) -> None:
        if self._signals:
            _show(
                "audio-reference-server shutting down: new requests are answered 503, those in flight may finish within "
                f"{self._settings.drain.deadline_s:g} s (again to end at once)"
            )
            if not self._drained():
                self.workers_kill_timeout = _STOP_AT_ONCE_S
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]

    def _drained(self) -> bool:
        """Lets the workers drain; False when a second signal or the deadline came first."""
        for worker in self.wrks:
            os.kill(worker.inner.pid, _DRAIN)
        began, drain = time.monotonic(), self._settings.drain
        while self._signals == 1:
            passed = time.monotonic() - began
            idle = self._board.idle.value >= len(self.wrks)
            if idle and passed >= drain.notice_s:
                return True
            if passed >= drain.deadline_s:
                return False
            time.sleep(_POLL_S)
        return False


def _show(text: str) -> None:
    with suppress(OSError, ValueError):  # nobody need be there to read it
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def serve(settings: Settings, addresses: Sequence[Address], workers: int, on_serving: Callable[[], None]) -> None:
    """Serves at the addresses until SIGTERM or SIGINT; `on_serving` is called once connections are accepted."""
    Server(settings, addresses, workers, on_serving).run()
