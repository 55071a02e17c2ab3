"""Packages that only some runs need: the judge alone is installed without those of the mock and of the reference server."""

from __future__ import annotations

from importlib.util import find_spec

from conformance.errors import UsageError

# A package by which each extra is known to be installed; nothing of it is imported here.
_TELLTALES = {"mock": ("litestar", "uvicorn", "reedsolo"), "server": ("litestar", "granian", "aiohttp")}


def require(extra: str, purpose: str) -> None:
    """Raises UsageError, naming what to install, where the packages of an extra are missing."""
    missing = [name for name in _TELLTALES[extra] if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"{purpose} needs {', '.join(missing)}, which is not installed.",
            f"Install the extra: pip install 'audio-gateway-conformance[{extra}]'.",
        )
