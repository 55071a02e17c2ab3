"""What may be configured: limits for a token, for a model, and for a token on one model.

Every struct refuses unknown fields, so the server's configuration can embed them as they are. Example (YAML):

    limits:
      tokens:
        alice:
          requests: {limit: 1000, window_s: 60}
          budget: {total: 25, window_s: 2592000}
          per_request: {max_characters: 4096, max_upload_bytes: 26214400}
          models:
            tts-1-hd: {requests: {limit: 10, window_s: 60}}
      models:
        tts-1: {price: {per_character: 0.000015}}
        whisper-1: {price: {per_audio_second: 0.0001}, requests: {limit: 5000, window_s: 60}}
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct, field

# A budget is counted in billionths of a unit. Lua (inside Valkey) has only doubles, exact up to 2**53 = 9.007e15.
LARGEST_BUDGET = Decimal(9_000_000)
LARGEST_PRICE = Decimal(1_000_000)

Count = Annotated[int, Meta(ge=0)]
# The store keeps one time stamp per counted request of the window: the ceiling bounds its memory.
WindowCount = Annotated[int, Meta(ge=0, le=1_000_000)]
Seconds = Annotated[float, Meta(ge=0.001, le=10 * 366 * 86_400)]
AudioSeconds = Annotated[float, Meta(ge=0)]


def _require_within(name: str, value: Decimal, largest: Decimal) -> None:
    if not value.is_finite() or not 0 <= value <= largest:
        raise ValueError(f"`{name}` is {value}; it must be a number from 0 to {largest}")


class RateLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """At most `limit` requests in ANY stretch of `window_s` seconds (a sliding window). `limit: 0` refuses all."""

    limit: WindowCount
    window_s: Seconds


class Budget(Struct, frozen=True, forbid_unknown_fields=True):
    """At most `total` may be spent, in the unit of the prices, to nine decimal places.

    Without `window_s` for ever; with it per period: a period opens with the first spending and ends `window_s` later.
    A budget of which nothing is left refuses everything, even what costs nothing; so `total: 0` refuses all.
    """

    total: Decimal
    window_s: Seconds | None = None

    def __post_init__(self) -> None:
        """Refuses what cannot be counted exactly."""
        _require_within("total", self.total, LARGEST_BUDGET)


class RequestQuota(Struct, frozen=True, forbid_unknown_fields=True):
    """What one single request may hold: characters (code points) of speech input, bytes of upload, seconds of audio."""

    max_characters: Count | None = None
    max_upload_bytes: Count | None = None
    max_audio_seconds: AudioSeconds | None = None


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """What a model costs. The default, one unit a character and one a second, errs on the safe side for budgets.

    `per_request` is added to each request, whatever it holds. With the others at 0, a budget is a number of requests.
    """

    per_character: Decimal = Decimal(1)
    per_audio_second: Decimal = Decimal(1)
    per_request: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Refuses negative and absurd prices."""
        _require_within("per_character", self.per_character, LARGEST_PRICE)
        _require_within("per_audio_second", self.per_audio_second, LARGEST_PRICE)
        _require_within("per_request", self.per_request, LARGEST_PRICE)


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """The limits of one scope; what is absent is not limited."""

    requests: RateLimit | None = None
    budget: Budget | None = None
    per_request: RequestQuota | None = None


class TokenLimits(Limits, frozen=True, forbid_unknown_fields=True):
    """Limits of a token over all models together, and `models`: further ones of this token on a single model."""

    models: Mapping[str, Limits] = field(default_factory=dict)


class ModelLimits(Limits, frozen=True, forbid_unknown_fields=True):
    """Limits of a model over all tokens together, and its price."""

    price: Price = Price()


class LimitPolicies(Struct, frozen=True, forbid_unknown_fields=True):
    """All limits of a server. A token or model that is not named has none (and the default price)."""

    tokens: Mapping[str, TokenLimits] = field(default_factory=dict)
    models: Mapping[str, ModelLimits] = field(default_factory=dict)


class StoreSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the counts live. Without `url` in this process's memory, which one process alone can share.

    `url` is what valkey-py takes: `valkey://`, `valkeys://` (TLS), `redis://`, `rediss://` or `unix://`.
    `timeout_s` bounds one decision as a whole: waiting for a connection, connecting, asking. Servers that share
    counts share `key_prefix`. The Valkey server itself should run with `appendonly yes` and `appendfsync always` (no
    counted request is forgotten in a crash) and `maxmemory-policy noeviction` (no count is dropped to make room).
    """

    url: str | None = None
    timeout_s: Annotated[float, Meta(gt=0, le=60)] = 2.0
    key_prefix: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^{}\s]+$")] = "audio-limits"

    def __repr__(self) -> str:
        """Shows everything but the URL, which may hold a password."""
        url = None if self.url is None else "..."
        return f"StoreSettings(url={url}, timeout_s={self.timeout_s}, key_prefix={self.key_prefix!r})"
