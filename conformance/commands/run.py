"""Judge a gateway: name it by a target file, by --base-url and --token, or take the embedded reference server.

Exit status: 0 conforming, 1 a MUST is violated, 2 the arguments or the target file are wrong, 3 no gateway answers, its
token is refused or the suite itself failed, 4 nothing was decided.
"""

from __future__ import annotations

import argparse
import secrets
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console

from conformance import target as targets
from conformance.embedded import embedded_gateway
from conformance.embedded_mock import running_mock
from conformance.errors import UsageError
from conformance.ledger import Ledger
from conformance.provider import Provider
from conformance.report import fold
from conformance.reports import files
from conformance.reports.console import ProgressDisplay, show
from conformance.requirements import load_catalogue
from conformance.run import EXAMPLES, Options, conduct
from conformance.target import Models, Target


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target", nargs="?", type=Path, metavar="TARGET.yaml", help="what the suite is told of the gateway"
    )
    parser.add_argument("--base-url", help="e.g. http://127.0.0.1:8080/api/client/v1; goes before the file's")
    parser.add_argument("--token", help="a valid token; goes before the file's")
    parser.add_argument("--speech-model", help="the model key for speech")
    parser.add_argument("--transcription-model", help="the model key for transcriptions and translations")
    parser.add_argument("--embedded", action="store_true", help="start the reference server and a mock, and judge that")
    parser.add_argument(
        "--select", action="append", default=[], metavar="GLOB", help="only requirements whose id matches; repeatable"
    )
    parser.add_argument("--effort", choices=list(EXAMPLES), default="standard", help="how many generated cases")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same cases")
    parser.add_argument("--workers", type=_at_least_one, default=8, help="how many checks at a time")
    parser.add_argument("--report-dir", type=Path, help="where report.json, junit.xml and ledger.jsonl go")


def run(arguments: argparse.Namespace) -> int:
    console = Console(highlight=False)
    options = _options(arguments)
    catalogue = load_catalogue()
    catalogue.select(options.select)
    ledger = Ledger(_ledger_path(options))
    with _target(arguments) as target, _provider(target) as mock:
        display = ProgressDisplay(console)
        ledger.listen(display)
        try:
            conduct(target, catalogue, mock, options, ledger)
        finally:
            display.stop()
            ledger.close()
    report = fold(ledger.events)
    if options.report_dir:
        files.write(report, options.report_dir)
    show(report, console)
    return report.exit_status


def _at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value


def _options(arguments: argparse.Namespace) -> Options:
    return Options(
        tuple(arguments.select),
        arguments.effort,
        arguments.seed,
        arguments.workers,
        arguments.report_dir,
        _command(arguments),
    )


def _command(arguments: argparse.Namespace) -> str:
    """The command that runs the same again, secrets left to the environment."""
    words = ["audio-conformance", "run"]
    if arguments.target:
        words.append(str(arguments.target))
    if arguments.embedded:
        words.append("--embedded")
    for option in ("base_url", "speech_model", "transcription_model"):
        value = getattr(arguments, option)
        words += [f"--{option.replace('_', '-')}", value] if value else []
    if arguments.effort != "standard":
        words += ["--effort", arguments.effort]
    token = ' --token "$GATEWAY_TOKEN"' if arguments.token else ""
    return shlex.join(words) + token


def _ledger_path(options: Options) -> Path | None:
    if options.report_dir is None:
        return None
    try:
        options.report_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--report-dir {options.report_dir} cannot be made: {error.strerror}.") from error
    return options.report_dir / "ledger.jsonl"


@contextmanager
def _target(arguments: argparse.Namespace) -> Iterator[Target]:
    if arguments.embedded:
        if arguments.target or arguments.base_url:
            raise UsageError("--embedded judges the reference server, so no other gateway can be named.")
        with embedded_gateway() as target:
            yield target
    else:
        yield _named(arguments)


def _named(arguments: argparse.Namespace) -> Target:
    data = {key: getattr(arguments, key) for key in ("base_url", "token") if getattr(arguments, key)}
    if arguments.target:
        target = targets.load(arguments.target, overrides=data)
    elif "base_url" in data and "token" in data:
        target = targets.parse(data)
    else:
        raise UsageError("No gateway is named.", "Give a target file, or --base-url and --token, or --embedded.")
    return _with_models(target, arguments.speech_model, arguments.transcription_model)


def _with_models(target: Target, speech: str | None, transcription: str | None) -> Target:
    changes = {"speech": (speech,) if speech else None, "transcription": (transcription,) if transcription else None}
    models: Models = msgspec.structs.replace(target.models, **{key: value for key, value in changes.items() if value})
    return msgspec.structs.replace(target, models=models)


@contextmanager
def _provider(target: Target) -> Iterator[Provider | None]:
    """The control client of the mock behind the gateway, started here if the target says so."""
    declared = target.mock_provider
    if declared is None:
        yield None
    elif declared.listen:
        token = declared.control_token or secrets.token_urlsafe(16)
        with running_mock(declared.listen, token) as url:
            yield from _registered(url, token, target)
    else:
        yield from _registered(declared.control_url or "", declared.control_token or "", target)


def _registered(url: str, token: str, target: Target) -> Iterator[Provider]:
    provider = Provider(url, token)
    try:
        provider.register(sorted(set(target.expect.upstream_models.values())), _deployments(target))
        yield provider
    finally:
        provider.close()


def _deployments(target: Target) -> dict[str, list[str]]:
    """Each declared deployment with the operations that the model keys mapped to it are for."""
    operations: dict[str, list[str]] = {}
    for key, deployment in target.expect.deployments.items():
        served = ["speech"] if key == target.models.azure_speech else ["transcription", "translation"]
        operations.setdefault(deployment, []).extend(served)
    return operations
