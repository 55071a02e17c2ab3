"""Recordings as reports show them: how loud they are from begin to end, and in a form that a browser may play."""

from __future__ import annotations

import base64
import hashlib
import io

import av
import numpy as np

from conformance.audio.pcm import ASSUMED_RATE
from conformance.audio.writing import wav_file
from conformance.reports.findings import AudioReport

_BARS = 96
_MOST_PLAYED = 96 * 1024
_MOST_DECODED = 4 * 1024 * 1024
_MOST_SECONDS = 120
_PCM_TYPES = ("audio/pcm", "audio/l16", "audio/raw", "application/octet-stream")


def recording(data: bytes, media_type: str) -> AudioReport:
    """The received bytes as a report keeps them. Bare samples get a wav header, so that they can be played."""
    bare = media_type.startswith(_PCM_TYPES) and not data.startswith((b"RIFF", b"OggS", b"fLaC", b"ID3"))
    playable = wav_file(data, rate=ASSUMED_RATE, bits=16) if bare else data
    return AudioReport(
        hashlib.sha256(data).hexdigest(),
        "audio/wav" if bare else media_type,
        len(data),
        base64.b64encode(playable).decode("ascii") if len(data) <= _MOST_PLAYED else "",
        peaks(playable) if len(data) <= _MOST_DECODED else (),
    )


def peaks(data: bytes) -> tuple[int, ...]:
    """The loudest sample of each of equal stretches, in hundredths of full scale; none where nothing can be decoded."""
    try:
        samples = np.concatenate(_decoded(data))
    except (av.FFmpegError, ValueError, OSError, IndexError):
        return ()
    if not samples.size:
        return ()
    parts = np.array_split(samples, min(_BARS, samples.size))
    return tuple(int(min(100, round(100 * float(np.max(np.abs(part)))))) for part in parts)


def _decoded(data: bytes) -> list[np.ndarray]:
    """Blocks of samples between -1 and 1, as far as a decoder gets; raises ValueError where it gets nowhere."""
    blocks: list[np.ndarray] = []
    resampler = av.AudioResampler(format="flt", layout="mono", rate=8000)
    with av.open(io.BytesIO(data), mode="r") as container:
        try:
            for frame in container.decode(audio=0):
                blocks += [part.to_ndarray().reshape(-1) for part in resampler.resample(frame)]
                if sum(block.size for block in blocks) > _MOST_SECONDS * 8000:
                    break
        except av.FFmpegError:
            if not blocks:
                raise
    return blocks
