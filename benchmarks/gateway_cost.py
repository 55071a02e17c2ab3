"""What does a request cost the reference server, beside a bare handler that does nothing?

    python -m benchmarks.gateway_cost [--requests 400] [--rounds 5] [--connections 32]

CPU milliseconds per request of the server's process tree, medians over the rounds with their lowest and highest. The same
small speech call and a 60 kB upload go in turn to a bare Litestar handler on Granian, to the reference server before the
mock in its own process ("warm": the same request again and again; "cold": another text each time), and to the reference
server before that bare handler over HTTP ("forwarding"). The client is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks.rig.cpu import cpu_ms
from benchmarks.rig.memory import memory_of
from benchmarks.rig.stub import running_stub
from benchmarks.rig.wire import Address, Connection, request
from tests.servers import running_gateway

_TEXT = "The quick brown fox jumped over the lazy dog"
_BOUNDARY = "benchmark-boundary"

Make = Callable[[int], bytes]


@dataclass(slots=True)
class Case:
    """One kind of request to one server; `make` gives the bytes of the request of a number."""

    name: str
    origin: str
    pid: int
    make: Make
    costs: list[float] = field(default_factory=list)

    def line(self) -> str:
        """The figures."""
        spread = f"{min(self.costs):.2f} to {max(self.costs):.2f}"
        return f"{self.name:<40}{statistics.median(self.costs):>8.2f}   {spread}"


def speech(path: str, token: str, audio_format: str, text: str) -> bytes:
    """A speech request."""
    body = json.dumps({"model": "tts-1", "input": text, "voice": "alloy", "response_format": audio_format}).encode()
    return request(path, token=token, body=body)


def transcription(path: str, token: str, upload: bytes) -> bytes:
    """A transcription request, as a form."""
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--{_BOUNDARY}\r\n'
    disposition = 'Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n'
    body = (head + disposition).encode() + upload + f"\r\n--{_BOUNDARY}--\r\n".encode()
    return request(path, token=token, body=body, content_type=f"multipart/form-data; boundary={_BOUNDARY}")


async def drive(case: Case, numbers: list[int], connections: int) -> None:
    """Sends the requests of the numbers over kept connections, and wants a 200 for each."""
    queue = iter(numbers)

    async def client() -> None:
        async with await Connection.open(Address.of(case.origin)) as connection:
            for number in queue:
                answer = await connection.ask(case.make(number))
                assert answer.status == 200, answer.body[:300]

    await asyncio.gather(*(client() for _ in range(min(connections, len(numbers)))))


def measure(case: Case, numbers: list[int], connections: int) -> None:
    """One round of a case."""
    before = cpu_ms(case.pid)
    asyncio.run(drive(case, numbers, connections))
    case.costs.append((cpu_ms(case.pid) - before) / len(numbers))


def cases(stack: ExitStack) -> Iterator[Case]:
    """All that is measured."""
    stub, stub_pid = stack.enter_context(running_stub())
    local = stack.enter_context(running_gateway())
    forwarding = stack.enter_context(running_gateway(_before(stub)))
    upload = _wav(60_000)
    yield Case("bare speech", stub, stub_pid, lambda _: speech("/v1/audio/speech", "any", "pcm", _TEXT))
    bare = "/v1/audio/transcriptions"
    yield Case("bare transcription", stub, stub_pid, lambda _: transcription(bare, "any", upload))
    for name, gateway in (("in-process mock", local), ("forwarding", forwarding)):
        path, pid = "/api/client/v1/audio", gateway.process.pid

        def call(audio_format: str, *, cold: bool = False, path: str = path, token: str = gateway.token) -> Make:
            return lambda number: speech(f"{path}/speech", token, audio_format, f"{_TEXT} {number if cold else ''}")

        yield Case(f"{name}, speech mp3", gateway.origin, pid, call("mp3"))
        if gateway is local:
            for each in ("mp3", "wav"):
                yield Case(f"{name}, speech {each}, cold", gateway.origin, pid, call(each, cold=True))
        heard = transcription(f"{path}/transcriptions", gateway.token, upload)
        yield Case(f"{name}, transcription", gateway.origin, pid, lambda _, heard=heard: heard)


def _before(stub: str) -> dict[str, object]:
    return {
        "providers": {"cloud": {"kind": "openai", "base_url": f"{stub}/v1", "api_key": "sk-benchmark"}},
        "models": {
            "tts-1": {"capability": "speech", "provider": "cloud", "upstream_model": "tts-1"},
            "whisper-1": {"capability": "transcription", "provider": "cloud", "upstream_model": "whisper-1"},
        },
        "tokens": [{"name": "load", "token": "cpeer_benchmark_load"}],
    }


def _wav(size: int) -> bytes:
    """Silence of so many bytes, 24 kHz and 16 bit."""
    head = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    middle = (1).to_bytes(2, "little") * 2 + (24_000).to_bytes(4, "little") + (48_000).to_bytes(4, "little")
    return head + middle + b"\x02\0\x10\0data" + size.to_bytes(4, "little") + bytes(size)


def main() -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=400, help="of each case in each round (default: 400)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved repetitions (default: 5)")
    parser.add_argument("--connections", type=int, default=32, help="at once (default: 32)")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        found = list(cases(stack))
        for case in found:
            asyncio.run(drive(case, [-1] * 4, 1))
        for turn in range(arguments.rounds):
            for case in found:
                first = turn * arguments.requests
                measure(case, list(range(first, first + arguments.requests)), arguments.connections)
        print(f"{'CPU ms per request':<40}{'median':>8}   lowest to highest")  # noqa: T201
        for case in found:
            print(case.line())  # noqa: T201
        for pid in dict.fromkeys(case.pid for case in found):
            print(f"peak memory {memory_of(pid).peak / 2**20:.0f} MiB")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
