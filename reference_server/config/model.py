"""What may be configured. `config/reading.py` reads it from YAML; `examples/` shows every key."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from reference_server.limits import LimitPolicies, StoreSettings
from reference_server.requests import Operation

_MIB = 1024 * 1024

Seconds = Annotated[float, Meta(gt=0, le=3600)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class ModelSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One model key. `upstream_model` is the provider's name for it (the key itself when absent).

    `deployments` instead, by operation, for a provider that is reached by deployment: an operation without one is
    refused. Transcription models also translate.
    """

    capability: Literal["speech", "transcription"]
    provider: Name
    upstream_model: Name | None = None
    deployments: dict[Operation, Name] | None = None


class TokenSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One API token: the `token` itself, or its SHA-256 in hex. `name` stands for it in logs and limits."""

    name: Name
    token: Annotated[str, Meta(min_length=8)] | None = None
    sha256: (
        Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z", description="64 hexadecimal digits in lower case")] | None
    ) = None


Origin = Annotated[
    str,
    Meta(
        pattern=r"^(\*|[a-z][a-z0-9+.-]*://[^/?#\s]+)\Z",
        description="an origin such as https://app.example.com, without a slash at its end, or *",
    ),
]


class CorsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which pages in a browser may call this gateway: `allow_origins`, each an origin, or `*` for any.

    A browser asks first, without a token (preflight), and remembers the answer for `max_age_s`.
    """

    allow_origins: list[Origin]
    max_age_s: Annotated[int, Meta(ge=0, le=86_400)] = 600


class DrainSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Shutting down: new requests get 503 for at least `notice_s` and while any is in flight, up to `deadline_s`."""

    notice_s: Annotated[float, Meta(ge=0, le=3600)] = 1.0
    deadline_s: Seconds = 30.0


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole configuration. Of a provider only what `ProviderSettings` names is known here; the rest is its adapter's.

    `playground` serves a page to try the gateway at `/`, with an inspector that shows bodies to who has the token.
    `contract` is the API that is spoken to clients; where no `base_path` is given, it is that API's own.
    """

    providers: dict[Name, dict[str, Any]]
    models: dict[Name, ModelSettings]
    tokens: list[TokenSettings] = field(default_factory=list)
    limits: LimitPolicies = LimitPolicies()
    limit_store: StoreSettings = StoreSettings()
    contract: Literal["audio-api", "openai-audio-2026-11"] = "audio-api"
    base_path: Annotated[
        str,
        Meta(
            pattern=r"^(/[A-Za-z0-9._~-]+)*\Z", description="a path such as /api/client/v1, without a slash at its end"
        ),
    ] = "/api/client/v1"
    max_upload_mb: Annotated[float, Meta(gt=0, le=4096)] = 25.0
    read_timeout_s: Seconds = 120.0
    drain: DrainSettings = DrainSettings()
    cors: CorsSettings | None = None
    playground: bool = False
    log_level: Literal["debug", "info", "warning", "error", "critical"] = "info"

    @property
    def max_upload_bytes(self) -> int:
        return int(self.max_upload_mb * _MIB)


class ProviderSettings(Struct, frozen=True, kw_only=True):
    """One provider: its adapter's name, how long a call may take, and the options that the adapter itself checks.

    `hands_on`: in a contract that hands on what providers respond, `false` makes the gateway answer in its own words.
    """

    kind: str
    timeout_s: Seconds = 60.0
    hands_on: bool = True
    options: dict[str, Any] = field(default_factory=dict)
