"""Assembles the mock: the providers' faces and the control API, as one ASGI application."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from mock_upstreams.channel import Receive, Scope, Send
from mock_upstreams.config import Settings
from mock_upstreams.control import ControlApp, Controls
from mock_upstreams.endpoints.responder import ProviderResponder, Responder
from mock_upstreams.faces import Policy
from mock_upstreams.gates import Gates
from mock_upstreams.journal import Journal
from mock_upstreams.models import KnownModels
from mock_upstreams.provider import MockProvider
from mock_upstreams.scripts import ScriptBook
from mock_upstreams.serving.providers import ProviderApp

_DISTRIBUTION = "audio-gateway-conformance"


@dataclass(frozen=True, slots=True)
class MockApp:
    """The whole mock. Everything in it belongs to the event loop that serves it."""

    providers: ProviderApp
    control: ControlApp
    known: KnownModels

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request: `/_mock/...` is control, everything else a provider."""
        is_control = scope["path"] == "/_mock" or scope["path"].startswith("/_mock/")
        await (self.control if is_control else self.providers)(scope, receive, send)

    async def close(self) -> None:
        """Aborts the calls that are still in flight."""
        await self.providers.close()


def build(settings: Settings, control_token: str, responder: Responder | None = None) -> MockApp:
    """Returns the mock; `responder` makes the unscripted responses in place of the mock provider."""
    known, scripts, gates = KnownModels(), ScriptBook(), Gates()
    known.add(settings.registration)
    for script in settings.scripts:
        for name in script.act.gates:
            gates.ensure(name)
        scripts.add(script)
    kept = settings.journal
    journal = Journal(kept.calls, kept.upload_mb * 2**20, kept.text_mb * 2**20)
    policy = Policy(known, settings.strict, frozenset(settings.keys))
    provider = MockProvider(transcripts=settings.transcripts, most_cached_bytes=settings.cache_mb * 2**20)
    counts = provider.cache_counts if responder is None else None
    responder = responder or ProviderResponder(provider, policy, settings.threads)
    controls = Controls(control_token, _version(), settings.strict, known, scripts, journal, gates, counts)
    return MockApp(ProviderApp(responder, scripts, journal, gates), ControlApp(controls), known)


def _version() -> str:
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "unknown"
