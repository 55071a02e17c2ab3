"""What does a request cost the mock, the first time and again?

    python -m benchmarks.mock_cost [--requests 200]

CPU milliseconds of the mock's process per request, on one kept connection: for speech in each of three formats and for
the transcription of mp3 and wav, "cold" with another text or upload each time, "warm" with the same one again and again.
The client is not counted. Prints one line a case, and the peak memory.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import httpx

from benchmarks.rig.cpu import cpu_ms
from benchmarks.rig.memory import memory_of
from benchmarks.rig.provider import running_provider

_TEXT = "The quick brown fox jumped over the lazy dog"


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of request: how the one of a number is sent. Equal numbers make equal requests."""

    name: str
    send: Callable[[int], httpx.Response]


def measure(pid: int, case: Case, numbers: list[int]) -> tuple[float, float]:
    """CPU and wall milliseconds per request."""
    cpu, wall = cpu_ms(pid), time.perf_counter()
    for number in numbers:
        response = case.send(number)
        assert response.status_code == 200, response.text
    return (cpu_ms(pid) - cpu) / len(numbers), 1000 * (time.perf_counter() - wall) / len(numbers)


def cases(client: httpx.Client, requests: int) -> Iterator[Case]:
    """All that is measured, for numbers up to `requests`. The mock makes the uploads, before it is measured."""

    def speech(audio_format: str, number: int) -> httpx.Response:
        body = {"model": "tts-1", "voice": "alloy", "input": f"{_TEXT} {number}", "response_format": audio_format}
        return client.post("/v1/audio/speech", json=body)

    def transcription(name: str, upload: bytes) -> httpx.Response:
        return client.post("/v1/audio/transcriptions", data={"model": "whisper-1"}, files={"file": (name, upload)})

    for kind in ("mp3", "wav", "opus"):
        yield Case(f"speech {kind}", partial(speech, kind))
    for kind in ("mp3", "wav"):
        uploads = [speech(kind, number).content for number in range(requests + 1)]
        yield Case(
            f"transcription {kind}", lambda number, kind=kind, made=uploads: transcription(f"a.{kind}", made[number])
        )


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=200, help="of each case, cold and warm (default: 200)")
    requests = parser.parse_args().requests
    headers = {"authorization": "Bearer any"}
    with (
        running_provider() as provider,
        httpx.Client(base_url=provider.origin, headers=headers, timeout=60, trust_env=False) as client,
    ):
        pid = provider.process.pid
        print(f"{'':<20}{'cold CPU ms':>14}{'warm CPU ms':>14}{'cold ms':>10}{'warm ms':>10}")  # noqa: T201
        for case in cases(client, requests):
            cold = measure(pid, case, list(range(1, requests + 1)))
            measure(pid, case, [0])
            warm = measure(pid, case, [0] * requests)
            print(f"{case.name:<20}{cold[0]:>14.2f}{warm[0]:>14.2f}{cold[1]:>10.2f}{warm[1]:>10.2f}")  # noqa: T201  # noqa: T201
        print(f"peak memory {memory_of(pid).peak / 2**20:.0f} MiB")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
