"""The command `audio-reference-server`."""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from reference_server import config
from reference_server.banner import banner
from reference_server.config import DEVELOPMENT_TOKEN, Settings
from reference_server.gateway import build_gateway
from reference_server.limits import LimitPolicies, LimitStoreMisconfigured
from reference_server.listening import Address, CannotListen, addresses, reserve
from reference_server.stdin import end_with_stdin
from reference_server.strict_yaml import ConfigError

_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_CONTROL_TOKEN = "MOCK_CONTROL_TOKEN"  # noqa: S105 - the name of a variable
_DISTRIBUTION = "audio-gateway-conformance"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the server. Exit status: 0 after a clean shutdown, 2 when the configuration or the address is wrong."""
    arguments = _parser().parse_args(argv)
    gc.disable()  # nothing that is loaded from here on is ever garbage; the workers enable it again
    try:
        return _run(arguments)
    finally:
        gc.enable()


def _run(arguments: argparse.Namespace) -> int:
    hosts = arguments.host or ["127.0.0.1"]
    if arguments.until_stdin_closes:
        end_with_stdin()
    try:
        settings, token = _settings(arguments, addresses(hosts, arguments.port))
        _check_sharing(settings, arguments.workers)
        build_gateway(settings)  # the providers' options are wrong now or never
        held, found = reserve(hosts, arguments.port)
    except (ConfigError, LimitStoreMisconfigured, CannotListen) as error:
        where = f"{arguments.config}: " if arguments.config and isinstance(error, ConfigError) else ""
        sys.stderr.write(f"audio-reference-server: {where}{error}\n")
        return 2
    text = banner(settings, [each.origin for each in found], token)
    with held, _shared_metrics(arguments.workers):
        from reference_server.server import serve  # noqa: PLC0415 - Prometheus reads the environment when it is loaded

        serve(settings, found, arguments.workers, lambda: _show(text))
    _show("audio-reference-server stopped")
    return 0


def _settings(arguments: argparse.Namespace, wanted: Sequence[Address]) -> tuple[Settings, str | None]:
    """The settings, and a token that may be shown: the embedded configuration's, or one that only this machine can use.

    The embedded configuration on loopback has a token that everybody knows, lets pages of any origin in, and serves the
    control API of its mock. Control API and playground need one worker: each would have its own.
    """
    local, alone = all(each.is_loopback for each in wanted), arguments.workers == 1
    if arguments.config is None:
        token = DEVELOPMENT_TOKEN if local else f"cpeer_{secrets.token_hex(16)}"
        control_token = (os.environ.get(_CONTROL_TOKEN) or secrets.token_urlsafe(16)) if local and alone else None
        settings = config.default(token, any_origin=local, control_token=control_token, playground=alone)
        return settings, token
    settings = config.load(arguments.config)
    plain = next((each.token for each in settings.tokens if each.token), None)
    return settings, plain if local else None


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
    with suppress(OSError, ValueError):  # nobody need be there to read it
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "audio-reference-server",
        description="Runs a gateway that keeps the audio contract; without --config, before a mock provider.",
        epilog=f"Without --config, the mock's control token is taken from {_CONTROL_TOKEN}, else made up and printed.",
    )
    parser.add_argument("--host", action="append", help="address or name to listen on; repeatable (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8080, help="port, 0 for any free one (default: %(default)s)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML configuration; without it a mock provider")
    parser.add_argument("--workers", type=_positive, default=1, help="worker processes (default: %(default)s)")
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end when standard input does, so with the program that started it",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    return parser


def _version() -> str:
    try:
        return importlib.metadata.version(_DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return "of a checkout that is not installed"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _check_sharing(settings: Settings, workers: int) -> None:
    if workers > 1 and settings.limits != LimitPolicies() and settings.limit_store.url is None:
        problem = f"is missing, and {workers} workers would each count for themselves."
        raise ConfigError("limit_store.url", problem, "Name a Valkey server, or run one worker.")
    if workers > 1 and settings.playground:
        problem = f"is on, and each of {workers} workers would show its own requests only."
        raise ConfigError("playground", problem, "Run one worker, or leave it out.")
    for name, provider in settings.providers.items():
        if workers > 1 and provider.get("kind") == "mock" and "control_token" in provider:
            problem = f"is set, and each of {workers} workers would have a mock of its own."
            raise ConfigError(f"providers.{name}.control_token", problem, "Run one worker, or leave it out.")
