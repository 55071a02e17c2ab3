"""How a command line names a gateway, and the mock provider behind it: shared by the commands that speak to one."""

from __future__ import annotations

import argparse
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from conformance import contracts
from conformance import target as targets
from conformance.contracts import Contract
from conformance.errors import UsageError
from conformance.http.endpoint import endpoint_of
from conformance.mock.control import MockControl
from conformance.mock.launch import running_mock
from conformance.target import Models, Target
from conformance.target.embedded import embedded_gateway


def add_gateway_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target", nargs="?", type=Path, metavar="TARGET.yaml", help="a target file: what is declared of the gateway"
    )
    parser.add_argument(
        "--base-url",
        metavar="URL",
        help="what stands before /audio/speech, e.g. http://127.0.0.1:8080/api/client/v1; goes before the file's",
    )
    parser.add_argument("--token", metavar="TOKEN", help="a token that the gateway lets in; goes before the file's")
    parser.add_argument(
        "--speech-model", metavar="KEY", help="the model key for speech (default: the contract's, tts-1)"
    )
    parser.add_argument(
        "--transcription-model", metavar="KEY", help="for transcriptions and translations (default: whisper-1)"
    )
    add_contract_argument(parser)
    parser.add_argument("--embedded", action="store_true", help="start the reference server and a mock, and judge that")


def add_contract_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--contract",
        metavar="NAME",
        help=f"judge by which contract: {', '.join(contracts.names())}, or a folder (default: {contracts.DEFAULT})",
    )


def contract_of(arguments: argparse.Namespace, target: Target | None = None) -> Contract:
    """The contract that the arguments name, else the target's own, else the default. Raises UsageError."""
    return contracts.load(arguments.contract or (target.contract if target else contracts.DEFAULT))


@contextmanager
def named_gateway(arguments: argparse.Namespace, meanwhile: Callable[[], object] | None = None) -> Iterator[Target]:
    """The target that the arguments name; `meanwhile` is called first, or while an embedded gateway starts.

    Raises UsageError or TargetError.
    """
    meanwhile = meanwhile or (lambda: None)
    if arguments.embedded:
        if arguments.target or arguments.base_url:
            raise UsageError("--embedded judges the reference server, so no other gateway can be named.")
        with embedded_gateway(arguments.contract or contracts.DEFAULT, meanwhile) as target:
            yield target
    else:
        target = _named(arguments)
        meanwhile()
        yield target


def _named(arguments: argparse.Namespace) -> Target:
    data = {key: getattr(arguments, key) for key in ("base_url", "token") if getattr(arguments, key)}
    if arguments.target:
        target = targets.load(arguments.target, overrides=data)
    elif "base_url" in data and "token" in data:
        target = targets.parse(data)
    else:
        raise UsageError("No gateway is named.", "Give a target file, or --base-url and --token, or --embedded.")
    endpoint_of(target)  # files of TLS that cannot be used are told before anything is started
    return _with_models(target, arguments.speech_model, arguments.transcription_model)


def _with_models(target: Target, speech: str | None, transcription: str | None) -> Target:
    changes = {"speech": (speech,) if speech else None, "transcription": (transcription,) if transcription else None}
    models: Models = msgspec.structs.replace(target.models, **{key: value for key, value in changes.items() if value})
    return msgspec.structs.replace(target, models=models)


@contextmanager
def provider_of(target: Target) -> Iterator[MockControl | None]:
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


def _registered(url: str, token: str, target: Target) -> Iterator[MockControl]:
    provider = MockControl(url, token)
    try:
        provider.register(_upstream_models(target), _deployments(target))
        yield provider
    finally:
        provider.close()


def _upstream_models(target: Target) -> dict[str, list[str]]:
    """Each declared model of the provider's with the operations that the keys mapped to it are for; all where none says."""
    operations: defaultdict[str, list[str]] = defaultdict(list)
    for key, model in target.expect.upstream_models.items():
        speaks, hears = key in target.models.speech, key in target.models.transcription
        served = ["speech"] * (speaks or not hears) + ["transcription", "translation"] * (hears or not speaks)
        operations[model] += [each for each in served if each not in operations[model]]
    return dict(operations)


def _deployments(target: Target) -> dict[str, list[str]]:
    """Each declared deployment with the operations that the model keys mapped to it are for."""
    operations: defaultdict[str, list[str]] = defaultdict(list)
    for key in target.expect.deployments:
        for operation in ["speech"] if key == target.models.azure_speech else ["transcription", "translation"]:
            deployment = target.expect.deployment(key, operation)
            if deployment and operation not in operations[deployment]:
                operations[deployment].append(operation)
    return dict(operations)
