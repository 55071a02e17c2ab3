"""The command: what it prints at start, how it ends, what it says when it cannot start."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from mock_upstreams.cli import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


@contextmanager
def command(*arguments, **environment):
    """Run ``python -m mock_upstreams`` and yield the process and the five lines that it prints at start."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mock_upstreams", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
        cwd=ROOT,
    )
    with process:
        try:
            yield process, [process.stdout.readline().rstrip("\n") for _ in range(5)]
        finally:
            process.kill()


def test_it_says_where_it_is_and_ends_well():
    """The first line names the URL; token and curl lines work; SIGTERM ends it with status 0, held calls or not."""
    with command("--port", "0", MOCK_CONTROL_TOKEN="from-the-environment") as (process, lines):
        url = re.fullmatch(r"audio-mock-upstreams listening on (http://127\.0\.0\.1:\d+)", lines[0])[1]
        assert lines[1] == "control token: from-the-environment"
        assert lines[3].startswith(f"  curl {url}/v1/audio/speech ")
        headers = {"authorization": "Bearer from-the-environment"}
        with httpx.Client(base_url=f"{url}/_mock", headers=headers, trust_env=False) as control:
            assert control.get("/journal").json()["calls"] == []
            control.post("/scripts", json={"act": {"hold": "for ever"}}).raise_for_status()
            host, port = url.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port)), 10) as wire:
                wire.sendall(b"POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
                held = {"waiting_at_least": 1, "wait_s": 10}
                assert control.get("/gates/for ever", params=held).json()["waiting"] == 1
                process.send_signal(signal.SIGTERM)
                assert process.wait(15) == 0


def test_record_and_replay_by_command(tmp_path):
    """A recording made by the command is replayed by the command."""
    order = {"model": "tts-1", "input": "Recorded once.", "voice": "alloy"}
    headers = {"authorization": "Bearer caller"}
    with command("--port", "0") as (_, lines):
        real = lines[0].split()[-1]
        recording = ("record", "--to", str(tmp_path), "--upstream", f"{real}/v1", "--key-env", "REAL_KEY")
        with command("--port", "0", *recording, REAL_KEY="sk-real") as (_, recorder):
            first = httpx.post(
                f"{recorder[0].split()[-1]}/v1/audio/speech", json=order, headers=headers, trust_env=False
            )
    with command("--port", "0", "--replay", str(tmp_path)) as (_, replayed):
        again = httpx.post(f"{replayed[0].split()[-1]}/v1/audio/speech", json=order, headers=headers, trust_env=False)
    assert first.status_code == again.status_code == 200
    assert again.content == first.content
    assert again.headers["x-request-id"] == first.headers["x-request-id"]


def test_it_cannot_start_as_configured(tmp_path, capsys):
    """Status 2, and one line with the file, the place and what is allowed."""
    path = tmp_path / "mock.yaml"
    path.write_text("strickt: true\n")
    assert main(["--config", str(path)]) == 2
    error = capsys.readouterr().err
    assert f"{path}: strickt: " in error
    assert "strict, keys, models" in error


def test_a_port_that_is_taken(capsys):
    """Status 2 and the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 2
    assert f"127.0.0.1:{port}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--replay", "{}/none"], "holds no recorded responses"),
        (["record", "--to", "{}", "--upstream", "nowhere"], "no URL"),
        (["record", "--to", "{}", "--upstream", "http://x", "--key-env", "NO_SUCH_KEY"], "NO_SUCH_KEY"),
    ],
)
def test_recordings_that_cannot_be_used(tmp_path, capsys, arguments, told):
    """Status 2 and the reason."""
    assert main([argument.format(tmp_path) for argument in arguments]) == 2
    assert told in capsys.readouterr().err
