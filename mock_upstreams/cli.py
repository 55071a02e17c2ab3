"""The command ``audio-mock-upstreams``."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mock_upstreams.app import build
from mock_upstreams.config import Settings, read_settings
from mock_upstreams.errors import MockError
from mock_upstreams.server import serve

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_TOKEN_VARIABLE = "MOCK_CONTROL_TOKEN"  # noqa: S105 - the name of a variable
_EXIT_WRONG = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0 after a signal to end, 2 where it cannot start as told."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except MockError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"cannot listen on {options.host}:{options.port}: {error.strerror}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="audio-mock-upstreams",
        description="Pretends to be OpenAI's and Azure OpenAI's audio APIs: real audio, scripted faults, a journal.",
        epilog=f"The control token is taken from --control-token, else from {_TOKEN_VARIABLE}, else made up.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=9100, help="port, 0 for any free one (default: %(default)s)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML file: strict, keys, models, deployments ...")
    parser.add_argument("--strict", action="store_true", help="refuse all that the real providers refuse")
    parser.add_argument("--control-token", metavar="TOKEN", help="what /_mock/ asks for")
    return parser


def _run(options: argparse.Namespace) -> int:
    settings = read_settings(options.config) if options.config else Settings()
    if options.strict:
        settings = replace(settings, strict=True)
    token = options.control_token or os.environ.get(_TOKEN_VARIABLE) or secrets.token_urlsafe(16)
    serve(build(settings, token), options.host, options.port, lambda url: _announce(url, token))
    return 0


def _announce(url: str, token: str) -> None:
    body = """{"model": "tts-1", "input": "Hello", "voice": "alloy"}"""
    speak = f"curl {url}/v1/audio/speech -H 'Authorization: Bearer any' --json '{body}' -o hello.mp3"
    look = f"curl {url}/_mock/journal -H 'Authorization: Bearer {token}'"
    lines = (
        f"audio-mock-upstreams listening on {url}",
        f"control token: {token}",
        "try it:",
        f"  {speak}",
        f"  {look}",
    )
    print(*lines, sep="\n", flush=True)  # noqa: T201 - it is what the command says


def _fail(message: str) -> int:
    print(f"audio-mock-upstreams: {message}", file=sys.stderr)  # noqa: T201
    return _EXIT_WRONG
