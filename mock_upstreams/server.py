"""Serves the mock: in the foreground for the command, or on a thread of its own inside a test or the suite."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

import uvicorn

from mock_upstreams.app import MockApp, build
from mock_upstreams.config import Settings
from mock_upstreams.endpoints.responder import Responder
from mock_upstreams.errors import MockError
from mock_upstreams.serving.connections import CloseableProtocol

_START_S = 30.0
_STOP_S = 10.0


class RunningMock:
    """A mock on a thread of its own. `stop` it, or use it as a context manager."""

    def __init__(self, host: str, port: int, control_token: str, app: MockApp) -> None:
        self.control_token = control_token
        self._socket = _bound(host, port)
        self.base_url = _url(self._socket)
        self._server = _Server(app)
        self._thread = threading.Thread(target=self._server.run_on, args=(self._socket,), daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def run(self) -> None:
        """Starts the thread; returns when the mock is ready."""
        self._thread.start()
        if not self._server.ready.wait(_START_S):
            raise MockError("The mock did not start.", hint="its log says why")

    def stop(self) -> None:
        """Stops serving; calls still held or delayed are reset. Calling it twice does no harm."""
        self._server.stop()
        self._thread.join(_STOP_S)


def start(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    control_token: str | None = None,
    settings: Settings | None = None,
    responder: Responder | None = None,
) -> RunningMock:
    """Starts a mock on a thread and returns it once it is ready; port 0 takes any free one.

    `control_token` `None` makes a random one. `responder` replaces the mock provider.

    Raises OSError: the address cannot be listened on.
    """
    token = control_token or secrets.token_urlsafe(16)
    mock = RunningMock(host, port, token, build(settings or Settings(), token, responder))
    mock.run()
    return mock


def serve(app: MockApp, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serves in the foreground until SIGINT or SIGTERM; `announce` is called with the URL once the mock is ready.

    Raises OSError: the address cannot be listened on.
    """
    listener = _bound(host, port)
    server = _Server(app, on_ready=lambda: announce(_url(listener)))
    server.run_on(listener)


class _Server(uvicorn.Server):
    """uvicorn, made to say when it is ready and to stop without waiting for calls in flight."""

    def __init__(self, app: MockApp, on_ready: Callable[[], None] = lambda: None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=CloseableProtocol,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,  # whoever runs the mock decides about logging
                access_log=False,
                server_header=False,
                timeout_keep_alive=75,
            )
        )
        self.ready = threading.Event()
        self._app = app
        self._on_ready = on_ready

    def run_on(self, listener: socket.socket) -> None:
        """Serves on a bound socket until told to stop."""
        self.run(sockets=[listener])

    def stop(self) -> None:
        """Stops soon; from any thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts listening, then says so."""
        await super().startup(sockets)
        self._on_ready()
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Resets what is in flight, then stops."""
        await self._app.close()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """Takes a signal as a wish to end well: uvicorn would die of it after its shutdown."""
        self.should_exit = True


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol left open, asyncio would not turn Nagle off: 40 ms more for every response on a kept connection.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
