"""Puts the mock together: the providers' faces and the control API, as one ASGI application."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from mock_upstreams.control import Controls, control_app
from mock_upstreams.faces import Policy
from mock_upstreams.gates import Gates
from mock_upstreams.journal import Journal
from mock_upstreams.known import Known
from mock_upstreams.provider import MockProvider
from mock_upstreams.scripts import ScriptBook
from mock_upstreams.wire import ProviderAnswering, Wire

if TYPE_CHECKING:
    from mock_upstreams.config import Settings
    from mock_upstreams.stage import Receive, Scope, Send
    from mock_upstreams.wire import Answering

__all__ = ["MockApp", "build"]

_DISTRIBUTION = "audio-gateway-conformance"


@dataclass(frozen=True, slots=True)
class MockApp:
    """The whole mock. Everything in it belongs to the event loop that serves it."""

    wire: Wire
    control: Any

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request: ``/_mock/...`` is control, all else is a call of a provider."""
        is_control = scope["path"] == "/_mock" or scope["path"].startswith("/_mock/")
        await (self.control if is_control else self.wire)(scope, receive, send)

    async def close(self) -> None:
        """Give up whatever is still being answered."""
        await self.wire.close()


def build(settings: Settings, control_token: str, answering: Answering | None = None) -> MockApp:
    """Return the mock; ``answering`` gives the ordinary answers in place of the pretend provider."""
    known, scripts, gates = Known(), ScriptBook(), Gates()
    known.add(settings.registration)
    for script in settings.scripts:
        if script.act.hold is not None:
            gates.ensure(script.act.hold)
        scripts.add(script)
    kept = settings.journal
    journal = Journal(kept.calls, kept.upload_mb * 2**20, kept.text_mb * 2**20)
    policy = Policy(known, settings.strict, frozenset(settings.keys))
    answering = answering or ProviderAnswering(MockProvider(), policy, settings.threads)
    controls = Controls(control_token, _version(), settings.strict, known, scripts, journal, gates)
    return MockApp(Wire(answering, scripts, journal, gates), control_app(controls))


def _version() -> str:
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "unknown"
