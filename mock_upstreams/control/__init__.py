"""The control API under `/_mock/`."""

from __future__ import annotations

from mock_upstreams.channel import Receive, Scope, Send
from mock_upstreams.control.controls import Controls

__all__ = ["ControlApp", "Controls"]


class ControlApp:
    """The ASGI application that serves the API over `controls`.

    Its framework is loaded at the first request to it: loading takes longer than all the rest of the mock's start.
    """

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._framework: object = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""
        if self._framework is None:
            from mock_upstreams.control.api import control_app  # noqa: PLC0415 - see above

            self._framework = control_app(self._controls)
        await self._framework(scope, receive, send)  # type: ignore[operator]  # Litestar's, which ASGI's own types do not fit
