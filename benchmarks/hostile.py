"""Throws broken requests at the reference server over raw sockets and watches that nothing breaks but they.

    python -m benchmarks.hostile [--requests 50000] [--seed 1] [--connections 16]

Each request is a good one with some of its bytes changed: flipped, cut, doubled, swapped, replaced by words that parsers
stumble over. An answer 5xx, a crash, silence or growing memory is a fault; equal seeds send equal requests. The exit status
is 1 when there was a fault.
"""

from __future__ import annotations

import argparse
import base64
import random
import re
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from benchmarks.processes import MIB, family, memory_bytes
from mock_upstreams import MockProvider, SpeechOrder
from tests.servers import RunningGateway, running_gateway

# Longer than the server waits for a body: silence beyond it is the server's fault.
_PATIENCE_S = 20.0
_READ_TIMEOUT_S = 0.25
_GROWTH_BYTES = 80 * MIB
_PER_CONNECTION = 500
_WORDS = (
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xc3\x28",
        b"\r\n",
        b"\r\n\r\n",
        b"--b",
        b"--b--",
        b'"',
        b"=",
        b";",
        b"%00",
        b"[" * 2000,
        b"{}",
    ),
    *(b"NaN", b"1e999", b"-1", b"null", b"\\ud800", b"\\u0000", b"../../etc/passwd", b"filename*=UTF-8''%ff"),
    *(b"multipart/form-data", b"application/json", b"chunked", b"Transfer-Encoding: chunked\r\n"),
    *(b"Content-Length: 0\r\n", b"Expect: 100-continue\r\n"),
)
CONFIG: dict[str, object] = {
    "providers": {"mock": {"kind": "mock"}},
    "models": {
        "tts-1": {"capability": "speech", "provider": "mock"},
        "whisper-1": {"capability": "transcription", "provider": "mock"},
    },
    "tokens": [{"name": "bench", "token": "cpeer_benchmark"}],
    "read_timeout_s": _READ_TIMEOUT_S,
    "max_upload_mb": 1,
    "log_level": "error",
}


@dataclass
class Findings:
    """What came back: how often each status (0: the connection was closed), and the requests that did harm."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[tuple[str, bytes]] = field(default_factory=list)


def good_requests(token: str) -> list[bytes]:
    """One of each operation and form, with a short recording in it."""
    audio = MockProvider().synthesize(SpeechOrder("tts-1", "Hi.", response_format="opus")).data
    say = b'{"model": "tts-1", "input": "Hi.", "voice": "alloy", "response_format": "pcm", "speed": 4, "instructions": "x"}'
    hear = b'{"audio": {"data": "%s", "fileName": "a.ogg", "contentType": "audio/ogg"}, "model": "whisper-1"}'
    pairs = (
        (b"model", b"whisper-1"),
        (b"prompt", b"p"),
        (b"temperature", b"0.5"),
        (b"timestamp_granularities[]", b"word"),
    )
    form = b"".join(b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair for pair in pairs)
    disposition = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.ogg"\r\n'
    file = disposition + b"Content-Type: audio/ogg\r\n\r\n%s\r\n--b--\r\n"
    bodies = [
        ("speech", "application/json", say),
        ("transcriptions", "application/json", hear % base64.b64encode(audio)),
        ("transcriptions", "multipart/form-data; boundary=b", form + file % audio),
        ("translations", "multipart/form-data; boundary=b", form + file % audio),
    ]
    return [_request(token, operation, kind, body) for operation, kind, body in bodies]


def _request(token: str, operation: str, kind: str, body: bytes) -> bytes:
    head = (
        f"POST /api/client/v1/audio/{operation} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def spoiled(good: bytes, chance: random.Random) -> bytes:
    """`good` with one to four changes; half of the time the declared length is mended to fit the body."""
    head, _, body = good.partition(b"\r\n\r\n")
    for _ in range(chance.randint(1, 4)):
        change = chance.choice(_CHANGES)
        if chance.random() < 0.25:
            head = change(head, chance)
        else:
            body = change(body, chance)
    if chance.random() < 0.5:
        head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head)
    return head + b"\r\n\r\n" + body


def _flip(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) or 1)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    first, last = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:first] + data[last:]


def _double(data: bytes, chance: random.Random) -> bytes:
    first, last = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:last] + data[first:]


def _insert(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(_WORDS) + data[at:]


def _swap(data: bytes, chance: random.Random) -> bytes:
    first, middle, last = sorted(chance.randrange(len(data) + 1) for _ in range(3))
    return data[:first] + data[middle:last] + data[first:middle] + data[last:]


_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_flip, _cut, _double, _insert, _insert, _swap)


def throw(gateway: RunningGateway, requests: int, seed: str) -> Findings:
    """Sends so many spoiled requests, each on its own connection, and judges what comes back."""
    chance, findings = random.Random(seed), Findings()  # noqa: S311 - must be repeatable, not secret
    goods = good_requests(gateway.token)
    for _ in range(requests):
        request = spoiled(chance.choice(goods), chance)
        status = _status(gateway, request)
        findings.statuses[status] += 1
        if status < 0 or status >= 500:
            findings.faults.append(("silence" if status < 0 else str(status), request))
    return findings


def _status(gateway: RunningGateway, request: bytes) -> int:
    """The first answer's status; 0 when the connection was closed without one, -1 when nothing came in time."""
    host, port = gateway.origin.removeprefix("http://").split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=_PATIENCE_S) as connection:
            connection.sendall(request)
            start = connection.recv(64)
    except TimeoutError:
        return -1
    except OSError:
        return 0
    return int(start[9:12]) if start.startswith(b"HTTP/1.1 ") else 0


def _parts(total: int, seed: int) -> Iterator[tuple[int, str]]:
    for number in range(-(-total // _PER_CONNECTION)):
        yield min(_PER_CONNECTION, total - number * _PER_CONNECTION), f"{seed}-{number}"


def main(argv: Sequence[str] | None = None) -> int:
    """Throws them all and prints what came back."""
    parser = argparse.ArgumentParser(description="Broken requests over raw sockets.")
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    total, began = Findings(), time.monotonic()
    with running_gateway(CONFIG) as gateway, ThreadPoolExecutor(given.connections) as pool:
        throw(gateway, 500, "warm-up")
        processes, before = family(gateway.process.pid), memory_bytes(gateway.process.pid)
        for findings in pool.map(lambda part: throw(gateway, *part), _parts(given.requests, given.seed)):
            total.statuses += findings.statuses
            total.faults += findings.faults
        grown = memory_bytes(gateway.process.pid) - before
        alive = family(gateway.process.pid) == processes and httpx.get(f"{gateway.origin}/readyz").status_code == 200
    took = time.monotonic() - began
    counts = {status: total.statuses[status] for status in sorted(total.statuses)}
    print(f"seed {given.seed}: {given.requests} requests in {took:.0f} s: {counts}; memory {grown / MIB:+.0f} MB")  # noqa: T201
    for kind, request in total.faults[:5]:
        print(f"{kind}: {request[:2000]!r}")  # noqa: T201
    return 0 if alive and not total.faults and grown < _GROWTH_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
