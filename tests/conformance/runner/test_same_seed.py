"""Two runs of one seed against one gateway say the same: but for times, and the mark that tells one run's requests apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance.cli import main
from conformance.reports.comparing import load
from tests.conformance.fake_gateway import TOKEN, Reply, Seen, fake_gateway

pytestmark = pytest.mark.slow

# A request is the run's own to the last byte: recordings and boundaries carry the mark, too.
_OF_THE_RUN = {"started", "duration_s", "elapsed_s", "latency", "request", "curl"}
_SELECTED = ("errors.speech.*", "generated.speech.invalid-refused", "transcriptions.answer.json")


def broken(_: Seen) -> Reply:
    """Serves everything, with a transcript without the id of its request."""
    return Reply(200, b'{"text": "hello"}', {"Content-Type": "application/json"})


def without_the_run(value: Any, folder: str) -> Any:
    """The report without what differs from run to run."""
    if isinstance(value, dict):
        return {name: without_the_run(each, folder) for name, each in value.items() if name not in _OF_THE_RUN}
    if isinstance(value, list | tuple):
        return [without_the_run(each, folder) for each in value]
    if not isinstance(value, str):
        return value
    text = re.sub(r"mark[0-9a-f]{6}n", "markRUNn", value.replace(folder, "FOLDER"))
    return re.sub(r"[0-9a-f]{16}\.bin|\b\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\b", "OF THE RUN", text)


def test_two_runs_of_one_seed_give_one_report(tmp_path: Path) -> None:
    """Verdicts, findings, evidence and causes, drawn requests among them; another seed draws others."""
    seeds = {"one": 3, "other": 3, "third": 4}
    with fake_gateway(broken) as (url, _):
        for name, seed in seeds.items():
            options = [word for each in _SELECTED for word in ("--select", each)]
            options += [
                "--effort",
                "quick",
                "--seed",
                str(seed),
                "--workers",
                "1",
                "--report-dir",
                str(tmp_path / name),
            ]
            assert main(["run", "--base-url", url, "--token", TOKEN, *options]) == 1
    one, other, third = (
        without_the_run(msgspec.to_builtins(load(tmp_path / name)), str(tmp_path / name)) for name in seeds
    )

    assert len(one["causes"]) > 1
    assert one == other
    assert one != third
    assert [each["id"] for each in one["causes"]] == [each["id"] for each in third["causes"]]
