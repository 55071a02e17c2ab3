"""Recordings that do not tell their length are whole all the same, and each case has its own."""

from __future__ import annotations

import io

import av
import pytest

from conformance.samples.odd_recordings import ODD_RECORDINGS


@pytest.mark.parametrize("kind", ODD_RECORDINGS)
def test_it_lasts_two_seconds_by_its_packets(kind: str) -> None:
    """What its head says is another matter."""
    upload = ODD_RECORDINGS[kind]("one")
    with av.open(io.BytesIO(upload.data)) as container:
        seconds = sum(float(p.duration * p.time_base) for p in container.demux(audio=0) if p.duration and p.time_base)
    assert seconds == pytest.approx(2.0, abs=0.2)
    assert ODD_RECORDINGS[kind]("two").data != upload.data


def test_a_wav_claims_hours() -> None:
    """Both of its sizes are placeholders."""
    data = ODD_RECORDINGS["wav"]("one").data
    assert (data[4:8], data[40:44]) == (b"\xff" * 4, b"\xff" * 4)
