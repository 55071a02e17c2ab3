"""Limits: requests per window, budgets and per-request quotas, counted in memory or in a shared Valkey server.

limiter = Limiter(policies, open_store(settings))
admission = await limiter.admit("alice", "tts-1", Usage(characters=42))
try: ...call the provider...
except ProviderFailed: await admission.refund(); raise
"""

from reference_server.limits.charging import Usage
from reference_server.limits.errors import (
    Excess,
    LimitError,
    LimitExceeded,
    LimitStoreMisconfigured,
    LimitStoreUnavailable,
)
from reference_server.limits.limiter import Admission, Limiter
from reference_server.limits.memory import MemoryStore
from reference_server.limits.opening import open_store
from reference_server.limits.policies import (
    Budget,
    LimitPolicies,
    Limits,
    ModelLimits,
    Price,
    RateLimit,
    RequestQuota,
    StoreSettings,
    TokenLimits,
)
from reference_server.limits.store import LimitStore

__all__ = [
    "Admission",
    "Budget",
    "Excess",
    "LimitError",
    "LimitExceeded",
    "LimitPolicies",
    "LimitStore",
    "LimitStoreMisconfigured",
    "LimitStoreUnavailable",
    "Limiter",
    "Limits",
    "MemoryStore",
    "ModelLimits",
    "Price",
    "RateLimit",
    "RequestQuota",
    "StoreSettings",
    "TokenLimits",
    "Usage",
    "open_store",
]
