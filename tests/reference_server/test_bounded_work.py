"""Work in the gateway's own process is bounded: so much at a time, nothing decoded in vain, nothing done for nobody."""

import asyncio
import io
import threading
from typing import Any

import av
import httpx
import numpy as np
import pytest

from mock_upstreams import SynthesizedAudio
from mock_upstreams.provider import NotCached
from reference_server.refusals import Reason
from reference_server.requests import SpeechRequest, TranscriptionRequest, Upload
from reference_server.upstreams import ProviderRefused
from reference_server.upstreams.mock import MockAdapter
from reference_server.upstreams.work_limit import WorkLimit

WAIT_S = 20


def _two_hours() -> bytes:
    """Two hours of silence in about a megabyte: one second of it, over and over."""
    file = io.BytesIO()
    with av.open(file, "w", format="adts") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8192), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue() * 7300


def _upload(data: bytes) -> Upload:
    return Upload(file=io.BytesIO(data), size=len(data), file_name="a.aac", content_type="audio/aac")


class Provider:
    """In place of the mock: does whatever `work` does, and counts. It has nothing at hand."""

    most_seconds = 3600.0

    def __init__(self, work: Any = lambda _: None) -> None:
        self.work = work
        self.running = self.most_running = self.calls = 0
        self._lock = threading.Lock()

    def synthesize(self, _: Any, checkpoint: Any) -> SynthesizedAudio:
        with self._lock:
            self.calls += 1
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        try:
            self.work(checkpoint)
        finally:
            with self._lock:
                self.running -= 1
        return SynthesizedAudio(b"fLaC", "audio/flac", "flac", "")

    def transcribe(self, *_: Any) -> Any:
        raise AssertionError("it was decoded")

    def speech_at_hand(self, _: Any) -> SynthesizedAudio:
        raise NotCached

    @property
    def cached(self) -> Any:
        return NothingAtHand()


class NothingAtHand:
    """A provider that would have to work for anything that it is asked."""

    def transcribe(self, *_: Any) -> Any:
        raise NotCached


def _adapter(provider: Provider) -> MockAdapter:
    adapter = MockAdapter()
    adapter._provider = provider  # type: ignore[assignment]
    return adapter


def test_two_hours_are_refused_before_they_are_decoded(client: httpx.Client) -> None:
    """Its packets say how long a recording is; the client is told that."""
    data = _two_hours()
    adapter = _adapter(Provider())
    with pytest.raises(ProviderRefused) as caught:
        asyncio.run(adapter.transcribe(TranscriptionRequest(model="whisper-1", audio=_upload(data))))
    assert caught.value.reason == Reason.AUDIO_TOO_LONG
    answer = client.post("/audio/transcriptions", data={"model": "whisper-1"}, files={"file": ("a.aac", data)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "audio_too_long")


def test_the_longest_texts_are_synthesized_one_at_a_time() -> None:
    """4,096 characters at a quarter of the pace are a thousand seconds of audio; short ones go side by side."""
    meeting = threading.Barrier(3)
    long, short = Provider(), Provider(lambda _: meeting.wait(WAIT_S))

    async def run(provider: Provider, request: SpeechRequest, count: int) -> None:
        adapter = _adapter(provider)
        await asyncio.gather(*(adapter.synthesize(request) for _ in range(count)))

    asyncio.run(run(long, SpeechRequest(model="tts-1", input="a" * 4096, speed=0.25), 6))
    assert (long.calls, long.most_running) == (6, 1)
    asyncio.run(run(short, SpeechRequest(model="tts-1", input="a"), 3))
    assert short.most_running == 3


def test_work_stops_when_nobody_waits_for_it() -> None:
    """A cancelled call raises at the work's next checkpoint; the thread is free again."""
    began, ended = threading.Event(), threading.Event()

    def endless(checkpoint: Any) -> None:
        began.set()
        try:
            while True:
                checkpoint()
        finally:
            ended.set()

    async def run() -> None:
        call = asyncio.create_task(_adapter(Provider(endless)).synthesize(SpeechRequest(model="tts-1", input="a")))
        await asyncio.to_thread(began.wait, WAIT_S)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        assert await asyncio.to_thread(ended.wait, WAIT_S)

    asyncio.run(run())


def test_the_limit_is_kept_in_order_and_freed_by_cancelling() -> None:
    """What waits first goes first, a cancelled waiter takes no room, and what is over the capacity goes alone."""
    done: list[str] = []

    async def work(limit: WorkLimit, name: str, cost: float, go: asyncio.Event) -> None:
        async with limit.taking(cost):
            done.append(name)
            await go.wait()

    async def run() -> None:
        limit, go = WorkLimit(10), asyncio.Event()
        costs = {"a": 6.0, "b": 6.0, "c": 1.0, "huge": 50.0, "d": 1.0}
        tasks = {name: asyncio.create_task(work(limit, name, cost, go)) for name, cost in costs.items()}
        await asyncio.sleep(0)
        assert done == ["a"]  # c would fit, but b was there before
        tasks["b"].cancel()
        await asyncio.gather(tasks["b"], return_exceptions=True)
        tasks["a"].cancel()
        await asyncio.gather(tasks["a"], return_exceptions=True)
        await asyncio.sleep(0)
        assert done == ["a", "c"]
        go.set()
        await asyncio.gather(*(tasks[name] for name in ("c", "huge", "d")))
        assert done == ["a", "c", "huge", "d"]

    asyncio.run(run())
