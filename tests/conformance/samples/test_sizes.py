"""Inputs and uploads of an exact size: a quota is judged by one character and one byte."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import wave
from typing import Any

import pytest

from conformance.http.bodies import transcript_json, transcript_multipart
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Request
from conformance.http.raw import in_pieces, serialise
from conformance.samples.sizes import long_text, long_wav, text_of, wav_of

MARKER = "mark0a1b2cn12z"


@pytest.mark.parametrize("characters", [1, 2, 14, 16, 17, 18, 200, 4096])
def test_a_text_has_exactly_so_many_characters_and_nothing_to_strip(characters: int) -> None:
    """Its last letter is not ASCII; the marker is in it where it fits."""
    text = text_of(characters, MARKER)
    assert len(text) == characters
    assert text.strip() == text
    assert len(text.encode()) > characters
    assert (MARKER in text) == (characters > len(MARKER) + 2)


@pytest.mark.parametrize("size", [1, 43, 44, 45, 46, 1000, 1001, 40_000])
def test_an_upload_has_exactly_so_many_bytes(size: int) -> None:
    """Above the size of a head it is a wav file, and no two markers make the same one."""
    upload = wav_of(size, MARKER)
    assert len(upload.data) == size
    assert size <= 44 or upload.data != wav_of(size, f"{MARKER}x").data


def test_a_large_enough_upload_is_a_wav_file() -> None:
    with wave.open(io.BytesIO(wav_of(10_044, MARKER).data)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
        assert sound.getnframes() == 5000


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("encode", [transcript_json, transcript_multipart])
def test_a_long_upload_is_sent_whole_and_never_held(encode: Any, *, chunked: bool) -> None:
    """Either form carries the same wav, of the size and digest that it is known by; no piece is larger than a megabyte."""
    long = long_wav(3_000_000, MARKER)
    body = encode(long.beginning, {"prompt": MARKER})
    request = long.within(Request("POST", "http://h/x", (("Content-Type", body.content_type),), body.data, chunked))
    endpoint = Endpoint("http://h")
    pieces = list(in_pieces(request, endpoint))
    assert max(map(len, pieces)) < 1_100_000
    assert b"".join(pieces) == b"".join(serialise(request, endpoint))
    whole = b"".join(request.pieces())
    assert len(whole) == request.size
    if encode is transcript_json:
        data = base64.b64decode(json.loads(whole)["audio"]["data"], validate=True)
    else:
        data = whole[whole.index(b"RIFF") :][: long.size]
    assert 3_000_000 <= len(data) == long.size < 3_003_000
    assert hashlib.sha256(data).hexdigest() == long.digest
    with wave.open(io.BytesIO(data)) as sound:
        assert sound.getnframes() * 2 == long.size - 44


def test_a_long_text_is_valid_json() -> None:
    request = long_text(
        Request("POST", "http://h/x", (), json.dumps({"input": f"{MARKER}. Hello."}).encode()), MARKER, 5000
    )
    text = json.loads(b"".join(request.pieces()))["input"]
    assert len(text.encode()) >= 5000
    assert text.startswith(MARKER)
    assert text.endswith(". Hello.")
