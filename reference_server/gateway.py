"""The parts of one gateway, built once from the settings.

The way of a request through them stands in `endpoints.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reference_server import config
from reference_server.asgi import App
from reference_server.audio.duration import audio_seconds
from reference_server.config import Settings
from reference_server.contract import CONTRACTS, Contract
from reference_server.deadlines import TimeLimit
from reference_server.decoding import Bounds
from reference_server.errors import LimitReached, LimitsUnavailable
from reference_server.limits import (
    Admission,
    Limiter,
    LimitExceeded,
    LimitPolicies,
    LimitStoreUnavailable,
    Usage,
    open_store,
)
from reference_server.logs import log
from reference_server.requests import SpeechRequest, TranscriptionRequest
from reference_server.routing import Route, Routes
from reference_server.strict_yaml import WHOLE, ConfigError
from reference_server.tokens import Tokens
from reference_server.upstreams import Adapter, Controlled, load
from reference_server.upstreams.calling import CheckedAdapter


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of one gateway; one per worker. `controls`: the control API of a mock provider, if it has one."""

    contract: Contract
    tokens: Tokens
    bounds: Bounds
    routes: Routes
    limiter: Limiter
    adapters: Mapping[str, CheckedAdapter]
    measures_audio: bool
    controls: tuple[App, ...] = ()

    def adapter(self, route: Route) -> CheckedAdapter:
        """The adapter of the provider that the route leads to."""
        return self.adapters[route.provider]

    def hands_on(self, route: Route) -> bool:
        """Whether what the route's provider responds goes to the client as it comes."""
        return self.contract.relays and self.adapters[route.provider].relays

    async def admitted(self, holder: str, route: Route, usage: Usage) -> Admission:
        """Counts the request, and returns the context of its work: its cost is refunded when what is within fails.

        Raises LimitReached, or LimitsUnavailable when the count cannot be known. Contract: Errors, 429.
        """
        try:
            return await self.limiter.admit(holder, route.model_key, usage)
        except LimitExceeded as error:
            raise LimitReached(error.message, error.limit_name, error.retry_after_s) from None
        except LimitStoreUnavailable as error:
            log("warning", "limit store unavailable", detail=error.detail)
            raise LimitsUnavailable from None

    def usage_of_speech(self, request: SpeechRequest) -> Usage:
        """Characters of the text."""
        return Usage(characters=len(request.input))

    async def usage_of_audio(self, request: TranscriptionRequest) -> Usage:
        """Bytes, and seconds where any limit is in seconds or money: they cost a look at every packet."""
        seconds = await audio_seconds(request.audio) if self.measures_audio else 0.0
        return Usage(upload_bytes=request.audio.size, audio_seconds=seconds)

    async def close(self) -> None:
        """Closes the adapters and the store of limits."""
        for each in self.adapters.values():
            await each.close()
        await self.limiter.aclose()


def build_gateway(
    settings: Settings, adapters: Mapping[str, Adapter] | None = None, contract: Contract | None = None
) -> Gateway:
    """Builds the parts. `adapters` replaces the adapters of providers, by the provider's name. Raises ConfigError."""
    given = adapters or {}
    checked = {name: _adapter(settings, name, given.get(name)) for name in settings.providers}
    return Gateway(
        contract=contract or CONTRACTS[settings.contract],
        tokens=config.tokens(settings),
        bounds=Bounds(settings.max_upload_bytes, TimeLimit(settings.read_timeout_s)),
        routes=config.routes(settings),
        limiter=Limiter(settings.limits, open_store(settings.limit_store)),
        adapters=checked,
        measures_audio=_measures_audio(settings.limits),
        controls=_controls(checked),
    )


def _adapter(settings: Settings, name: str, given: Adapter | None) -> CheckedAdapter:
    found = config.provider(settings, name)
    try:
        adapter = given or load(found.kind)(found.options)
    except ConfigError as error:
        inside = "" if error.path == WHOLE else f".{error.path}"
        raise ConfigError(f"providers.{name}{inside}", error.problem, error.hint) from None
    except ValueError as error:
        raise ConfigError(f"providers.{name}", f"{error}.", f"See the options of the adapter {found.kind!r}.") from None
    except ImportError as error:
        problem = f"The adapter {found.kind!r} cannot be loaded: {error}."
        raise ConfigError(f"providers.{name}.kind", problem, "Install the packages that it needs.") from None
    return CheckedAdapter(name, adapter, TimeLimit(found.timeout_s), hands_on=found.hands_on)


def _controls(adapters: Mapping[str, CheckedAdapter]) -> tuple[App, ...]:
    """The control API of the mock provider that has one. Raises ConfigError for a second one: there is one path."""
    found = {name: each.adapter.control for name, each in adapters.items() if isinstance(each.adapter, Controlled)}
    for name in list(found)[1:]:
        raise ConfigError(f"providers.{name}.control_token", "stands at a second provider.", "Keep one of them.")
    return tuple(found.values())


def _measures_audio(policies: LimitPolicies) -> bool:
    of_tokens = list(policies.tokens.values())
    scopes = [*of_tokens, *policies.models.values(), *(each for token in of_tokens for each in token.models.values())]
    return any(
        scope.budget is not None or (scope.per_request is not None and scope.per_request.max_audio_seconds is not None)
        for scope in scopes
    )
