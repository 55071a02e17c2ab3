"""Content codings: what the client offered is decoded, anything else is found."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace

import pytest

from conformance.http.exchange import Exchange
from conformance.judge.client.codings import decoded, visibly_cut
from tests.conformance.judge.answers import headed, unanswered
from tests.conformance.judge.findings import says

OFFER = "gzip, deflate"


def coded(body: bytes, coding: str | None, offer: str | None = OFFER) -> Exchange:
    exchange = headed(body, **({"content_encoding": coding} if coding else {}))
    headers = (("Accept-Encoding", offer),) if offer else ()
    return replace(exchange, request=replace(exchange.request, headers=headers))


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(b"audio", mtime=0), "gzip"),
        (gzip.compress(b"audio", mtime=0), "X-GZip"),
        (gzip.compress(b"au", mtime=0) + gzip.compress(b"dio", mtime=0), "gzip"),
        (zlib.compress(b"audio"), "Deflate"),
        (b"audio", None),
        (b"audio", "identity"),
    ],
)
def test_what_was_offered_is_decoded(body: bytes, coding: str | None) -> None:
    exchange, finding = decoded(coded(body, coding), because="x")
    assert finding is None
    assert exchange.answer
    assert exchange.answer.body == b"audio"


@pytest.mark.parametrize(
    ("body", "coding", "offer", "expected"),
    [
        (gzip.compress(b"audio", mtime=0), "gzip", None, "no Content-Encoding, for none was offered"),
        (gzip.compress(b"audio", mtime=0), "gzip", "identity", "no Content-Encoding, for none was offered"),
        (gzip.compress(b"audio", mtime=0)[:-3], "gzip", OFFER, "a body that is in gzip"),
        (b"audio", "gzip", OFFER, "a body that is in gzip"),
        (b"audio", "br", "br", "a body that is in br"),
    ],
)
def test_what_cannot_be_read_is_found(body: bytes, coding: str, offer: str | None, expected: str) -> None:
    exchange, finding = decoded(coded(body, coding, offer), because="x")
    message, wanted, got = says(finding)
    assert (message, wanted) == ("x: the body cannot be decoded", expected)
    assert got.startswith(f"Content-Encoding: {coding}, 200")
    assert exchange.answer
    assert exchange.answer.body == body


@pytest.mark.parametrize(
    ("body", "coding", "offer", "cut"),
    [
        (gzip.compress(b"audio", mtime=0)[:-3], "gzip", OFFER, True),
        (gzip.compress(b"audio", mtime=0), "gzip", OFFER, False),
        (gzip.compress(b"audio", mtime=0)[:-3], "gzip", None, False),
        (b"audio", None, OFFER, False),
    ],
)
def test_only_who_decodes_sees_a_cut(body: bytes, coding: str | None, offer: str | None, *, cut: bool) -> None:
    assert visibly_cut(coded(body, coding, offer)) is cut
    assert not visibly_cut(unanswered())


def test_no_answer_is_not_its_business() -> None:
    assert decoded(unanswered(), because="x") == (unanswered(), None)
