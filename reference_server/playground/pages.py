"""What the playground serves, as a fixed table: no path of a request ever becomes the path of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

_ROOT = "/playground"
_SCRIPT = "text/javascript; charset=utf-8"
_MODULES = (
    *("main.js", "dom.js", "gateway.js", "calls.js", "code.js", "audio.js", "waveform.js"),
    *("results.js", "speak.js", "transcribe.js", "recorder.js", "transcript.js"),
    *("inspector.js", "exchange.js", "multipart.js", "reference.js"),
)
_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    f"{_ROOT}/style.css": ("style.css", "text/css; charset=utf-8"),
    f"{_ROOT}/icon.svg": ("icon.svg", "image/svg+xml"),
    "/favicon.ico": ("icon.svg", "image/svg+xml"),
} | {f"{_ROOT}/{name}": (name, _SCRIPT) for name in _MODULES}

# Nothing but our own scripts and styles; sound and downloads are made in the page (`blob:`); nobody may frame it; and no
# script can turn a string into markup, ours included.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


@dataclass(frozen=True, slots=True)
class Page:
    """One file as it is served."""

    media_type: str
    body: bytes


def pages() -> Mapping[str, Page]:
    """Every file by the path at which it is served."""
    folder = files("reference_server.playground").joinpath("assets")
    return MappingProxyType(
        {path: Page(kind, folder.joinpath(name).read_bytes()) for path, (name, kind) in _FILES.items()}
    )
