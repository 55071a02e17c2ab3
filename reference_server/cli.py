"""The command `audio-reference-server`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from reference_server import config
from reference_server.config import DEVELOPMENT_TOKEN, Settings
from reference_server.gateway import build_gateway
from reference_server.limits import LimitPolicies, LimitStoreMisconfigured
from reference_server.listening import PortTaken, reserve
from reference_server.requests import Operation
from reference_server.strict_yaml import ConfigError

_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_LOOPBACK = ("127.", "localhost", "::1")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the server. Exit status: 0 after a clean shutdown, 2 when the configuration or the address is wrong."""
    arguments = _parser().parse_args(argv)
    try:
        token = _development_token(arguments.host) if arguments.config is None else None
        settings = config.default(token) if token else config.load(arguments.config)
        _check_sharing(settings, arguments.workers)
        build_gateway(settings)  # the providers' options are wrong now or never
        held, address = reserve(arguments.host, arguments.port)
    except (ConfigError, LimitStoreMisconfigured, PortTaken) as error:
        where = f"{arguments.config}: " if arguments.config and isinstance(error, ConfigError) else ""
        sys.stderr.write(f"audio-reference-server: {where}{error}\n")
        return 2
    text = banner(settings, f"{address.origin}{settings.base_path}", token)
    with held, _shared_metrics(arguments.workers):
        from reference_server.server import serve  # noqa: PLC0415 - Prometheus reads the environment when it is loaded

        serve(settings, address, arguments.workers, lambda: _show(text))
    return 0


@contextmanager
def _shared_metrics(workers: int) -> Iterator[None]:
    """Lets several workers count together: Prometheus' client does it in a folder that the environment names."""
    if workers == 1 or _METRICS_FOLDER in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="audio-gateway-metrics-") as folder:
        os.environ[_METRICS_FOLDER] = folder
        yield


def _show(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("audio-reference-server", description="A gateway that keeps the audio contract.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="port, 0 for any free one (default: %(default)s)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML configuration; without it a mock provider")
    parser.add_argument("--workers", type=_positive, default=1, help="worker processes (default: %(default)s)")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _development_token(host: str) -> str:
    """Well known where only this machine can use it, else drawn anew at each start."""
    return DEVELOPMENT_TOKEN if host.startswith(_LOOPBACK) else f"cpeer_{secrets.token_hex(16)}"


def _check_sharing(settings: Settings, workers: int) -> None:
    if workers > 1 and settings.limits != LimitPolicies() and settings.limit_store.url is None:
        problem = f"is missing, and {workers} workers would each count for themselves."
        raise ConfigError("limit_store.url", problem, "Name a Valkey server, or run one worker.")


def banner(settings: Settings, base_url: str, token: str | None) -> str:
    """What a newcomer needs. The first line is for programs; `token` is shown only for the embedded configuration."""
    routes = config.routes(settings)
    speech, transcription = routes.keys(Operation.SPEECH), routes.keys(Operation.TRANSCRIPTION)
    names = ", ".join(each.name for each in settings.tokens)
    lines = [
        f"audio-reference-server listening on {base_url}",
        f"  token           {token or f'one of the configuration ({names})'}",
        f"  speech          {', '.join(speech) or 'no model'}",
        f"  transcription   {', '.join(transcription) or 'no model'}",
    ]
    example = _speech_curl(speech[0]) if speech else _transcription_curl(transcription[0]) if transcription else None
    if example is not None:
        path, arguments = example
        bearer = f'-H "Authorization: Bearer {token or "$TOKEN"}"'
        lines += ["  try", f"    curl {base_url}{path} {bearer} {arguments}"]
    return "\n".join(lines)


def _speech_curl(model: str) -> tuple[str, str]:
    body = f'{{"model": "{model}", "input": "Hello world"}}'
    return "/audio/speech", f"-H \"Content-Type: application/json\" -d '{body}' --output speech.mp3"


def _transcription_curl(model: str) -> tuple[str, str]:
    return "/audio/transcriptions", f'-F model="{model}" -F file="@speech.mp3"'
