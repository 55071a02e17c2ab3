"""The work that every peer gets, and one load generator for all of them: wrk, which costs little beside what it drives."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import msgspec

from benchmarks.peers.speech import spoken

TEXT = "The quick brown fox jumped over the lazy dog"
_SCRIPT = Path(__file__).with_name("wrk.lua")
_FIRST_S = 60.0
_SHOWN = 160


class LoadFailedError(Exception):
    """A peer that did not answer the work; the message says what came instead."""


@dataclass(frozen=True, slots=True)
class Work:
    """One request, sent again and again."""

    path: str
    content_type: str
    body: bytes


@cache
def work(operation: str) -> Work:
    """A small speech call, or the upload of a recording of about 70 kB."""
    if operation == "speech":
        asked = {"model": "tts-1", "input": TEXT, "voice": "alloy"}
        return Work("/audio/speech", "application/json", json.dumps(asked).encode())
    files = {"file": ("a.wav", spoken("wav"), "audio/wav")}
    request = httpx.Request("POST", "http://localhost", data={"model": "whisper-1"}, files=files)
    return Work("/audio/transcriptions", request.headers["content-type"], request.read())


class Figures(msgspec.Struct, frozen=True):
    """What wrk saw."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    not_2xx: int
    broken: int


def lacks() -> str:
    """What this machine lacks for it; empty where it lacks nothing."""
    return "" if shutil.which("wrk") else "no wrk here; it comes with the system's package wrk"


def ask_once(base_url: str, headers: Mapping[str, str], asked: Work) -> float:
    """How many seconds one request takes. Raises LoadFailedError where it is not answered 200."""
    with httpx.Client(timeout=_FIRST_S, trust_env=False) as client:
        try:
            sent = {**headers, "content-type": asked.content_type}
            answer = client.post(base_url + asked.path, content=asked.body, headers=sent)
        except httpx.TransportError as error:
            raise LoadFailedError(f"{type(error).__name__}: {error}") from error
    if answer.status_code != 200:
        raise LoadFailedError(f"{answer.status_code} {answer.text[:_SHOWN]}")
    return answer.elapsed.total_seconds()


def drive(  # noqa: PLR0913 - where, with what, how much, for how long
    base_url: str, headers: Mapping[str, str], asked: Work, connections: int, seconds: float, *, least: int = 1
) -> Figures:
    """Keeps so many connections busy for so long. Raises LoadFailedError where an answer is no success, or too few come."""
    with TemporaryDirectory(prefix="load-") as folder:
        body, lines = Path(folder, "body"), Path(folder, "headers")
        body.write_bytes(asked.body)
        sent = {**headers, "Content-Type": asked.content_type}
        lines.write_text("".join(f"{name}: {value}\n" for name, value in sent.items()), "utf-8")
        command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{math.ceil(seconds)}s"]
        done = subprocess.run(  # noqa: S603 - our own command
            [*command, "--timeout", "60s", "--script", str(_SCRIPT), base_url + asked.path],
            check=True,
            capture_output=True,
            env={**os.environ, "LOAD_BODY": str(body), "LOAD_HEADERS": str(lines)},
        )
    figures = msgspec.json.decode(done.stdout.strip().splitlines()[-1], type=Figures)
    if figures.not_2xx or figures.broken or figures.requests < least:
        raise LoadFailedError(
            f"of {figures.requests} requests {figures.not_2xx} got no success and {figures.broken} no whole answer"
        )
    return figures
