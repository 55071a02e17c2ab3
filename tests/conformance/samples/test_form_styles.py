"""The forms of client families are what those clients really write, where this machine has them."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
import requests

from conformance.http.bodies import Upload
from conformance.samples.form_styles import CLIENTS, FormStyle, written
from tests.conformance.fake_gateway import Reply, fake_gateway

WAV = Upload(b"RIFF....WAVEfmt ", "speech.wav", "audio/wav")
PARTS = [("model", "whisper-1"), ("prompt", "Füchse"), ("file", WAV)]

Client = Callable[[str, Path], None]


def _curl(url: str, file: Path) -> None:
    curl = _program("curl")
    fields = ["-F", "model=whisper-1", "-F", "prompt=Füchse", "-F", f"file=@{file};type=audio/wav"]
    subprocess.run([curl, "-sS", "--noproxy", "*", *fields, url], check=True, capture_output=True, timeout=60)


def _node(url: str, file: Path) -> None:
    program = """
        const [url, file] = process.argv.slice(1);
        const form = new FormData();
        form.set("model", "whisper-1");
        form.set("prompt", "Füchse");
        form.set("file", new Blob([require("fs").readFileSync(file)], {type: "audio/wav"}), "speech.wav");
        fetch(url, {method: "POST", body: form}).then((response) => response.text());
    """
    subprocess.run([_program("node"), "-e", program, url, str(file)], check=True, capture_output=True, timeout=60)


def _requests(url: str, file: Path) -> None:
    with requests.Session() as session:
        session.trust_env = False
        data = {"model": "whisper-1", "prompt": "Füchse"}
        session.post(url, data=data, files={"file": ("speech.wav", file.read_bytes())}, timeout=60)


def _aiohttp(url: str, file: Path) -> None:
    recording = file.read_bytes()

    async def post() -> None:
        form = aiohttp.FormData()
        form.add_field("model", "whisper-1", content_type="text/plain; charset=utf-8")
        form.add_field("prompt", "Füchse", content_type="text/plain; charset=utf-8")
        form.add_field("file", recording, filename="speech.wav", content_type="audio/wav")
        async with aiohttp.ClientSession() as session, session.post(url, data=form) as response:
            await response.read()

    asyncio.run(post())


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on the path")
    return found


REAL: dict[str, Client] = {
    "curl": _curl,
    "node-undici": _node,
    "python-requests": _requests,
    "python-aiohttp": _aiohttp,
}


@pytest.mark.parametrize("name", REAL)
def test_a_family_writes_its_form_as_the_sample_does(name: str, tmp_path: Path) -> None:
    """But for the boundary, byte by byte; a client of another release may only end its last line otherwise."""
    file = tmp_path / "speech.wav"
    file.write_bytes(WAV.data)
    with fake_gateway(lambda _: Reply()) as (url, seen):
        REAL[name](f"{url}/audio/transcriptions", file)
    (request,) = seen
    boundary = re.fullmatch(r'multipart/form-data; ?boundary="?([^"]+)"?', request.headers["content-type"])
    assert boundary is not None
    style = CLIENTS[name]
    ours = written(PARTS, style).data.replace(style.boundary.encode(), boundary[1].encode())
    assert request.body.rstrip(b"\r\n") == ours.rstrip(b"\r\n")


@pytest.mark.parametrize("name", CLIENTS)
def test_a_style_has_every_part_in_it(name: str) -> None:
    body = written(PARTS, CLIENTS[name])
    assert [value in body.data for value in (b"whisper-1", "Füchse".encode(), WAV.data)] == [True] * 3
    assert "{" not in body.data.decode("latin-1")


def test_a_boundary_that_has_to_be_quoted_is() -> None:
    assert FormStyle(boundary="a b", quoted=True).content_type == 'multipart/form-data; boundary="a b"'
