"""Which uploads of recorded calls are kept, and that equal ones take the room of one."""

from __future__ import annotations

from mock_upstreams.uploads import KeptUploads


def kept(uploads: KeptUploads, *positions: int) -> list[bytes | None]:
    return [uploads.find(position) for position in positions]


def test_the_oldest_make_room() -> None:
    uploads = KeptUploads(most_bytes=6)
    for position, data in enumerate([b"one", b"two", b"six"]):
        uploads.keep(position, data.decode(), data)
    assert kept(uploads, 0, 1, 2, 3) == [None, b"two", b"six", None]


def test_equal_ones_take_the_room_of_one() -> None:
    uploads = KeptUploads(most_bytes=6)
    for position in range(100):
        uploads.keep(position, "digest", b"upload")
    assert kept(uploads, 0, 99) == [b"upload", b"upload"]
    assert uploads.find(0) is uploads.find(99)


def test_an_equal_one_stays_when_another_is_dropped_and_goes_with_the_last() -> None:
    uploads = KeptUploads(most_bytes=6)
    uploads.keep(0, "digest", b"upload")
    uploads.keep(1, "digest", b"upload")
    uploads.drop(0)
    uploads.drop(7)
    assert kept(uploads, 0, 1) == [None, b"upload"]
    uploads.drop(1)
    uploads.keep(2, "other", b"upload")
    assert kept(uploads, 0, 1, 2) == [None, None, b"upload"]


def test_one_that_is_too_large_is_not_kept() -> None:
    uploads = KeptUploads(most_bytes=2)
    uploads.keep(0, "digest", b"upload")
    assert kept(uploads, 0) == [None]
