"""How much memory does the reference server need for many large uploads at once, and for one that is far too large?

    python -m benchmarks.uploads [--uploads 64] [--megabytes 25] [--too-large-gigabytes 2] [--form multipart|json]

The provider (the mock, over HTTP) is in another process than the server. Every upload says something of its own and is
checked. The exit status is 1 when a transcript is wrong or memory grows over the promised bounds.
"""

from __future__ import annotations

import argparse
import base64
import socket
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from benchmarks.processes import MIB, memory_bytes
from mock_upstreams import MockProvider, SpeechOrder
from mock_upstreams.server import start
from tests.servers import RunningGateway, running_gateway

_PEAK_BYTES = 300 * MIB
_REFUSAL_BYTES = 50 * MIB
_BLOCK = bytes(MIB)


def _config(url: str) -> dict[str, object]:
    return {
        "providers": {"cloud": {"kind": "openai", "base_url": f"{url}/v1", "api_key": "k", "timeout_s": 300}},
        "models": {"whisper-1": {"capability": "transcription", "provider": "cloud"}},
        "tokens": [{"name": "bench", "token": "cpeer_benchmark"}],
        "read_timeout_s": 300,
        "log_level": "error",
    }


def _recording(sentence: str, size: int) -> bytes:
    """A wav file of `size` bytes that says `sentence`: most of it is a chunk that players skip."""
    wav = MockProvider().synthesize(SpeechOrder("tts-1", sentence, response_format="wav")).data
    skipped = (size - len(wav) - 8) & ~1
    junk = b"JUNK" + struct.pack("<I", skipped) + bytes(skipped)
    return b"RIFF" + struct.pack("<I", len(wav) + len(junk) - 8) + b"WAVE" + junk + wav[12:]


def _send(gateway: RunningGateway, number: int, size: int, form: str) -> bool:
    sentence = f"This is upload number {number}."
    recording = _recording(sentence, size)
    url, headers = f"{gateway.base_url}/audio/transcriptions", gateway.headers
    if form == "multipart":
        files, fields = {"file": ("a.wav", recording)}, {"model": "whisper-1"}
        answer = httpx.post(url, headers=headers, data=fields, files=files, timeout=600)
    else:
        body = {"model": "whisper-1", "audio": {"data": base64.b64encode(recording).decode()}}
        answer = httpx.post(url, headers=headers, json=body, timeout=600)
    return answer.status_code == 200 and answer.json()["text"] == sentence


def _uploads(gateway: RunningGateway, count: int, size: int, form: str) -> bool:
    idle, began = memory_bytes(gateway.process.pid), time.monotonic()
    with ThreadPoolExecutor(count) as pool:
        right = sum(pool.map(lambda number: _send(gateway, number, size, form), range(count)))
    peak = memory_bytes(gateway.process.pid, peak=True)
    print(  # noqa: T201
        f"{count} {form} uploads of {size / 1e6:g} MB at once: {right} transcribed right "
        f"in {time.monotonic() - began:.1f} s; memory {idle / MIB:.0f} MB idle, {peak / MIB:.0f} MB at its peak"
    )
    return right == count and (peak < _PEAK_BYTES or form == "json")


def _too_large(gateway: RunningGateway, size: int) -> bool:
    """Sends without looking for an answer until the server has answered, or all is sent."""
    before, began = memory_bytes(gateway.process.pid), time.monotonic()
    host, port = gateway.origin.removeprefix("http://").split(":")
    sent, answered = 0, 0.0
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(_head(gateway))
        connection.setblocking(False)
        for block in _blocks(size):
            sent += _push(connection, block)
            if _readable(connection):
                answered = time.monotonic() - began
                break
        connection.settimeout(30)
        status = connection.recv(4096)[9:12].decode()
    grown = memory_bytes(gateway.process.pid, peak=True) - before
    print(  # noqa: T201
        f"an upload of {size / MIB / 1024:g} GB in chunks: answered {status} after {sent / MIB:.0f} MB "
        f"and {answered:.2f} s; {grown / MIB:.0f} MB more memory"
    )
    return status == "413" and sent < size and grown < _REFUSAL_BYTES


def _head(gateway: RunningGateway) -> bytes:
    part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    return (
        f"POST /api/client/v1/audio/transcriptions HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {gateway.token}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n{len(part):x}\r\n{part}\r\n"
    ).encode()


def _blocks(size: int) -> Iterator[bytes]:
    block = b"%x\r\n%s\r\n" % (len(_BLOCK), _BLOCK)
    return (block for _ in range(size // len(_BLOCK)))


def _push(connection: socket.socket, block: bytes) -> int:
    left = memoryview(block)
    while left:
        try:
            left = left[connection.send(left) :]
        except BlockingIOError:
            time.sleep(0.0005)
    return len(block)


def _readable(connection: socket.socket) -> bool:
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False


def main(argv: Sequence[str] | None = None) -> int:
    """Runs both and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--uploads", type=int, default=64)
    parser.add_argument("--megabytes", type=float, default=25)
    parser.add_argument("--too-large-gigabytes", type=float, default=2)
    parser.add_argument("--form", choices=("multipart", "json"), default="multipart")
    given = parser.parse_args(argv)
    with start() as mock:
        with running_gateway(_config(mock.base_url)) as gateway:
            refused = _too_large(gateway, int(given.too_large_gigabytes * 1024 * MIB))
        with running_gateway(_config(mock.base_url)) as gateway:
            served = _uploads(gateway, given.uploads, int(given.megabytes * 1_000_000), given.form)
    return 0 if refused and served else 1


if __name__ == "__main__":
    sys.exit(main())
