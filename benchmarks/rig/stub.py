"""The least that could answer: a bare Litestar handler on Granian, the yardstick for what a server costs."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from litestar import Litestar, Request, Response, post

from tests.servers import CHECKOUT, START_S, STOP_S

SPEECH = bytes(range(256)) * 40
TRANSCRIPT = b'{"text": "The quick brown fox jumped over the lazy dog"}'


@post("/v1/audio/speech", status_code=200)
async def speech(request: Request[object, object, object]) -> Response[bytes]:
    """Reads the body, and answers always the same bytes."""
    await request.body()
    return Response(SPEECH, media_type="audio/pcm")


@post("/v1/audio/transcriptions", status_code=200)
async def transcription(request: Request[object, object, object]) -> Response[bytes]:
    """Reads the form, and answers always the same transcript."""
    await request.form()
    return Response(TRANSCRIPT, media_type="application/json")


app = Litestar([speech, transcription], openapi_config=None, request_max_body_size=None)


@contextmanager
def running_stub() -> Iterator[tuple[str, int]]:
    """Runs it in a process of its own until the block ends; its origin and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "benchmarks.rig.stub:app"]
    process = subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - ours
    assert process.stdout is not None
    timer = threading.Timer(START_S, process.kill)
    timer.start()
    try:
        for line in process.stdout:
            if b"Started worker" in line:
                break
        timer.cancel()
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(STOP_S)
