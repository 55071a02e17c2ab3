"""The plain kind of wav, with and without FFmpeg: the same samples; and what is left to FFmpeg."""

import io
import struct

import av
import numpy as np
import pytest

from mock_upstreams.codecs import SPEECH_RATE, decode
from mock_upstreams.codecs.wav import read_wav, wav_header
from tests.mock_upstreams.counting import grows_linearly

SAMPLES = np.random.default_rng(2).integers(-20_000, 20_000, 6000).astype(np.int16)
DATA = SAMPLES.tobytes()


def wav(data=DATA, size=None, before=b"", *, channels=1, rate=SPEECH_RATE, kind=1, bits=16):
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * block, block, bits)
    head = b"RIFF\xff\xff\xff\xffWAVE" + before + b"fmt " + struct.pack("<I", len(form)) + form
    return head + b"data" + struct.pack("<I", len(data) if size is None else size) + data


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000])
def test_it_hears_what_ffmpeg_hears(channels, rate):
    """The same samples at 16 kHz, whatever the rate, in one channel or two."""
    file = wav(channels=channels, rate=rate)
    ours = decode(file, 16_000)
    resampler = av.AudioResampler("s16", "mono", 16_000)
    with av.open(io.BytesIO(file)) as container:
        frames = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
    theirs = np.concatenate([piece.to_ndarray()[0] for piece in (*frames, *resampler.resample(None))])
    assert len(ours) == len(theirs)
    assert np.abs(ours.astype(int) - theirs).max() <= 1


READ = {
    "a list before the format": wav(before=b"LIST\x04\x00\x00\x00INFO"),
    "a chunk of odd length": wav(before=b"junk\x03\x00\x00\x00abc\x00"),
    "a size that nobody knew": wav(size=0xFFFFFFFF),
    "cut off inside a sample": wav(size=12_000, data=DATA[:-1]),
    "more after the samples": wav(data=DATA + b"LIST\x04\x00\x00\x00INFO", size=12_000),
}


@pytest.mark.parametrize("kind", READ)
def test_the_samples_of_unusual_files(kind):
    """They are read as far as they go."""
    found = read_wav(READ[kind])
    assert (found.rate, found.samples.shape[1]) == (SPEECH_RATE, 1)
    assert np.array_equal(found.samples[:, 0], SAMPLES[: len(found.samples)])
    assert len(found.samples) >= 5999


OTHERS = {
    "mu-law": wav(kind=7, bits=8),
    "24 bits": wav(bits=24),
    "extensible": wav(kind=0xFFFE),
    "six channels": wav(channels=6),
    "no format": b"RIFF\xff\xff\xff\xffWAVEdata\x04\x00\x00\x00abcd",
    "no samples": wav(data=b"")[:-8],
    "another file": b"RIFX" + wav()[4:],
    "nothing": b"",
    "a block that lies": wav()[:32] + b"\x09\x00" + wav()[34:],
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_left_to_ffmpeg(kind):
    """Anything that is not plain."""
    assert read_wav(OTHERS[kind]) is None


def test_our_own_files_are_plain():
    """The header that is written is the header that is read."""
    found = read_wav(wav_header(SAMPLES.nbytes, SPEECH_RATE) + DATA)
    assert np.array_equal(found.samples[:, 0], SAMPLES)


def test_a_file_of_empty_chunks_costs_no_more_the_longer_it_is():
    """The reader gives up early."""
    assert grows_linearly(lambda size: read_wav(b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * size), 100)
