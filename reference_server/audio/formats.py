"""What a file is, by its first bytes: enough to name it and to catch a wrong label, not to validate it."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple


class AudioFormat(NamedTuple):
    """`name` as `response_format` spells it where it can, else a usual extension; `media_type` as responses label it."""

    name: str
    media_type: str


MP3 = AudioFormat("mp3", "audio/mpeg")
OPUS = AudioFormat("opus", "audio/ogg")
OGG = AudioFormat("ogg", "audio/ogg")
AAC = AudioFormat("aac", "audio/aac")
FLAC = AudioFormat("flac", "audio/flac")
WAV = AudioFormat("wav", "audio/wav")
PCM = AudioFormat("pcm", "audio/pcm")
_WEBM = AudioFormat("webm", "audio/webm")
_M4A = AudioFormat("m4a", "audio/mp4")

SPEECH_FORMATS = MappingProxyType({kind.name: kind for kind in (MP3, OPUS, AAC, FLAC, WAV, PCM)})

# Every name of a media type that a provider may give one of the six formats.
BY_MEDIA_TYPE = MappingProxyType(
    {
        "audio/mpeg": MP3,
        "audio/mp3": MP3,
        "audio/ogg": OPUS,
        "audio/opus": OPUS,
        "audio/aac": AAC,
        "audio/flac": FLAC,
        "audio/x-flac": FLAC,
        "audio/wav": WAV,
        "audio/x-wav": WAV,
        "audio/wave": WAV,
        "audio/vnd.wave": WAV,
        "audio/pcm": PCM,
        "audio/l16": PCM,
    }
)

# (offset, bytes, format), the first that fits wins.
_SIGNATURES = (
    (8, b"WAVE", WAV),
    (0, b"fLaC", FLAC),
    (28, b"OpusHead", OPUS),
    (0, b"OggS", OGG),
    (0, b"ID3", MP3),
    (4, b"ftyp", _M4A),
    (0, b"\x1aE\xdf\xa3", _WEBM),
)


@lru_cache(maxsize=256)
def by_signature(head: bytes) -> AudioFormat | None:
    """The format that the first 64 bytes prove, None when they prove nothing (raw pcm proves nothing)."""
    for at, mark, kind in _SIGNATURES:
        if head.startswith(mark, at):
            return kind
    return _by_sync(head)


def _by_sync(head: bytes) -> AudioFormat | None:
    """Frame syncs of bare streams: eleven set bits for mpeg audio, twelve and layer 0 for ADTS."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer = head[1] & 0x06
    if layer == 0:
        return AAC if head[1] & 0xF0 == 0xF0 else None
    return MP3 if layer == 0x02 else None


def is_strong(kind: AudioFormat) -> bool:
    """Whether the signature is too long to be chance; a frame sync can occur at the start of raw samples."""
    return kind not in (MP3, AAC)
