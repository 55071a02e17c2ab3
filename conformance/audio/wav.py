"""Walks a wav body: RIFF (either byte order), RF64 and BW64, with or without the sizes filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.audio.remarks import Remarks, Structure

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACEHOLDER_FROM = 0x7FFFF000
"""Writers that cannot seek back write a size near 2^31 or 2^32 instead of the true one (or leave 0)."""
_MAGICS = {b"RIFF": "little", b"RF64": "little", b"BW64": "little", b"RIFX": "big"}
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_LEAST_FMT = 16


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: where its content begins, and its size in bytes, whether written down or `left_open` for a stream."""

    name: bytes
    at: int
    size: int
    left_open: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """The fmt chunk. `tag` names the codec; `block` is the bytes of one sample of all channels."""

    tag: int
    channels: int
    sample_rate: int
    byte_rate: int
    block: int
    bits: int


class _Riff:
    """The body with its byte order and the sizes that its head writes down."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.big = _MAGICS[data[:4]] == "big"
        self.size = self.number(4, 4)
        self.long_sizes: dict[bytes, int] = {}

    def number(self, at: int, size: int) -> int:
        return int.from_bytes(self.data[at : at + size], "big" if self.big else "little")


def begins_here(data: bytes) -> bool:
    """Whether the body begins as a wave file."""
    return data[:4] in _MAGICS and data[8:12] == b"WAVE"


def find_header(data: bytes, start: int = 0) -> int:
    """Where a wave file's head stands in `data` from `start` on, -1 if nowhere. Twelve exact bytes: not by chance."""
    at = data.find(b"WAVEfmt ", start + 8)
    while at >= 0:
        if data[at - 8 : at - 4] in _MAGICS:
            return at - 8
        at = data.find(b"WAVEfmt ", at + 1)
    return -1


def walk(data: bytes) -> Structure:
    """Walk all chunks; sizes that are written must be true, sizes left open are noted."""
    remarks, riff = Remarks(), _Riff(data)
    chunks = list(_chunks(riff, remarks))
    samples = next((chunk for chunk in chunks if chunk.name == b"data"), None)
    form = next((_format(riff, chunk) for chunk in chunks if chunk.name == b"fmt "), None)
    if form is None or samples is None:
        remarks.problem(f"the {'fmt' if form is None else 'data'} chunk is missing or cut off")
        return Structure(remarks)
    _judge_size(riff, chunks, remarks)
    _judge_format(form, samples, remarks)
    if (second := find_header(data, samples.at)) >= 0:
        remarks.problem(f"a second wav header stands inside the audio at byte {second}")
    if not form.sample_rate:
        remarks.problem("the fmt chunk says 0 Hz")
        return Structure(remarks)
    # Compressed audio may leave the byte rate open; only the decoder knows its length then.
    duration_s = samples.size / form.byte_rate if form.byte_rate else 0.0
    return Structure(remarks, duration_s, form.sample_rate, form.channels, ((0, len(data)),))


def _chunks(riff: _Riff, remarks: Remarks) -> Iterator[Chunk]:
    data, at = riff.data, 12
    while at + 8 <= len(data):
        chunk = _chunk(riff, at)
        if chunk.name == b"ds64":
            riff.size, riff.long_sizes[b"data"] = riff.number(chunk.at, 8), riff.number(chunk.at + 8, 8)
        if chunk.at + chunk.size > len(data):
            came = len(data) - chunk.at
            remarks.problem(f"the {_shown(chunk.name)} chunk is cut off: {came} of {chunk.size} bytes came")
            chunk = Chunk(chunk.name, chunk.at, came)
        if not _plausible(chunk.name):
            remarks.problem(f"no chunk at byte {at} of {len(data)}: bytes are missing, damaged or foreign")
            return
        yield chunk
        at = chunk.at + chunk.size + (chunk.size & 1)
    if at < len(data):
        remarks.problem(f"{len(data) - at} bytes at the end belong to no chunk")


def _chunk(riff: _Riff, at: int) -> Chunk:
    name, written = riff.data[at : at + 4], riff.number(at + 4, 4)
    rest = len(riff.data) - at - 8
    if name != b"data":
        return Chunk(name, at + 8, written)
    if written == 0xFFFFFFFF and b"data" in riff.long_sizes:
        return Chunk(name, at + 8, riff.long_sizes[b"data"])
    nothing_announced = written == 0 and (riff.size >= _PLACEHOLDER_FROM or riff.size in (0, at))
    open_ended = written >= _PLACEHOLDER_FROM and rest < written
    left_open = nothing_announced or open_ended
    return Chunk(name, at + 8, rest if left_open else written, left_open)


def _plausible(name: bytes) -> bool:
    return len(name) == 4 and all(32 <= byte < 127 for byte in name)


def _shown(name: bytes) -> str:
    return name.decode("ascii", "backslashreplace").strip()


def _judge_size(riff: _Riff, chunks: list[Chunk], remarks: Remarks) -> None:
    said, came = riff.size + 8, len(riff.data)
    open_size = riff.size == 0 or (riff.size >= _PLACEHOLDER_FROM and said > came)
    if open_size or (any(chunk.left_open for chunk in chunks) and said <= came):
        remarks.note("the sizes in its header are left open: a streamed wav")
    elif said > came + 1:
        remarks.problem(f"the header promises {said} bytes, {came} came: it is cut off")
    elif said < came:
        # Every byte was found to belong to a chunk, so a writer appended one without mending the size.
        remarks.note(f"the header promises {said} bytes, {came} came, all of them in whole chunks")


def _format(riff: _Riff, chunk: Chunk) -> Format | None:
    if chunk.size < _LEAST_FMT:
        return None
    at = chunk.at
    tag = riff.number(at, 2)
    if tag == _EXTENSIBLE and chunk.size >= 26:
        tag = riff.number(at + 24, 2)
    return Format(
        tag, riff.number(at + 2, 2), riff.number(at + 4, 4), riff.number(at + 8, 4), riff.number(at + 12, 2),
        riff.number(at + 14, 2),
    )  # fmt: skip


def _judge_format(form: Format, samples: Chunk, remarks: Remarks) -> None:
    if form.tag not in (_PCM, _FLOAT):
        remarks.note(f"the audio in the wav is compressed (codec {form.tag:#x})")
    elif form.block != form.channels * ((form.bits + 7) // 8) or form.byte_rate != form.sample_rate * form.block:
        remarks.problem(
            f"the fmt chunk contradicts itself: {form.channels} channels of {form.bits} bits at {form.sample_rate} Hz "
            f"cannot be {form.block} bytes a sample and {form.byte_rate} bytes a second"
        )
    elif form.block and samples.size % form.block:
        remarks.problem(f"the audio ends inside a sample: {samples.size} bytes in blocks of {form.block}")
