"""Long silences in MP3, which pass the encoder only at their beginning: nothing of the sound is another for it."""

import io

import av
import lameenc
import numpy as np
import pytest

from mock_upstreams.codecs import SPEECH_RATE, decode, encode_pieces, encode_stream

BEEP = (8000 * np.sin(np.arange(SPEECH_RATE // 2) * 2 * np.pi * 1000 / SPEECH_RATE)).astype(np.int16)


def silence(seconds):
    return np.zeros(round(seconds * SPEECH_RATE), np.int16)


SOUNDS = {
    "silence in the middle": [BEEP, silence(3), BEEP],
    "silence at both ends": [silence(1.3), BEEP, silence(2.71)],
    "silence in many pieces": [BEEP, *[silence(0.01)] * 200, BEEP, *[silence(0.5)] * 3],
    "short pauses": [BEEP, silence(0.05), BEEP, silence(0.1), BEEP],
    "nothing but silence": [silence(2)],
    "no piece is a whole frame": [silence(0.7001), BEEP[:-7], silence(1.2345), BEEP[3:]],
}


def loud(samples):
    """Whether each hundredth of a second holds sound."""
    whole = samples[: len(samples) // 240 * 240].reshape(-1, 240)
    return np.abs(whole).max(axis=1) > 400


@pytest.mark.parametrize("sound", SOUNDS)
def test_it_sounds_at_the_same_times_for_as_long(sound):
    """As before it was encoded, to a hundredth of a second, and the header tells the same length."""
    samples = np.concatenate(SOUNDS[sound])
    file = encode_pieces(SOUNDS[sound], "mp3")
    heard = decode(file, SPEECH_RATE)
    assert len(heard) == len(samples)
    assert np.count_nonzero(loud(samples) != loud(heard)) <= 8  # where sound begins and ends, it smears a little
    with av.open(io.BytesIO(file)) as container:
        assert container.duration / av.time_base == pytest.approx(len(samples) / SPEECH_RATE, abs=0.1)


@pytest.mark.parametrize("sound", SOUNDS)
def test_a_stream_of_it_sounds_the_same(sound):
    """But later by what an encoder puts before it: no header tells players to leave that out."""
    file = decode(encode_pieces(SOUNDS[sound], "mp3"), SPEECH_RATE)
    heard = decode(b"".join(encode_stream(SOUNDS[sound], "mp3")), SPEECH_RATE)
    delay = 1105
    assert delay <= len(heard) - len(file) < 2 * delay
    assert np.count_nonzero(loud(heard[delay:][: len(file)]) != loud(file)) <= 2


def test_the_encoder_is_spared_most_of_a_silence(monkeypatch):
    """A minute of it is hardly encoded."""
    given = []
    real = lameenc.Encoder

    class Counting:
        def __init__(self):
            self.encoder = real()

        def __getattr__(self, name):
            return getattr(self.encoder, name)

        def encode(self, data):
            given.append(len(data) // 2)
            return self.encoder.encode(data)

    monkeypatch.setattr(lameenc, "Encoder", Counting)
    encode_pieces([BEEP, *[silence(1)] * 60, BEEP], "mp3")
    assert 2 * len(BEEP) < sum(given) < 3 * SPEECH_RATE


@pytest.mark.parametrize("pieces", [[], [silence(0)]])
def test_no_sound_is_no_file(pieces):
    assert encode_pieces(pieces, "mp3") == b"".join(encode_stream(pieces, "mp3")) == b""
