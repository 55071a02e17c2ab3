"""Which version of the suite this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def suite_version() -> str:
    try:
        return version("audio-gateway-conformance")
    except PackageNotFoundError:
        return "source tree"
