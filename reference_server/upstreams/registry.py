"""Finds adapters by name through the entry-point group, so that another distribution can add one beside ours."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from reference_server.upstreams.protocol import Build

GROUP = "audio_reference_server.upstreams"

# Ours are known without package metadata too: a checkout that is not installed has none.
_BUILT_IN = ("mock", "openai", "azure", "local")


@cache
def builders() -> dict[str, EntryPoint]:
    """Every adapter by its name, not yet imported. One that is installed replaces a built-in of the same name."""
    ours = {name: EntryPoint(name, f"{__package__}.{name}:build", GROUP) for name in _BUILT_IN}
    return ours | {entry.name: entry for entry in entry_points(group=GROUP)}


def load(kind: str) -> Build:
    """Imports the adapter `kind`. Raises KeyError for an unknown name, ImportError when it lacks its packages."""
    build: Build = builders()[kind].load()
    return build
