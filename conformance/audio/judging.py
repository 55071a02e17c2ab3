"""The whole judgement on a body of audio: what it is, its structure, and a full decode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.audio import aac, flac, mp3, ogg_opus, pcm, wav
from conformance.audio.decoding import Decoded, decode
from conformance.audio.media_types import media_types
from conformance.audio.remarks import AudioReport, Remarks, Structure
from conformance.audio.sniffing import identify, mangled_text

if TYPE_CHECKING:
    from collections.abc import Callable

_SHOWN = 80
_ALLOWANCE_S = 0.3
_ALLOWANCE_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class _Format:
    walk: Callable[[bytes], Structure]
    container: str


_FORMATS = {
    "mp3": _Format(mp3.walk, "mp3"),
    "opus": _Format(ogg_opus.walk, "ogg"),
    "aac": _Format(aac.walk, "aac"),
    "flac": _Format(flac.walk, "flac"),
    "wav": _Format(wav.walk, "wav"),
}


def judge_audio(data: bytes, format: str) -> AudioReport:  # noqa: A002 - the contract's own word
    """Judge whether `data` is a whole, decodable stream of `format` (rulings: audio bytes).

    No bytes make it raise; a format that the contract does not know is the caller's mistake, a ValueError. Structure is
    walked in time linear in the size, and an hour of audio is decoded at most. Safe to call from several threads.
    """
    media_types(format)
    if not data:
        return _refused(format, "the body is empty")
    if format == "pcm":
        return _judge_pcm(data)
    found = identify(data)
    if found != format:
        return _refused(format, _foreign(data, format, found))
    structure = _FORMATS[format].walk(data)
    decoded = _decode(data, structure, _FORMATS[format].container)
    _compare(structure, decoded)
    return _report(format, structure, decoded)


def _refused(format_name: str, problem: str) -> AudioReport:
    return AudioReport(format_name, (problem,), (), 0.0, 0, 0, "")


def _foreign(data: bytes, format_name: str, found: str) -> str:
    if found in ("json", "html", "text"):
        return f"the body is {found}, not {format_name}: {data[:_SHOWN].decode('utf-8', 'replace')!r}"
    if found != "unknown":
        return f"the body is {found}, not {format_name}"
    reason = mangled_text(data) or f"it begins {data[:16].hex(' ')}"
    return f"the body does not begin like {format_name}; {reason}"


def _judge_pcm(data: bytes) -> AudioReport:
    remarks = pcm.walk(data)
    if not data.strip(b"\0"):
        remarks.note("digital silence")
    samples = len(data) // 2
    if not samples:
        remarks.problem("there is no whole sample in it")
    return AudioReport(
        "pcm",
        tuple(remarks.problems),
        tuple(remarks.notes),
        samples / pcm.ASSUMED_RATE,
        pcm.ASSUMED_RATE,
        1,
        "pcm_s16le",
    )


def _decode(data: bytes, structure: Structure, container: str) -> list[Decoded]:
    if not structure.decodable:
        return []
    return [decode(data[start:stop], container) for start, stop in structure.spans]


def _compare(structure: Structure, decoded: list[Decoded]) -> None:
    """Hold what the decoder made of the body against what the body's structure promises."""
    remarks = structure.remarks
    for part in decoded:
        if part.fault:
            remarks.problem(f"it does not decode {part.fault}")
    if any(part.capped for part in decoded):
        remarks.note("only its first hour was decoded")
        return
    heard = sum(part.duration_s for part in decoded)
    missing = structure.duration_s - heard
    if decoded and not remarks.problems and missing > _ALLOWANCE_S + _ALLOWANCE_SHARE * structure.duration_s:
        remarks.problem(f"its structure holds {structure.duration_s:.3f} s, the decoder got {heard:.3f} s out of it")
    if not (heard if decoded else structure.duration_s) and not remarks.problems:
        remarks.problem("it lasts 0 seconds")
    if heard and all(part.silent for part in decoded):
        remarks.note("digital silence")


def _report(format_name: str, structure: Structure, decoded: list[Decoded]) -> AudioReport:
    remarks: Remarks = structure.remarks
    heard = sum(part.duration_s for part in decoded)
    first = decoded[0] if decoded else Decoded()
    return AudioReport(
        format_name,
        tuple(remarks.problems),
        tuple(remarks.notes),
        structure.duration_s if first.capped or not decoded else heard,
        first.sample_rate or structure.sample_rate,
        first.channels or structure.channels,
        first.codec or (format_name if structure.spans else ""),
    )
