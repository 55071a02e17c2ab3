"""Edge-case uploads: file names, and valid audio whose last samples a careless hand would cut, convert or lose."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from conformance.audio.writing import wav_file
from conformance.http.bodies import Upload

_LEAST_SAMPLES = 4000

# File names around a case's marker: what everybody has, and what only a careful gateway carries whole.
PLAIN_NAMES = ("{}.wav", "{}-Take.2.final.WAV", "{} with spaces.wav")
ODD_NAMES = ("{} Füchse.wav", "{} 狐の声 🦊.wav", 'say "{}".wav', "{}; name=model.wav", "{} 100% ok.wav", "{}'s.wav")
# Names as long as file systems take them, about 200 bytes of one to four each: cut at a limit, they lose their ending
# or end within a letter.
LONG_NAMES: Mapping[str, str] = {
    "ascii": "{}" + " and what was said after the meeting" * 5 + ".wav",
    "several-bytes": "{}" + " Gespräch über 狐の声 🦊" * 6 + ".wav",
}
# Names that a gateway may refuse: with characters that no header can hold, the line break as browsers escape it ...
CONTROL_NAMES: Mapping[str, str] = {
    "nul": "{}\x00.wav",
    "tab": "{}\ttake.wav",
    "escape": "{}\x1b[31m.wav",
    "unit-separator": "{}\x1f.wav",
    "delete": "{}\x7f.wav",
    "next-line": "{}\x85.wav",
    "line-break": "{}\r\nX-Injected: 1\r\n.wav",
}
# ... and as parameters of the part's Content-Disposition, in the spelling that is meant for HTTP's own headers.
STARRED_NAMES: Mapping[str, str] = {
    "beside": "filename=\"speech.wav\"; filename*=UTF-8''{}%20F%C3%BCchse.wav",
    "before": "filename*=UTF-8''{}.wav; filename=\"speech.wav\"",
    "instead": "filename*=UTF-8''{}.wav",
    "other-charset": "filename*=iso-8859-1'en'{}%FC.wav",
    "unknown-charset": "filename=\"speech.wav\"; filename*=no-such-charset''{}.wav",
    "undecodable": "filename*=UTF-8''{}%FF%FE.wav",
    "no-charset": "filename*={}.wav",
    "line-break": "filename*=UTF-8''{}%0D%0AX-Injected%3A%201.wav",
}

ENDINGS: Mapping[str, bytes] = {
    "line-ends-last": b"tail \r\n\r\n",
    "line-feed-last": b"tail \n",
    "dashes-last": b"tail\r\n--",
    "delimiter-like": b"\r\n--boundary\r\n--boundary--\r\n",
    "part-like": b'\r\n--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nother\r\n--x--\r\n',
    "nothing-last": b"\x00" * 300,
    "all-ones-last": b"\xff" * 300,
    "end-of-file-mark": b"\x1a" * 8,
    "every-byte": bytes(range(256)) * 4,
    "line-ends-only": b"\r" * 50 + b"\n" * 50 + b"\r\n" * 50 + b"\n\r" * 50,
    "utf-8-like": "ä\ufeffé\u2028".encode() + b"\xc3\x28\xed\xa0\x80\xf0\x9f",
    "escapes": b"%00%0D%0A \\r\\n &#13; =3D= \\u0000",
    "base64-like": b"AAAA====AA-_+/==",
}


def wav_ending(ending: bytes, marker: str) -> bytes:
    """A wav of 8-bit samples that are drawn from the marker at first and end with these bytes, the file's last ones."""
    fill = _LEAST_SAMPLES + len(ending) % 2
    return wav_file(hashlib.shake_256(marker.encode()).digest(fill) + ending, rate=8000, bits=8)


def large_wav(size: int, marker: str) -> bytes:
    """A wav of about so many bytes, no two stretches of it alike."""
    samples = hashlib.shake_256(marker.encode()).digest(size // 4 * 4)
    return wav_file(samples, rate=48000, channels=2, bits=16)


def awkward_upload(ending: str, marker: str) -> Upload:
    """An upload that ends with one of the `ENDINGS`, named after the marker."""
    return Upload(wav_ending(ENDINGS[ending], marker), f"{marker}.wav", "audio/wav")
