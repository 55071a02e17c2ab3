"""What the mock takes of the machine: memory for the largest speech, time for a recording that is too long."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest

from mock_upstreams import MockProvider, ProviderRefusal, SpeechRequest, TranscriptionRequest
from mock_upstreams.abandonment import Abandonment
from mock_upstreams.codecs import SPEECH_RATE, encode, encode_pieces, encode_stream
from mock_upstreams.endpoints.responder import ProviderResponder
from mock_upstreams.errors import Abandoned
from mock_upstreams.faces import Policy
from mock_upstreams.models import KnownModels
from tests.mock_upstreams.http.running import bench, raw_speech
from tests.mock_upstreams.http.test_cli import command

pytestmark = pytest.mark.slow

LONGEST = ("The quick brown fox jumped over the lazy dog. " * 100)[:4096]
TWO_HOURS_S = 7200


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
def test_six_of_the_largest_speeches_at_once():
    """4,096 characters at a quarter of the speed as wav, six at once: 52 MB each, and less than 500 MB in all."""
    order = {"model": "tts-1", "input": LONGEST, "voice": "alloy", "response_format": "wav", "speed": 0.25}

    def size(url):
        with httpx.stream(
            "POST", f"{url}/v1/audio/speech", json=order, headers=KEY, timeout=60, trust_env=False
        ) as one:
            return sum(map(len, one.iter_raw(2**16)))

    with command("--port", "0") as (process, lines), ThreadPoolExecutor(6) as pool:
        sizes = set(pool.map(size, [lines[0].split()[-1]] * 6))
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
    assert len(sizes) == 1
    assert sizes.pop() > 50_000_000
    assert int(peak[1]) < 500_000


KEY = {"authorization": "Bearer any"}


class Counting:
    """A checkpoint that counts how often it is passed, and abandons the work at the `last`."""

    def __init__(self, last=None):
        self.passed = 0
        self._last = last

    def __call__(self):
        self.passed += 1
        if self.passed == self._last:
            raise Abandoned("enough")


@pytest.fixture(scope="module")
def two_hours():
    """Silence, in files of each kind that declares how long it lasts."""
    second = np.zeros(SPEECH_RATE, np.int16)
    return {name: encode_pieces([second] * TWO_HOURS_S, name) for name in ("wav", "flac")}


@pytest.mark.parametrize("name", ["wav", "flac"])
def test_a_recording_that_declares_two_hours_is_not_even_decoded(two_hours, name):
    """Refused as too long before the first sample is decoded."""
    steps = Counting()
    with pytest.raises(ProviderRefusal, match="longer") as refused:
        MockProvider().transcribe(TranscriptionRequest("whisper-1", two_hours[name]), steps)
    assert refused.value.code == "audio_too_long"
    assert steps.passed == 0


def test_a_wav_that_was_streamed_declares_nothing():
    """Its header says 2^32 bytes, whatever follows: it is heard all the same."""
    streamed = b"".join(encode_stream([np.zeros(SPEECH_RATE, np.int16)], "wav"))
    assert MockProvider().transcribe(TranscriptionRequest("whisper-1", streamed)).duration == pytest.approx(1, abs=0.01)


def test_a_recording_that_declares_nothing_is_decoded_up_to_the_limit():
    """Only so far as the limit goes, and no further."""
    minute = [np.zeros(SPEECH_RATE, np.int16)] * 60
    streamed, steps = b"".join(encode_stream(minute, "aac")), Counting()
    with pytest.raises(ProviderRefusal, match="longer"):
        MockProvider(most_seconds=6).transcribe(TranscriptionRequest("whisper-1", streamed), steps)
    assert steps.passed < 6 * 24_000 / 1024 + 10


def test_abandoned_synthesis_and_transcription_stop():
    """At the next checkpoint, wherever they are."""
    provider, gone = MockProvider(), Abandonment()
    gone.abandon()
    audio = encode(np.zeros(SPEECH_RATE, np.int16), "mp3")
    with pytest.raises(Abandoned):
        provider.synthesize(SpeechRequest("tts-1", LONGEST), gone.checkpoint)
    with pytest.raises(Abandoned):
        provider.transcribe(TranscriptionRequest("whisper-1", audio), gone.checkpoint)
    with pytest.raises(Abandoned):
        provider.transcribe(TranscriptionRequest("whisper-1", audio), Counting(last=2))


class Endless(MockProvider):
    """Works for as long as it is not abandoned."""

    begun, stopped = threading.Event(), threading.Event()

    def synthesize(self, request, checkpoint):
        self.begun.set()
        try:
            while True:
                checkpoint()
                time.sleep(0.001)
        finally:
            self.stopped.set()


def test_a_client_that_goes_stops_the_work():
    """The thread is free again for the next request."""
    provider = Endless()
    with bench(responder=ProviderResponder(provider, Policy(KnownModels()), threads=1)) as mock:
        with raw_speech(mock):
            assert provider.begun.wait(10)
        assert provider.stopped.wait(10)
