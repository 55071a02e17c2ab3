"""Load with Locust, in processes of their own: a good gateway passes, one with a fault is accused."""

from __future__ import annotations

import json
import multiprocessing
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract import documented
from tests.mutants.fault import Fault
from tests.mutants.judging import shared_mock
from tests.mutants.place import Mock, running
from tests.mutants.registry import select
from tests.servers import CHECKOUT, running_gateway

# Not imported to see whether it is there: it would change the sockets and threads of this process.
_MISSING = find_spec("locust") is None
pytestmark = [
    pytest.mark.slow(about_s=35),
    pytest.mark.skipif(_MISSING, reason="Locust is missing: the extra `load` has it"),
]

_PATIENCE_S = 120


def locust(target: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "conformance", "load", str(target), "--headless", *options]
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end_of(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Its status, and what it wrote to standard output and error."""
    try:
        said, logged = process.communicate(timeout=_PATIENCE_S)
    finally:
        process.kill()
    return process.returncode, said, logged


def rows_of(said: str) -> dict[str, dict[str, Any]]:
    """The statistics by name."""
    return {each["name"]: each for each in json.loads(said[said.index("[") :])}


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with shared_mock() as started:
        yield started


@contextmanager
def faulty(make: Callable[[], Fault], mock: Mock) -> Iterator[Path]:
    """A gateway with a fault in a process of its own, with all the connections that Locust leaves to it."""
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    process = spawning.Process(target=serve, args=(make, mock, there), daemon=True)
    process.start()
    try:
        assert here.poll(_PATIENCE_S), "the gateway did not start"
        yield here.recv()
        here.send("end")
    finally:
        process.join(_PATIENCE_S)
        process.kill()


def serve(make: Callable[[], Fault], mock: Mock, pipe: Connection) -> None:
    """What that process does: serves until it is told to end."""
    with running(make(), mock) as (target, _):
        pipe.send(target)
        pipe.recv()


def fault_of(name: str) -> Fault:
    (mutant,) = select([name])
    return mutant.fault


def letting_nobody_in() -> Fault:
    """Its limit is none at all."""

    def no_room(settings: dict[str, Any]) -> None:
        settings["limits"]["tokens"]["valid"] = {"requests": {"limit": 0, "window_s": 3600}}

    return Fault(settings=(no_room,))


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_master_and_workers_find_nothing_at_a_good_gateway(tmp_path: Path) -> None:
    """The reference server: every kind of request is served to both workers, and nothing is held against it."""
    port = free_port()
    with running_gateway() as gateway:
        target = tmp_path / "target.yaml"
        declared = {"base_url": gateway.base_url, "token": gateway.token}
        behind = {"control_url": gateway.origin, "control_token": "not-asked"}
        target.write_text(yaml.safe_dump({**declared, "mock_provider": behind}), "utf-8")
        sent = ("--users", "4", "--spawn-rate", "4", "--requests", "80", "--json")
        here = ("--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--expect-workers", "2")
        there = ("--worker", "--master-host", "127.0.0.1", "--master-port", port)
        master, *workers = locust(target, "--master", *sent, *here), locust(target, *there), locust(target, *there)
        status, said, logged = end_of(master)
        ends = [end_of(worker) for worker in workers]

    assert status == 0, logged[-4000:]
    assert [end[0] for end in ends] == [0, 0], ends
    rows = rows_of(said)
    assert sum(row["num_requests"] for row in rows.values()) >= 80
    assert {name.split()[0] for name in rows} == {"speech", "transcriptions", "translations", "refusal"}
    assert sum(row["num_failures"] for row in rows.values()) == 0
    assert "2 workers" in logged or logged.count("reported as ready") == 2


@pytest.mark.parametrize(
    ("name", "accused", "words"),
    [
        ("flac-one-bit-flipped", "speech flac", "not a whole stream of flac"),
        ("transcriptions-answers-crossed", "transcriptions json", "the text differs"),
        ("speech-any-token-will-do", "refusal of a wrong token", "a request with a wrong token: wrong status"),
    ],
)
def test_a_gateway_with_a_fault_is_accused(mock: Mock, name: str, accused: str, words: str) -> None:
    """Statistics and exit status say it, and only of what is wrong."""
    with faulty(partial(fault_of, name), mock) as target:
        status, said, logged = end_of(
            locust(target, "--users", "4", "--spawn-rate", "4", "--requests", "120", "--json")
        )

    failing = {row["name"] for row in rows_of(said).values() if row["num_failures"]}
    assert status == 1, logged[-4000:]
    assert accused in failing
    assert words in logged + said
    assert {row.split()[0] for row in failing} == {accused.split(maxsplit=1)[0]}


def test_a_gateway_that_serves_nothing_is_no_success(mock: Mock) -> None:
    """All requests are held off, each of them rightly: no answer is wrong, and yet nothing was shown."""
    with faulty(letting_nobody_in, mock) as target:
        status, said, logged = end_of(locust(target, "--users", "2", "--requests", "2", "--tags", "speech", "--json"))

    assert {name.partition(",")[2] for name in rows_of(said)} == {" held off"}
    assert "speech: asked for, and never served" in logged
    assert status == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("model: {}", "model: unknown key"),
        ("mock_provider: {listen: '127.0.0.1:9100'}", "mock_provider.listen: a load test starts no mock"),
    ],
)
def test_a_wrong_target_ends_with_status_2(tmp_path: Path, line: str, words: str) -> None:
    target = tmp_path / "target.yaml"
    target.write_text(f"base_url: http://127.0.0.1:1\ntoken: x\n{line}\n", "utf-8")
    status, _, logged = end_of(locust(target, "--users", "1"))
    assert status == 2
    assert words in logged


def test_a_locustfile_of_ones_own_is_judged_too(tmp_path: Path) -> None:
    """The one of the page, whose users wait."""
    (block,) = documented.blocks_of_python("docs/load.md")
    (tmp_path / "patient.py").write_text(block, "utf-8")
    with running_gateway() as gateway:
        (tmp_path / "target.yaml").write_text(f"base_url: {gateway.base_url}\ntoken: {gateway.token}\n", "utf-8")
        command = [sys.executable, "-m", "locust", "--locustfile", "patient.py", "--target", "target.yaml"]
        command += ["--headless", "--requests", "1", "--json"]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        status, said, logged = end_of(process)
    assert status == 0, logged[-4000:]
    assert '"Patient": 1' in logged
    assert len(rows_of(said)) == 1
