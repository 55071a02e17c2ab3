"""Tells from the bytes alone what a body is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conformance.audio import aac, mp3, ogg_opus, wav
from conformance.audio.tags import audio_span

if TYPE_CHECKING:
    from collections.abc import Callable

_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13}
_LEAST_TEXT = 4
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def identify(data: bytes) -> str:
    """Name what `data` is: mp3, opus, aac, flac, wav, ogg (other codecs), webm, mp4, json, html, text or unknown.

    Headerless pcm has no mark of its own and is unknown, as are bytes whose beginning is damaged.
    """
    span = audio_span(data)
    for name, begins in _BEGINNINGS:
        if begins(data, span.start):
            return name
    return _text_kind(data)


def mangled_text(data: bytes) -> str | None:
    """How binary bytes were spoiled if somebody took them for text on the way; None if nothing points to that.

    Real audio is never valid UTF-8 throughout: a single sample of -1 breaks it.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    foreign = [character for character in text if character > "\x7f"]
    if len(foreign) < 16:
        return None
    if foreign.count(_REPLACEMENT) > len(foreign) // 2:
        return "the bytes were decoded as UTF-8 on the way: what did not fit became U+FFFD"
    return "the bytes were encoded as UTF-8 on the way, as if each were a character" if len(set(foreign)) >= 8 else None


def _ogg(data: bytes, at: int) -> bool:
    return data[at : at + 4] == b"OggS"


def _opus(data: bytes, at: int) -> bool:
    return at == 0 and ogg_opus.begins_here(data)


def _wav(data: bytes, at: int) -> bool:
    return at == 0 and wav.begins_here(data)


def _flac(data: bytes, at: int) -> bool:
    return data[at : at + 4] == b"fLaC"


def _webm(data: bytes, at: int) -> bool:
    return data[at : at + 4] == b"\x1aE\xdf\xa3"


def _mp4(data: bytes, at: int) -> bool:
    return data[at + 4 : at + 8] == b"ftyp"


_BEGINNINGS: tuple[tuple[str, Callable[[bytes, int], bool]], ...] = (
    ("wav", _wav),
    ("flac", _flac),
    ("opus", _opus),
    ("ogg", _ogg),
    ("webm", _webm),
    ("mp4", _mp4),
    ("aac", aac.begins_here),
    ("mp3", mp3.begins_here),
)


def _text_kind(data: bytes) -> str:
    if not data[:1] or (data[0] not in b"\xef\xbb\xbf \t\r\n{[<" and len(data) < _LEAST_TEXT):
        return "unknown"
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return "unknown"
    if not text or any(ord(character) in _CONTROLS for character in text) or _REPLACEMENT in text:
        return "unknown"
    if text[0] in "{[" and _parses(text):
        return "json"
    head = text[:1024].lower()
    if head.startswith("<!doctype html") or "<html" in head:
        return "html"
    return "text" if len(text) >= _LEAST_TEXT else "unknown"


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
