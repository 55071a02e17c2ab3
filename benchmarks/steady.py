"""Does the reference server answer many mixed requests rightly, each its own, in memory that does not grow?

    python -m benchmarks.steady [--requests 20000] [--connections 64]

Speech whose text is heard again, transcripts of recordings that differ, and refusals, over kept connections. Memory is
compared with what it was after a quarter of the requests. The exit status is 1 for a wrong answer or growth.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from benchmarks.processes import MIB, memory_bytes
from mock_upstreams import HearingOrder, MockProvider, SpeechOrder
from tests.servers import running_gateway

_GROWTH_BYTES = 30 * MIB
_RECORDINGS = 64


class Sender:
    """Sends request number so-and-so and says whether its answer was right."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._provider = MockProvider()
        self._recordings = [self._spoken(f"Recording {number}.") for number in range(_RECORDINGS)]

    def __call__(self, number: int) -> str:
        kinds = (self._speech, self._transcription, self._refusal, self._translation)
        kind = kinds[number % len(kinds)]
        return f"{kind.__name__.strip('_')} {'right' if kind(number) else 'WRONG'}"

    def _spoken(self, text: str) -> bytes:
        return self._provider.synthesize(SpeechOrder("tts-1", text, response_format="wav")).data

    def _speech(self, number: int) -> bool:
        text = f"Request number {number}."
        body = {"model": "tts-1", "input": text, "response_format": "wav"}
        answer = self._client.post("/audio/speech", json=body)
        return self._provider.transcribe(HearingOrder("whisper-1", answer.content)).text == text

    def _transcription(self, number: int) -> bool:
        return self._heard("/audio/transcriptions", number)

    def _translation(self, number: int) -> bool:
        return self._heard("/audio/translations", number)

    def _heard(self, path: str, number: int) -> bool:
        at = number // 4 % _RECORDINGS
        answer = self._client.post(path, data={"model": "whisper-1"}, files={"file": self._recordings[at]})
        return bool(answer.json().get("text") == f"Recording {at}.")

    def _refusal(self, number: int) -> bool:
        model = f"unknown-{number}"
        answer = self._client.post("/audio/speech", json={"model": model, "input": "Hi."})
        return answer.status_code == 400 and model in answer.text


def main(argv: Sequence[str] | None = None) -> int:
    """Sends them all and prints the figures."""
    parser = argparse.ArgumentParser(description="Many mixed requests.")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=64)
    given = parser.parse_args(argv)
    quarter, outcomes, began = given.requests // 4, Counter[str](), time.monotonic()
    with running_gateway() as gateway, ThreadPoolExecutor(given.connections) as pool:
        limits = httpx.Limits(max_connections=given.connections, max_keepalive_connections=given.connections)
        with httpx.Client(base_url=gateway.base_url, headers=gateway.headers, limits=limits, timeout=120) as client:
            send = Sender(client)
            outcomes.update(pool.map(send, range(quarter)))
            early = memory_bytes(gateway.process.pid)
            outcomes.update(pool.map(send, range(quarter, given.requests)))
            late = memory_bytes(gateway.process.pid)
    took = time.monotonic() - began
    print(  # noqa: T201
        f"{given.requests} requests over {given.connections} connections in {took:.0f} s: {dict(outcomes)}; "
        f"memory {early / MIB:.0f} MB after {quarter}, {late / MIB:.0f} MB at the end"
    )
    right = not any(outcome.endswith("WRONG") for outcome in outcomes)
    return 0 if right and late - early < _GROWTH_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
