"""Real audio files made at test time: speech-like sound through FFmpeg's own encoders and muxers, in many settings."""

import functools
import io
from dataclasses import dataclass, field

import av
import numpy as np

BITEXACT_FORMAT, BITEXACT_CODEC = 0x400, 0x800000


@dataclass(frozen=True)
class Recipe:
    """How to encode: `container` and `codec` are FFmpeg's names, options go to the muxer and the encoder."""

    container: str
    codec: str
    rate: int = 24000
    layout: str = "mono"
    sample_format: str = "s16"
    bit_rate: int | None = None
    muxer: tuple[tuple[str, str], ...] = ()
    encoder: tuple[tuple[str, str], ...] = ()
    seekable: bool = True
    metadata: tuple[tuple[str, str], ...] = field(default=())


class _Pipe(io.BytesIO):
    """A sink that cannot seek, as a streaming server's is."""

    def seekable(self):
        return False

    def seek(self, *args):
        raise io.UnsupportedOperation("seek")


def sound(seconds=1.0, rate=24000, loudness=0.5):
    """Vowel-like harmonics under a syllable envelope, with pauses: float samples in -1..1."""
    time = np.arange(int(seconds * rate)) / rate
    pitch = 2 * np.pi * np.cumsum(120 + 25 * np.sin(2 * np.pi * 1.3 * time)) / rate
    voice = sum(np.sin(k * pitch) / k for k in range(1, 16) if 140 * k < rate / 2)
    hiss = np.random.default_rng(7).standard_normal(time.size)
    envelope = np.clip(np.sin(2 * np.pi * 3.1 * time), 0, 1)
    return loudness * envelope * (0.45 * voice + 0.05 * hiss)


def pcm(seconds=1.0, rate=24000, loudness=0.5):
    """The same sound as headerless 16-bit little-endian."""
    return (sound(seconds, rate, loudness) * 32000).astype("<i2").tobytes()


def silence(recipe):
    """One second of digital silence in the given recipe."""
    return encode(recipe, loudness=0.0)


@functools.cache
def encode(recipe, seconds=1.0, loudness=0.5):
    """Bytes of `seconds` of sound in the given recipe."""
    samples = (sound(seconds, recipe.rate, loudness) * 32000).astype(np.int16)
    channels = 2 if recipe.layout == "stereo" else 1
    sink = io.BytesIO() if recipe.seekable else _Pipe()
    with av.open(sink, "w", format=recipe.container, container_options=dict(recipe.muxer)) as out:
        out.flags |= BITEXACT_FORMAT
        out.metadata.update(dict(recipe.metadata))
        stream = out.add_stream(recipe.codec, rate=recipe.rate, options=dict(recipe.encoder))
        stream.codec_context.flags |= BITEXACT_CODEC
        stream.codec_context.layout = recipe.layout
        stream.codec_context.format = recipe.sample_format
        if recipe.bit_rate:
            stream.codec_context.bit_rate = recipe.bit_rate
        frame = av.AudioFrame.from_ndarray(np.repeat(samples, channels)[None, :], format="s16", layout=recipe.layout)
        frame.sample_rate = recipe.rate
        resampler = av.AudioResampler(
            format=recipe.sample_format,
            layout=recipe.layout,
            rate=recipe.rate,
            frame_size=stream.codec_context.frame_size,
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return sink.getvalue()


def _recipe(container, codec, **settings):
    settings = {name: tuple(value.items()) if isinstance(value, dict) else value for name, value in settings.items()}
    return Recipe(container, codec, **settings)


PLAIN = {
    "mp3": _recipe("mp3", "libmp3lame", sample_format="s16p", bit_rate=64000),
    "opus": _recipe("ogg", "libopus", rate=48000, bit_rate=32000),
    "aac": _recipe("adts", "aac", sample_format="fltp", bit_rate=48000),
    "flac": _recipe("flac", "flac"),
    "wav": _recipe("wav", "pcm_s16le"),
}


def _mp3_recipes():
    mp3 = functools.partial(_recipe, "mp3", "libmp3lame", sample_format="s16p")
    for rate in (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000):
        yield f"{rate} Hz", mp3(rate=rate, bit_rate=32000 if rate < 32000 else 96000)
    for kbits in (32, 64, 128, 160):
        yield f"{kbits} kb/s", mp3(bit_rate=kbits * 1000)
    yield "320 kb/s", mp3(rate=44100, bit_rate=320000)
    yield "no Xing, no ID3", mp3(muxer={"write_xing": "0", "id3v2_version": "0"})
    yield (
        "ID3v2.3 and ID3v1",
        mp3(muxer={"id3v2_version": "3", "write_id3v1": "1"}, metadata={"title": "Grüße", "artist": "x" * 300}),
    )
    yield "ID3v2.4", mp3(muxer={"id3v2_version": "4"}, metadata={"title": "話"})
    yield "streamed", mp3(seekable=False, muxer={"write_xing": "0"})
    yield "stereo", mp3(layout="stereo", rate=44100, sample_format="s16p")
    yield "plain stereo", mp3(layout="stereo", encoder={"joint_stereo": "0"})
    yield "no reservoir", mp3(encoder={"reservoir": "0"})
    yield "average bit rate", mp3(bit_rate=48000, encoder={"abr": "1"})
    yield "float input", _recipe("mp3", "libmp3lame", sample_format="fltp")
    for quality in (0, 4, 9):
        yield f"variable {quality}", mp3(encoder={"flags": "+qscale", "global_quality": str(quality * 118)})


def _opus_recipes():
    opus = functools.partial(_recipe, rate=48000, bit_rate=24000)
    for duration in ("2.5", "5", "10", "20", "40", "60", "80", "100", "120"):
        yield f"{duration} ms", opus("ogg", "libopus", encoder={"frame_duration": duration})
    for application in ("voip", "audio", "lowdelay"):
        yield application, opus("opus", "libopus", encoder={"application": application})
    for mode in ("off", "on", "constrained"):
        yield f"vbr {mode}", opus("ogg", "libopus", encoder={"vbr": mode})
    for rate in (8000, 12000, 16000, 24000):
        yield f"{rate} Hz", opus("ogg", "libopus", rate=rate)
    yield "stereo", opus("oga", "libopus", layout="stereo", bit_rate=96000)
    yield "6 kb/s", opus("ogg", "libopus", bit_rate=6000)
    yield "510 kb/s", opus("ogg", "libopus", bit_rate=510000, layout="stereo")
    yield "one packet a page", opus("ogg", "libopus", muxer={"page_duration": "1"})
    yield "one long page", opus("ogg", "libopus", muxer={"page_duration": "10000000"})
    yield "streamed", opus("ogg", "libopus", seekable=False)
    yield "long comment", opus("ogg", "libopus", metadata={"comment": "long " * 30000})
    yield "another encoder", opus("ogg", "opus", sample_format="fltp", encoder={"strict": "-2"}, bit_rate=64000)


def _aac_recipes():
    aac = functools.partial(_recipe, "adts", "aac", sample_format="fltp")
    for rate in (7350, 8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 96000):
        yield f"{rate} Hz", aac(rate=rate)
    for coder in ("fast", "twoloop"):
        yield coder, aac(encoder={"aac_coder": coder})
    for profile in ("aac_low", "mpeg2_aac_low"):
        yield profile, aac(encoder={"profile": profile})
    yield "stereo", aac(layout="stereo", bit_rate=128000)
    yield "no tools", aac(layout="stereo", encoder={"aac_tns": "0", "aac_pns": "0", "aac_is": "0", "aac_ms": "0"})
    yield "MPEG-2 header", aac(muxer={"write_mpeg2": "1"})
    yield "ID3v2", aac(muxer={"write_id3v2": "1"}, metadata={"title": "x"})
    yield "APE tag", aac(muxer={"write_apetag": "1"}, metadata={"title": "x"})
    yield "streamed", aac(seekable=False)
    yield "in-band channels", aac(layout="stereo", encoder={"aac_pce": "1"})


def _flac_recipes():
    flac = functools.partial(_recipe, "flac", "flac")
    for level in ("0", "5", "12"):
        yield f"level {level}", flac(encoder={"compression_level": level})
    for rate in (8000, 11025, 16000, 22050, 44100, 48000, 96000, 12345, 655350):
        yield f"{rate} Hz", flac(rate=rate)
    yield "24 bits", flac(sample_format="s32", encoder={"strict": "-2"})
    yield "stereo", flac(layout="stereo")
    yield "left and side", flac(layout="stereo", encoder={"ch_mode": "left_side"})
    yield "streamed", flac(seekable=False)
    yield "tags", flac(metadata={"title": "x" * 5000})


def _wav_recipes():
    wav = functools.partial(_recipe, "wav")
    formats = {
        "pcm_u8": "u8", "pcm_s16le": "s16", "pcm_s24le": "s32", "pcm_s32le": "s32", "pcm_f32le": "flt",
        "pcm_f64le": "dbl", "pcm_mulaw": "s16", "pcm_alaw": "s16", "adpcm_ms": "s16", "adpcm_ima_wav": "s16p",
    }  # fmt: skip
    for codec, sample_format in formats.items():
        yield codec, wav(codec, sample_format=sample_format)
    for rate in (8000, 16000, 44100, 48000, 192000):
        yield f"{rate} Hz", wav("pcm_s16le", rate=rate)
    yield "stereo", wav("pcm_s16le", layout="stereo")
    yield "extensible", wav("pcm_s24le", sample_format="s32", rate=96000, layout="stereo")
    yield "streamed", wav("pcm_s16le", seekable=False)
    yield "RF64", wav("pcm_s16le", muxer={"rf64": "always"})
    yield "RF64 when needed", wav("pcm_s16le", muxer={"rf64": "auto"})
    yield "bext", wav("pcm_s16le", muxer={"write_bext": "1"}, metadata={"description": "x"})
    yield "peak", wav("pcm_s16le", muxer={"write_peak": "on"})
    yield "LIST", wav("pcm_s16le", metadata={"title": "odd", "artist": "someone"})


CLEAN = [
    (format_name, label, recipe)
    for format_name, recipes in (
        ("mp3", _mp3_recipes()),
        ("opus", _opus_recipes()),
        ("aac", _aac_recipes()),
        ("flac", _flac_recipes()),
        ("wav", _wav_recipes()),
    )
    for label, recipe in recipes
]
