"""Bodies that are odd on purpose: they are what a library would not write, and their ordinary part is whole."""

from __future__ import annotations

import io
import json

import pytest
from multipart import MultipartParser

from conformance.http.bodies import Upload
from conformance.samples.malformed import (
    BOUNDARY,
    FORM_PARTS,
    FRAMINGS,
    JSON_MEMBERS,
    WHOLE_FORM,
    WHOLE_JSON,
    file_part,
    odd_form,
    odd_framing,
    odd_json,
    part,
    transcript_members,
)

UPLOAD = Upload(b"RIFF", "a.wav", "audio/wav")
NOT_READ_BY_PYTHON = {"deep-lists", "deep-objects", "huge-integer"}


def test_what_is_used_whole_is_known() -> None:
    assert set(WHOLE_JSON) <= set(JSON_MEMBERS)
    assert set(WHOLE_FORM) <= set(FORM_PARTS)


@pytest.mark.parametrize("kind", [kind for kind in JSON_MEMBERS if kind not in NOT_READ_BY_PYTHON])
def test_odd_json_holds_the_ordinary_members_too(kind: str) -> None:
    document = json.loads(odd_json(kind, {"model": "m"}).data)
    assert document["model"] == "m"
    assert len(document) > 1


@pytest.mark.parametrize("kind", FORM_PARTS)
def test_odd_parts_end_where_the_next_may_begin(kind: str) -> None:
    assert FORM_PARTS[kind].startswith(b"--" + BOUNDARY.encode() + b"\r\n")
    assert FORM_PARTS[kind].endswith(b"\r\n")


def test_an_ordinary_form_is_read_by_a_library() -> None:
    body = odd_form(part("model", b"m") + file_part(UPLOAD))
    parts = [(each.name, each.filename, each.raw) for each in MultipartParser(io.BytesIO(body.data), BOUNDARY)]
    assert parts == [("model", None, b"m"), ("file", "a.wav", b"RIFF")]


@pytest.mark.parametrize("kind", FRAMINGS)
def test_odd_framings_have_no_model(kind: str) -> None:
    body = odd_framing(kind, UPLOAD)
    assert b'name="model"' not in body.data
    assert body.content_type.startswith("multipart/form-data;")


def test_the_members_of_a_transcript_are_its_model_and_its_audio() -> None:
    assert transcript_members("m", UPLOAD)["audio"]["fileName"] == "a.wav"
