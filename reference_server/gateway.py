"""Everything that a request meets on its way, built once from the settings.

The way itself stands in `endpoints.py`.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from reference_server import config
from reference_server.decoding import Bounds
from reference_server.errors import LimitReached, LimitsUnavailable
from reference_server.limits import Limiter, LimitExceeded, LimitStoreUnavailable, Usage, open_store
from reference_server.metering import audio_seconds
from reference_server.providers import Provider
from reference_server.strict_yaml import ConfigError
from reference_server.upstreams import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from reference_server.config import Settings
    from reference_server.limits import LimitPolicies
    from reference_server.requests import SpeechRequest, TranscriptionRequest
    from reference_server.routing import Route, Routes
    from reference_server.tokens import Tokens
    from reference_server.upstreams import Upstream

_log = structlog.get_logger("reference_server.limits")


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of one gateway; one per worker."""

    tokens: Tokens
    bounds: Bounds
    routes: Routes
    limiter: Limiter
    providers: Mapping[str, Provider]
    meters_audio: bool

    def provider(self, route: Route) -> Provider:
        return self.providers[route.provider]

    @asynccontextmanager
    async def admitted(self, holder: str, route: Route, usage: Usage) -> AsyncIterator[None]:
        """Within it the request is counted; its money comes back when what is within fails.

        Raises LimitReached, or LimitsUnavailable when the count cannot be known. Contract: Errors, 429.
        """
        try:
            admission = await self.limiter.admit(holder, route.model_key, usage)
        except LimitExceeded as error:
            raise LimitReached(error.message, error.limit_name, error.retry_after_s) from None
        except LimitStoreUnavailable as error:
            _log.warning("limit store unavailable", detail=error.detail)
            raise LimitsUnavailable from None
        try:
            yield
        except BaseException:
            await admission.refund()
            raise

    def usage_of_speech(self, request: SpeechRequest) -> Usage:
        return Usage(characters=len(request.input))

    async def usage_of_audio(self, request: TranscriptionRequest) -> Usage:
        """Bytes, and seconds where any limit is in seconds or money: they cost a look at every packet."""
        seconds = await audio_seconds(request.audio) if self.meters_audio else 0.0
        return Usage(upload_bytes=request.audio.size, audio_seconds=seconds)

    async def close(self) -> None:
        for provider in self.providers.values():
            await provider.upstream.close()
        await self.limiter.aclose()


def build_gateway(settings: Settings, upstreams: Mapping[str, Upstream] | None = None) -> Gateway:
    """Builds the parts. `upstreams` replaces providers' adapters by the provider's name. Raises ConfigError."""
    given = upstreams or {}
    return Gateway(
        tokens=config.tokens(settings),
        bounds=Bounds(settings.max_upload_bytes, settings.read_timeout_s),
        routes=config.routes(settings),
        limiter=Limiter(settings.limits, open_store(settings.limit_store)),
        providers={name: _provider(settings, name, given.get(name)) for name in settings.providers},
        meters_audio=_meters_audio(settings.limits),
    )


def _provider(settings: Settings, name: str, given: Upstream | None) -> Provider:
    found = config.provider(settings, name)
    try:
        upstream = given or load(found.kind)(found.options)
    except ConfigError as error:
        inside = "" if error.path == "the file" else f".{error.path}"
        raise ConfigError(f"providers.{name}{inside}", error.problem, error.mend) from None
    except ValueError as error:
        raise ConfigError(f"providers.{name}", f"{error}.", f"See the options of the adapter {found.kind!r}.") from None
    except ImportError as error:
        problem = f"The adapter {found.kind!r} cannot be loaded: {error}."
        raise ConfigError(f"providers.{name}.kind", problem, "Install the packages that it needs.") from None
    return Provider(name, upstream, found.timeout_s)


def _meters_audio(policies: LimitPolicies) -> bool:
    of_tokens = list(policies.tokens.values())
    scopes = [*of_tokens, *policies.models.values(), *(each for token in of_tokens for each in token.models.values())]
    return any(
        scope.budget is not None or (scope.per_request is not None and scope.per_request.max_audio_seconds is not None)
        for scope in scopes
    )
