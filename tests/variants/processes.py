"""The reference server as it ships under the same configuration: several worker processes of it, or behind a proxy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import yaml

from tests.mutants.judging import Judgement, judge_target
from tests.mutants.place import Mock, settings, target
from tests.servers import running_gateway
from tests.variants.proxies.programs import Deployment, before, deployed


def judge_processes(workers: int, mock: Mock, select: Sequence[str], effort: str, seed: int) -> Judgement:
    """Judges a gateway of several processes. It has no limits: to share the counts takes a store that no variant needs."""
    document = {key: value for key, value in settings(mock).items() if key != "limits"}
    with running_gateway(document, workers) as gateway, TemporaryDirectory() as folder:
        port = int(gateway.origin.rpartition(":")[2])
        declared = target(port, mock, Path(folder, "none"))
        for part in ("lifecycle", "limited_tokens"):
            del declared[part]
        file = Path(folder, "target.yaml")
        file.write_text(yaml.safe_dump(declared), "utf-8")
        return judge_target(file, select, effort, seed)


def judge_relay(
    deployment: Deployment,
    mock: Mock,
    select: Sequence[str],
    effort: str,
    seed: int,
    *,
    declared: Mapping[str, object] = MappingProxyType({}),
) -> Judgement:
    """Judges a proxy straight before the mock, by the dialect: it has no keys of its own, and hands on everything.

    `declared` is what its target says besides.
    """
    port = int(mock.base_url.rpartition(":")[2])
    with before(deployment, port, "/v1") as reached:
        return _judge_what_relays({**_relay_target(mock), **reached, **declared}, select, effort, seed)


def judge_mock(mock: Mock, select: Sequence[str], effort: str, seed: int) -> Judgement:
    """Judges the mock itself by the dialect: the provider with nothing before it."""
    document = {**_relay_target(mock), "base_url": f"{mock.base_url}/v1"}
    return _judge_what_relays(document, select, effort, seed)


def _judge_what_relays(document: Mapping[str, object], select: Sequence[str], effort: str, seed: int) -> Judgement:
    with TemporaryDirectory() as folder:
        file = Path(folder, "target.yaml")
        file.write_text(yaml.safe_dump(dict(document)), "utf-8")
        return judge_target(file, select, effort, seed)


def _relay_target(mock: Mock) -> dict[str, Any]:
    models = {"speech": ["tts-1", "gpt-4o-mini-tts"], "transcription": ["whisper-1", "gpt-4o-transcribe"]}
    return {
        "token": "sk-of-the-client",
        "contract": "openai-audio-2026-11",
        "credentials": "relayed",
        "handling": dict.fromkeys(("speech", "transcription", "translation"), "passthrough"),
        "models": models,
        "expect": {"upstream_models": {key: key for keys in models.values() for key in keys}},
        "mock_provider": {"control_url": mock.base_url, "control_token": mock.control_token},
    }


def judge_deployment(deployment: Deployment, mock: Mock, select: Sequence[str], effort: str, seed: int) -> Judgement:
    """Judges a gateway behind a proxy. No lifecycle: while the gateway is gone it is the proxy that answers."""
    with deployed(deployment, settings(mock)) as reached, TemporaryDirectory() as folder:
        declared = {**target(0, mock, Path(folder, "none")), **reached}
        del declared["lifecycle"]
        file = Path(folder, "target.yaml")
        file.write_text(yaml.safe_dump(declared), "utf-8")
        return judge_target(file, select, effort, seed)
