"""The gateway's configuration: its values, and the one place that reads and checks them."""

from reference_server.config.model import (
    CorsSettings,
    DrainSettings,
    ModelSettings,
    ProviderSettings,
    Settings,
    TokenSettings,
)
from reference_server.config.reading import (
    DEVELOPMENT_TOKEN,
    default,
    from_document,
    load,
    provider,
    routes,
    tokens,
)

__all__ = [
    "DEVELOPMENT_TOKEN",
    "CorsSettings",
    "DrainSettings",
    "ModelSettings",
    "ProviderSettings",
    "Settings",
    "TokenSettings",
    "default",
    "from_document",
    "load",
    "provider",
    "routes",
    "tokens",
]
