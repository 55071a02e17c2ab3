"""Starting and stopping as a person does: what is printed works, names and addresses are understood, mistakes are named."""

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from reference_server.banner import banner
from reference_server.config import from_document
from reference_server.listening import CannotListen, addresses, reserve
from tests.reference_server.raw_provider import answer, raw_provider
from tests.servers import CHECKOUT, running_gateway, stop_at_once

CONFIG: dict[str, Any] = {
    "providers": {"mock": {"kind": "mock"}},
    "models": {
        "it's odd $HOME": {"capability": "speech", "provider": "mock"},
        "whisper-1": {"capability": "transcription", "provider": "mock"},
    },
    "tokens": [{"name": "alice", "token": "cpeer_start_token"}],
    "drain": {"notice_s": 0},
}
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@contextmanager
def _started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The command on a free port, and its banner; it is stopped without a drain."""
    command = [sys.executable, "-m", "reference_server", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline()]
            while lines[-1] and "/audio/translations" not in lines[-1]:
                lines.append(process.stdout.readline())
            yield process, lines
        finally:
            stop_at_once(process)


@pytest.fixture(scope="module")
def embedded() -> Iterator[list[str]]:
    """The banner of a server with the embedded configuration."""
    with _started() as (_, lines):
        yield lines


@pytest.fixture
def config_file(tmp_path: Path) -> str:
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps(CONFIG))
    return str(file)


def _run_all_three(lines: list[str], folder: Path) -> None:
    """Runs the printed calls, one after the other, and looks at what each brings."""
    speech, *transcripts = _curls(lines)
    assert len(transcripts) == 2
    assert _pasted(speech, folder).returncode == 0
    assert (folder / "speech.mp3").stat().st_size > 1000
    for line in transcripts:
        assert '"text":"Hello world"' in _pasted(line, folder).stdout


def _curls(lines: list[str]) -> list[str]:
    return [line.strip() for line in lines if line.startswith("    curl ")]


def _pasted(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@needs_curl
def test_the_printed_calls_work_as_they_are_pasted(embedded: list[str], tmp_path: Path) -> None:
    _run_all_three(embedded, tmp_path)


@needs_curl
def test_the_calls_that_are_printed_for_a_file_work_as_they_are_pasted(config_file: str, tmp_path: Path) -> None:
    """Where a model's name wants to be quoted."""
    with _started("--config", config_file) as (_, lines):
        _run_all_three(lines, tmp_path)


@needs_curl
def test_an_error_is_shown_and_not_saved_as_audio(embedded: list[str], tmp_path: Path) -> None:
    """With a wrong token: a status that scripts see, a message, no file of that name."""
    wrong = [line.replace("cpeer_development", "cpeer_wrong") for line in _curls(embedded)]
    (tmp_path / "other.mp3").write_bytes(b"x")
    speech = _pasted(wrong[0], tmp_path)
    assert speech.returncode != 0
    assert "401" in speech.stderr
    assert not (tmp_path / "speech.mp3").exists()
    transcript = _pasted(wrong[1].replace("speech.mp3", "other.mp3"), tmp_path)
    assert transcript.returncode != 0
    assert "The API token is missing or not valid" in transcript.stdout


def test_no_token_is_shown_where_others_can_reach_the_server() -> None:
    """Then the calls take it from the environment, and the banner says whose it is."""
    text = banner(from_document(CONFIG), ["http://192.0.2.1:80"], None)
    assert "cpeer_start_token" not in text
    assert "export GATEWAY_TOKEN=...   # the token of one of: alice" in text
    assert text.count('"Authorization: Bearer $GATEWAY_TOKEN"') == 3


def test_it_says_that_it_stops(config_file: str) -> None:
    """A line when it begins to drain, one when it is gone; status 0."""
    with _started("--config", config_file) as (process, _):
        process.terminate()
        rest = process.communicate(timeout=60)[0]
        assert process.returncode == 0
    assert "shutting down: new requests are answered 503" in rest
    assert rest.splitlines()[-1] == "audio-reference-server stopped"


def test_localhost_is_a_host() -> None:
    """By the name that was asked for, and by its address."""
    with _started("--host", "localhost") as (_, lines):
        url = lines[0].split()[-1]
        assert url.startswith("http://localhost:")
        port = url.split(":")[2].split("/")[0]
        for origin in (f"http://localhost:{port}", f"http://127.0.0.1:{port}"):
            assert httpx.get(f"{origin}/healthz", trust_env=False).status_code == 200
        assert "cpeer_development" in "".join(lines)


@pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is an address on Linux only")
def test_several_hosts_are_served() -> None:
    """All of 127.0.0.0/8 is this machine: both are shown, and both answer the same, also on one connection."""
    with _started("--host", "127.0.0.1", "--host", "127.0.0.2") as (_, lines):
        urls = [re.search(r"http://\S+", line) for line in lines if "listening" in line or "also" in line]
        assert [found[0].split(":")[1] for found in urls if found] == ["//127.0.0.1", "//127.0.0.2"]
        for found in urls:
            assert found is not None
            with httpx.Client(headers={"Authorization": "Bearer cpeer_development"}, trust_env=False) as client:
                for text in ("One.", "Two."):
                    body = {"model": "tts-1", "input": text, "response_format": "wav"}
                    response = client.post(f"{found[0]}/audio/speech", json=body)
                    assert (response.status_code, response.content[:4]) == (200, b"RIFF")


def test_a_name_means_all_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """IPv4 first; the name is shown with the first."""
    entries = [(None, None, None, "", (ip, 0)) for ip in ("::1", "127.0.0.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    found = addresses(["localhost"], 80)
    assert [(each.host, each.name) for each in found] == [("127.0.0.1", "localhost"), ("::1", "")]
    assert found[0].origin == "http://localhost:80"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "198.51.100.1", "a" * 300])
def test_a_host_that_is_not_ours_is_said_in_one_sentence(host: str) -> None:
    """Status 2 at the command line; here the error itself."""
    with pytest.raises(CannotListen, match=r"^Cannot listen on .+\. (Name|Choose) .+\.$"):
        reserve([host], 0)


def test_a_port_in_use_is_said() -> None:
    """With the option that chooses another."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CannotListen, match="--port"):
        reserve(["127.0.0.1"], taken.getsockname()[1])


def test_the_version_is_shown() -> None:
    """That of the distribution."""
    command = [sys.executable, "-m", "reference_server", "--version"]
    shown = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=True)
    assert shown.stdout.startswith("audio-reference-server ")


def test_proxies_of_the_environment_never_apply_to_this_machine() -> None:
    """A provider on loopback is reached although a proxy that is not there is named for everything."""
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), "http://127.0.0.1:9")
    with raw_provider(answer(b"\xff\xf3\x84\xc4" + bytes(400), "audio/mpeg")) as provider:
        urls = {"by-address": provider.url, "by-name": provider.url.replace("127.0.0.1", "localhost")}
        config = CONFIG | {
            "providers": {name: {"kind": "openai", "base_url": url} for name, url in urls.items()},
            "models": {name: {"capability": "speech", "provider": name} for name in urls},
        }
        with running_gateway(config, environment=proxies | {"NO_PROXY": "", "no_proxy": ""}) as gateway:
            for name in urls:
                response = httpx.post(
                    f"{gateway.base_url}/audio/speech",
                    headers=gateway.headers,
                    json={"model": name, "input": "Hi."},
                    trust_env=False,
                )
                assert response.status_code == 200
        assert len(provider.requests) == 2
