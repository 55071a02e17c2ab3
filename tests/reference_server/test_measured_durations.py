"""How long a recording is, is measured once for a small one, and each time for a large one."""

import asyncio
import io

import pytest

from mock_upstreams.codecs import wav
from reference_server.audio import duration
from reference_server.audio.duration import MeasuredDurations
from reference_server.requests import Upload


def recording(seconds: int) -> Upload:
    data = wav.wav_header(2 * 8000 * seconds, 8000) + bytes(2 * 8000 * seconds)
    return Upload(file=io.BytesIO(data), size=len(data), file_name="a.wav", content_type="audio/wav")


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was measured, in the order in which it was."""
    found: list[float] = []
    real = duration.audio_seconds

    async def noting(upload: Upload) -> float:
        found.append(await real(upload))
        return found[-1]

    monkeypatch.setattr(duration, "audio_seconds", noting)
    return found


def of_all(durations: MeasuredDurations, *uploads: Upload) -> list[float]:
    async def ask() -> list[float]:
        return [await durations.of(upload) for upload in uploads]

    return asyncio.run(ask())


def test_the_same_recording_is_measured_once(measured: list[float]) -> None:
    """Equal bytes, whatever object holds them."""
    assert of_all(MeasuredDurations(), recording(1), recording(2), recording(1)) == pytest.approx([1.0, 2.0, 1.0])
    assert measured == pytest.approx([1.0, 2.0])


def test_only_the_latest_are_remembered(measured: list[float]) -> None:
    of_all(MeasuredDurations(most_kept=1), recording(1), recording(2), recording(1))

    assert measured == pytest.approx(pytest.approx([1.0, 2.0, 1.0]))


def test_a_large_recording_is_not_hashed(measured: list[float]) -> None:
    of_all(MeasuredDurations(most_bytes=1000), recording(1), recording(1))

    assert measured == pytest.approx([1.0, 1.0])
