"""Pure rules: which limits one request touches, what it costs, and how a refusal is put into words."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from urllib.parse import quote

from msgspec import Struct

from reference_server.limits.errors import Excess
from reference_server.limits.policies import Budget, LimitPolicies, Limits, ModelLimits, Price, RateLimit, TokenLimits
from reference_server.limits.store import BudgetCharge, Charge, RateCharge, Refusal

_NANO = Decimal(10) ** 9
_MICROSECOND = 1_000_000
# Wide enough that no product of a price and a count is ever rounded before the one rounding that is meant.
_EXACT = Context(prec=60, rounding=ROUND_CEILING)


class Usage(Struct, frozen=True):
    """What one request asks for: characters (code points) of speech, bytes of upload, seconds of audio."""

    characters: int = 0
    upload_bytes: int = 0
    audio_seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuses figures that would credit a budget or slip past a comparison."""
        if min(self.characters, self.upload_bytes) < 0 or not 0 <= self.audio_seconds < math.inf:
            raise ValueError(f"usage must be finite and not negative: {self}")


@dataclass(frozen=True, slots=True)
class Scope:
    """One set of limits that applies to a request: whose it is, in words and as part of the store's key."""

    words: str
    key: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Bill:
    """One charge on the store and what is needed to explain its refusal."""

    charge: Charge
    scope: Scope


_NO_LIMITS = Limits()
_UNNAMED_TOKEN = TokenLimits()
_UNNAMED_MODEL = ModelLimits()


def scopes_of(policies: LimitPolicies, token_name: str, model_key: str) -> tuple[Scope, ...]:
    """Returns the scopes of a request that have any limit: its token, its token on this model, its model."""
    of_token = policies.tokens.get(token_name, _UNNAMED_TOKEN)
    of_model = policies.models.get(model_key, _UNNAMED_MODEL)
    # Quoted, so that no choice of names makes two scopes share a key.
    token, model = quote(token_name, safe=""), quote(model_key, safe="")
    scopes = (
        Scope("this token", f"token:{token}", of_token),
        Scope(
            f"this token on model '{model_key}'", f"pair:{token}:{model}", of_token.models.get(model_key, _NO_LIMITS)
        ),
        Scope(f"model '{model_key}'", f"model:{model}", of_model),
    )
    return tuple(scope for scope in scopes if _limits_anything(scope.limits))


def _limits_anything(limits: Limits) -> bool:
    return any(each is not None for each in (limits.requests, limits.budget, limits.per_request))


def bills_for(policies: LimitPolicies, scopes: tuple[Scope, ...], model_key: str, usage: Usage) -> tuple[Bill, ...]:
    """Returns every charge that the request makes on the store."""
    cost = cost_nano(policies.models.get(model_key, _UNNAMED_MODEL).price, usage)
    return tuple(Bill(charge, scope) for scope in scopes for charge in _charges(scope, cost))


def _charges(scope: Scope, cost: int) -> Iterator[Charge]:
    rate, budget = scope.limits.requests, scope.limits.budget
    if rate is not None:
        yield RateCharge(f"rate:{scope.key}", rate.limit, _microseconds(rate.window_s))
    if budget is not None:
        window = 0 if budget.window_s is None else _microseconds(budget.window_s)
        total = int(budget.total.scaleb(9).to_integral_value(rounding="ROUND_FLOOR"))
        yield BudgetCharge(f"budget:{scope.key}", total, cost, window)


def _microseconds(seconds: float) -> int:
    return round(seconds * _MICROSECOND)


def cost_nano(price: Price, usage: Usage) -> int:
    """Returns the price of a request in billionths of a unit, rounded up once, at the end.

    Seconds are taken as they print (0.1 is a tenth, not the double next to it).
    """
    characters = _EXACT.multiply(price.per_character, Decimal(usage.characters))
    seconds = _EXACT.multiply(price.per_audio_second, Decimal(repr(float(usage.audio_seconds))))
    total = _EXACT.add(_EXACT.add(characters, seconds), price.per_request)
    nano = _EXACT.multiply(total, _NANO)
    return int(nano.to_integral_value(rounding=ROUND_CEILING))


def over_quota(scopes: tuple[Scope, ...], usage: Usage) -> Excess | None:
    """Returns the first per-request quota that the request is over; needs no store."""
    for scope in scopes:
        quota = scope.limits.per_request
        if quota is None:
            continue
        measures = (
            ("max_characters", quota.max_characters, usage.characters, "characters of input"),
            ("max_upload_bytes", quota.max_upload_bytes, usage.upload_bytes, "bytes of upload"),
            ("max_audio_seconds", quota.max_audio_seconds, usage.audio_seconds, "seconds of audio"),
        )
        for name, allowed, asked, unit in measures:
            if allowed is not None and asked > allowed:
                return _quota_excess(name, scope, allowed, asked, unit)
    return None


def _quota_excess(name: str, scope: Scope, allowed: float, asked: float, unit: str) -> Excess:
    message = (
        f"Per-request quota exceeded ({name}) for {scope.words}: {asked:.12g} {unit}, at most {allowed:.12g} allowed."
    )
    return Excess(name, scope.words, message, {"limit": allowed, "requested": asked})


def excess_of(bill: Bill, refusal: Refusal) -> Excess:
    """Puts a store's refusal into words and figures."""
    retry = None if refusal.wait_us is None else max(1, -(-refusal.wait_us // _MICROSECOND))
    limits = bill.scope.limits
    if isinstance(bill.charge, RateCharge) and limits.requests is not None:
        return _rate_excess(bill.scope, limits.requests, refusal.used, retry)
    if isinstance(bill.charge, BudgetCharge) and limits.budget is not None:
        return _budget_excess(bill.scope, limits.budget, refusal.used, bill.charge.cost_nano, retry)
    raise TypeError(f"the bill's scope has no limit of its charge's kind: {bill!r}")


def _rate_excess(scope: Scope, rate: RateLimit, used: int, retry: int | None) -> Excess:
    message = (
        f"Rate limit exceeded for {scope.words}: {used} of {rate.limit} requests per {rate.window_s:.12g} s are used; "
        f"retry in {retry} s."
    )
    figures = {"limit": rate.limit, "used": used, "window_s": rate.window_s}
    return Excess("rate_limit", scope.words, message, figures, retry)


def _budget_excess(scope: Scope, budget: Budget, used_nano: int, cost: int, retry: int | None) -> Excess:
    period = "" if budget.window_s is None else f" per {budget.window_s:.12g} s"
    again = "" if retry is None else f" It renews in {retry} s."
    used, asked, total = _units(used_nano), _units(cost), _plain(budget.total)
    message = (
        f"Budget exceeded for {scope.words}: {used} of {total} units{period} are spent "
        f"and this request costs {asked}.{again}"
    )
    return Excess("budget", scope.words, message, {"limit": total, "used": used, "requested": asked}, retry)


def _units(nano: int) -> str:
    return _plain(Decimal(nano).scaleb(-9))


def _plain(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
