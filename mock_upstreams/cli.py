"""The command `audio-mock-upstreams`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from mock_upstreams.app import build
from mock_upstreams.config import Settings, read_settings
from mock_upstreams.endpoints.responder import Responder
from mock_upstreams.errors import InvalidConfiguration, MockError
from mock_upstreams.server import serve
from mock_upstreams.stdin import end_with_stdin

_TOKEN_VARIABLE = "MOCK_CONTROL_TOKEN"  # noqa: S105 - the name of a variable
_EXIT_WRONG = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command. Returns its exit status: 0 after a signal to end, 2 where it cannot start as configured."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except MockError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"cannot listen on {options.host}:{options.port}: {error.strerror or error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="audio-mock-upstreams",
        description="Pretends to be the audio APIs of OpenAI and Azure: real audio, faults on demand, a journal of calls.",
        epilog=f"The control token is taken from --control-token, else from {_TOKEN_VARIABLE}, else made up.",
    )
    _add_server_options(parser)
    parser.set_defaults(host="127.0.0.1", port=9100, config=None, control_token=None, until_stdin_closes=False)
    parser.add_argument("--strict", action="store_true", help="refuse all that the real providers refuse")
    parser.add_argument("--replay", type=Path, metavar="DIR", help="respond from a recording and from nothing else")
    commands = parser.add_subparsers(dest="command", metavar="record")
    record = commands.add_parser(
        "record",
        help="forward requests to a real provider and record its responses",
        argument_default=argparse.SUPPRESS,  # or its defaults would undo what stands before "record"
    )
    _add_server_options(record)
    record.add_argument("--to", type=Path, metavar="DIR", required=True, help="where to record the responses")
    record.add_argument("--upstream", metavar="URL", required=True, help="the provider, such as https://api.openai.com")
    record.add_argument("--key-env", metavar="NAME", default=None, help="variable that holds the key to use there")
    return parser


def _add_server_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port, 0 for any free one (default: 9100)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML file: strict, keys, models, deployments ...")
    parser.add_argument("--control-token", metavar="TOKEN", help="the token of the control API under /_mock/")
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end when standard input does, so with the program that started it",
    )


def _run(options: argparse.Namespace) -> int:
    settings = read_settings(options.config) if options.config else Settings()
    if options.strict:
        settings = replace(settings, strict=True)
    token = options.control_token or os.environ.get(_TOKEN_VARIABLE) or secrets.token_urlsafe(16)
    if options.until_stdin_closes:
        end_with_stdin()
    app = build(settings, token, _responder(options))
    serve(app, options.host, options.port, lambda url: _announce(url, token))
    return 0


def _responder(options: argparse.Namespace) -> Responder | None:
    """Returns what makes the responses, `None` for the mock provider."""
    if options.command != "record" and not options.replay:
        return None
    from mock_upstreams.recordings import (  # noqa: PLC0415 - its HTTP client takes a fifth of the time to start
        Recording,
        RecordingResponder,
        ReplayResponder,
    )

    if options.command == "record":
        return RecordingResponder(options.upstream, Recording(options.to), _key(options.key_env))
    return ReplayResponder(Recording(options.replay))


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    if not os.environ.get(variable):
        raise InvalidConfiguration(f"--key-env {variable}: the environment has no such variable, or it is empty")
    return os.environ[variable]


def _announce(url: str, token: str) -> None:
    body = """{"model": "tts-1", "input": "Hello", "voice": "alloy"}"""
    speech = f"curl {url}/v1/audio/speech -H 'Authorization: Bearer any' --json '{body}' -o hello.mp3"
    journal = f"curl {url}/_mock/journal -H 'Authorization: Bearer {token}'"
    lines = (
        f"audio-mock-upstreams listening on {url}",
        f"control token: {token}",
        "try it:",
        f"  {speech}",
        f"  {journal}",
    )
    print(*lines, sep="\n", flush=True)  # noqa: T201 - it is what the command says


def _fail(message: str) -> int:
    print(f"audio-mock-upstreams: {message}", file=sys.stderr)  # noqa: T201
    return _EXIT_WRONG
