"""Ogg pages and the packets in them (RFC 3533), whatever codec they carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from typing import TYPE_CHECKING

from conformance.audio.checksums import ogg_crc32

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.audio.remarks import Remarks

_HEAD = Struct("<4sBBqIIIB")
_CHECKSUM_AT = 22
_CONTINUED, _BEGINS, _ENDS = 1, 2, 4
NO_PACKET_ENDS = -1
"""Granule position of a page on which no packet ends."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `at` and `stop` are bytes in the body, `lacing` the sizes of its segments."""

    at: int
    stop: int
    flags: int
    granule: int
    serial: int
    sequence: int
    lacing: bytes

    @property
    def begins(self) -> bool:
        """Whether it is the first page of its stream."""
        return bool(self.flags & _BEGINS)

    @property
    def ends(self) -> bool:
        """Whether it is the last page of its stream."""
        return bool(self.flags & _ENDS)

    @property
    def continues(self) -> bool:
        """Whether its first bytes finish a packet of the page before."""
        return bool(self.flags & _CONTINUED)

    @property
    def body(self) -> int:
        """Where its packets' bytes begin."""
        return self.stop - sum(self.lacing)


@dataclass(slots=True)
class LogicalStream:
    """The pages of one serial number, from its first page to its last."""

    serial: int
    pages: list[Page] = field(default_factory=list)


def read_page(data: bytes, at: int) -> Page | None:
    """Read the page header at `at`; None if none stands there whole. Its `stop` may lie behind the body's end."""
    if at + _HEAD.size > len(data) or data[at : at + 4] != b"OggS":
        return None
    _, version, flags, granule, serial, sequence, _, count = _HEAD.unpack_from(data, at)
    lacing = data[at + _HEAD.size : at + _HEAD.size + count]
    if version or len(lacing) < count:
        return None
    return Page(at, at + _HEAD.size + count + sum(lacing), flags, granule, serial, sequence, lacing)


def read_pages(data: bytes, remarks: Remarks) -> list[Page]:
    """All whole pages up to the first fault, which is remarked."""
    pages: list[Page] = []
    at = 0
    while at < len(data):
        page = read_page(data, at)
        if page is None:
            cut = data[at : at + 4] == b"OggS" and at + _HEAD.size + 255 > len(data)
            remarks.problem(
                f"the last Ogg page is cut off inside its header at byte {at}"
                if cut
                else f"no Ogg page at byte {at}, after {len(pages)} whole pages: bytes are missing, damaged or foreign"
            )
            break
        if page.stop > len(data):
            remarks.problem(f"the last Ogg page is cut off: {len(data) - at} of {page.stop - at} bytes at byte {at}")
            break
        if not _checksum_holds(data, page):
            remarks.problem(f"the checksum of the Ogg page at byte {at} is wrong: bytes in it were changed")
            break
        pages.append(page)
        at = page.stop
    return pages


def _checksum_holds(data: bytes, page: Page) -> bool:
    mark = page.at + _CHECKSUM_AT
    zeroed = data[page.at : mark] + bytes(4) + data[mark + 4 : page.stop]
    return ogg_crc32(zeroed) == int.from_bytes(data[mark : mark + 4], "little")


def logical_streams(pages: Iterable[Page], remarks: Remarks) -> list[LogicalStream]:
    """Sort pages into streams by serial number; a first page opens a stream anew, so links of a chain stay apart."""
    streams: list[LogicalStream] = []
    open_streams: dict[int, LogicalStream] = {}
    for page in pages:
        if page.begins:
            open_streams[page.serial] = LogicalStream(page.serial)
            streams.append(open_streams[page.serial])
        stream = open_streams.get(page.serial)
        if stream is None:
            remarks.problem(f"the Ogg page at byte {page.at} belongs to a stream whose beginning is missing")
            continue
        _judge_order(stream, page, remarks)
        stream.pages.append(page)
    return streams


def _judge_order(stream: LogicalStream, page: Page, remarks: Remarks) -> None:
    if not stream.pages:
        return
    before = stream.pages[-1]
    if page.sequence != (before.sequence + 1) & 0xFFFFFFFF:
        remarks.problem(f"Ogg pages are missing: after page {before.sequence} comes page {page.sequence}")
    if before.ends:
        remarks.problem(f"an Ogg page at byte {page.at} follows the one marked as its stream's last")


def packets(data: bytes, stream: LogicalStream, remarks: Remarks) -> Iterator[tuple[Page, bytes]]:
    """Each whole packet with the page on which it ends."""
    pending: list[bytes] = []
    for page in stream.pages:
        if page.continues != bool(pending):
            remarks.problem(f"the Ogg page at byte {page.at} does not join the packet of the page before")
        at = page.body
        for size in page.lacing:
            pending.append(data[at : at + size])
            at += size
            if size < 255:
                yield page, b"".join(pending)
                pending.clear()
    if pending:
        remarks.problem("the last packet of the Ogg stream is not complete")
