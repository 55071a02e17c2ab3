"""Walks an opus body: Opus in Ogg (RFC 7845), one stream or several chained, other streams beside it tolerated.

A cut exactly between two pages leaves nothing broken behind; only the last page's end mark is missing. RFC 3533 has
every encoder set that mark on a stream's last page, and RFC 7845 (section 3) calls a stream without it truncated. So a
missing end mark is a problem: an honest encoder that was allowed to finish sets it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING

from conformance.audio.ogg import NO_PACKET_ENDS, LogicalStream, Page, logical_streams, packets, read_page, read_pages
from conformance.audio.opus_packets import framing_holds, packet_samples
from conformance.audio.remarks import Remarks, Structure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RATE = 48000
_HEAD = Struct("<8sBBHIhB")
_HEAD_MAGIC, _TAGS_MAGIC = b"OpusHead", b"OpusTags"


@dataclass(frozen=True, slots=True)
class Head:
    """The identification header; `pre_skip` in samples at 48 kHz. `plain` is one coded stream per packet."""

    channels: int
    pre_skip: int
    plain: bool


def walk(data: bytes) -> Structure:
    """Walk all pages and the packets of every Opus stream among them."""
    remarks = Remarks()
    streams = logical_streams(read_pages(data, remarks), remarks)
    links = [stream for stream in streams if _is_opus(data, stream)]
    if not links:
        remarks.problem("there is no Opus stream in it")
        return Structure(remarks)
    if len(links) < len(streams):
        remarks.note("other Ogg streams beside the Opus one")
    if len(links) > 1:
        remarks.note(f"{len(links)} Opus streams chained")
    samples = [_judge_link(data, link, remarks) for link in links]
    head = _head(data, links[0])
    starts = [link.pages[0].at for link in links]
    starts[0] = 0
    return Structure(
        remarks,
        duration_s=sum(samples) / _RATE,
        sample_rate=_RATE,
        channels=head.channels if head else 0,
        spans=tuple(zip(starts, [*starts[1:], len(data)], strict=True)),
    )


def begins_here(data: bytes) -> bool:
    """Whether one of the Ogg streams that begin at the front of the body is Opus."""
    at = 0
    while (page := read_page(data, at)) is not None and page.begins:
        if data[page.body : page.body + 8] == _HEAD_MAGIC:
            return True
        at = page.stop
    return False


def _is_opus(data: bytes, stream: LogicalStream) -> bool:
    body = stream.pages[0].body
    return data[body : body + 8] == _HEAD_MAGIC


def _head(data: bytes, stream: LogicalStream) -> Head | None:
    page = stream.pages[0]
    packet = data[page.body : page.stop]
    if len(packet) < _HEAD.size:
        return None
    _, version, channels, pre_skip, _, _, family = _HEAD.unpack_from(packet)
    if version >> 4 or not channels:
        return None
    plain = family == 0 or (len(packet) > _HEAD.size and packet[_HEAD.size] == 1)
    return Head(channels, pre_skip, plain)


def _judge_link(data: bytes, link: LogicalStream, remarks: Remarks) -> int:
    """Judge one Opus stream; returns the samples at 48 kHz that it plays."""
    head = _head(data, link)
    if head is None:
        remarks.problem(f"the OpusHead packet at byte {link.pages[0].body} is damaged")
        return 0
    if not link.pages[-1].ends:
        remarks.problem("the last Ogg page is not marked as the stream's end: it is cut off between two pages")
    found = iter(packets(data, link, remarks))
    next(found, None)
    _, tags = next(found, (None, b""))
    if not tags.startswith(_TAGS_MAGIC):
        remarks.problem("no OpusTags packet follows the OpusHead")
        return 0
    played = _samples_per_page(found, head, remarks)
    return max(0, _judge_granules(played, remarks) - head.pre_skip)


def _samples_per_page(found: Iterator[tuple[Page, bytes]], head: Head, remarks: Remarks) -> list[tuple[Page, int]]:
    pages: list[tuple[Page, int]] = []
    for number, (page, packet) in enumerate(found):
        if not packet:
            remarks.note("empty Opus packets, which stand for lost ones")
        elif not packet_samples(packet) or (head.plain and not framing_holds(packet)):
            remarks.problem(
                f"Opus packet {number}, on the page at byte {page.at}, does not decode: its framing is broken"
            )
        samples = packet_samples(packet)
        if pages and pages[-1][0] is page:
            samples += pages.pop()[1]
        pages.append((page, samples))
    return pages


def _judge_granules(pages: Sequence[tuple[Page, int]], remarks: Remarks) -> int:
    """Compare each page's position with the samples on it; returns what plays, pre-skip included.

    The first position may be any (a stream joined late), the last may cut samples off.
    """
    total = sum(samples for _, samples in pages)
    timed = [(page, samples) for page, samples in pages if page.granule != NO_PACKET_ENDS]
    if not timed:
        return total
    for (before, _), (page, samples) in itertools.pairwise(timed):
        step = page.granule - before.granule
        if step < 0:
            remarks.problem(f"the position of the Ogg page at byte {page.at} goes backwards")
        elif step > samples:
            remarks.note("gaps between the positions of Ogg pages: the encoder left time out")
        elif step < samples and not page.ends:
            remarks.note("Ogg pages hold more samples than their positions say")
    first, samples = timed[0]
    origin = 0 if first.ends else max(0, first.granule - samples)
    return min(total, timed[-1][0].granule - origin)
