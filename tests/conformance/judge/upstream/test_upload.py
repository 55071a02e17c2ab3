"""Judges of what reached the provider."""

from __future__ import annotations

import pytest

from conformance.http.bodies import Upload
from conformance.judge.upstream.upload import arrived_whole, input_arrived
from tests.conformance.judge.exchanges import answered

UPLOAD = Upload(b"RIFFaudio")


def brought(data: bytes) -> dict:
    return {"file": {"sha256": Upload(data).digest, "size": len(data)}, "fields": []}


def test_equal_bytes_in_any_of_the_calls_will_do():
    assert arrived_whole(answered(), UPLOAD, [brought(b"x"), brought(UPLOAD.data)], because="x") is None


@pytest.mark.parametrize("data", [b"", UPLOAD.data[:-1], UPLOAD.data + b"\n", UPLOAD.data.lower()])
def test_other_bytes_are_found(data):
    finding = arrived_whole(answered(), UPLOAD, [brought(data)], because="x")
    assert finding is not None
    assert finding.upstream == (brought(data),)


def test_no_call_is_not_judged_here():
    assert arrived_whole(answered(), UPLOAD, [], because="x") is None
    assert arrived_whole(answered(), UPLOAD, [{"file": None, "fields": []}], because="x") is None
    assert input_arrived(answered(), "x", [], because="x") is None


@pytest.mark.parametrize("got", ["", "e\u0301 ", "\u00e9", "e", "e\u0301e\u0301"])
def test_another_text_is_found(got):
    assert (
        input_arrived(answered(), "e\u0301", [{"fields": [["model", "m"], ["input", "e\u0301"]]}], because="x") is None
    )
    assert input_arrived(answered(), "e\u0301", [{"fields": [["input", got]]}], because="x") is not None
