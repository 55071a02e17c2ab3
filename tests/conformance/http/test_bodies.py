"""Bodies are built byte by byte: fields in order, names as browsers write them, the same audio in both encodings."""

from __future__ import annotations

import base64
import json

from conformance.http.bodies import (
    Upload,
    audio_object,
    escape_file_name,
    json_body,
    multipart_body,
    transcript_json,
    transcript_multipart,
)

UPLOAD = Upload(b"RIFF\r\n--", "take 1.wav", "audio/wav")


def test_json_is_utf_8_unless_escapes_are_asked_for() -> None:
    assert json_body({"input": "ü"}).data == '{"input": "ü"}'.encode()
    assert json_body({"input": "ü"}, ensure_ascii=True).data == b'{"input": "\\u00fc"}'


def test_a_large_text_is_json_all_the_same() -> None:
    """Another encoder writes it: it has to mean the same."""
    value = {"model": "m", "audio": {"data": 'ü"\\\n\x00' * 2**19}, "speed": 1.0}
    body = json_body(value)
    assert json.loads(body.data) == value
    assert "ü".encode() in body.data
    assert body.content_type == "application/json"


def test_a_form_has_its_fields_in_order_and_its_file_untouched() -> None:
    body = multipart_body([("a", "1"), ("a", b"\xff"), ("file", UPLOAD)], boundary="B")
    assert body.content_type == "multipart/form-data; boundary=B"
    assert body.data == (
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n'
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="take 1.wav"\r\nContent-Type: audio/wav\r\n\r\n'
        b"RIFF\r\n--\r\n--B--\r\n"
    )


def test_no_two_forms_have_the_same_boundary() -> None:
    assert multipart_body([]).content_type != multipart_body([]).content_type


def test_a_file_without_name_and_type_has_neither() -> None:
    body = multipart_body([("file", Upload(b"x", None, None))], boundary="B")
    assert b'name="file"\r\n\r\nx' in body.data


def test_file_names_are_escaped_as_browsers_do() -> None:
    assert escape_file_name('a"b\r\nc\\ü') == "a%22b%0D%0Ac\\ü"


def test_the_audio_object_holds_base64_and_leaves_out_what_is_absent() -> None:
    assert audio_object(UPLOAD) == {
        "data": base64.b64encode(UPLOAD.data).decode(),
        "fileName": "take 1.wav",
        "contentType": "audio/wav",
    }
    assert audio_object(Upload(b"", None, None)) == {"data": ""}


def test_one_transcript_request_in_both_encodings() -> None:
    """A list is a list in JSON and a repeated field in a form; numbers are written shortest."""
    fields = {"model": "m", "temperature": 0.2, "timestamp_granularities": ["word", "segment"]}
    document = json.loads(transcript_json(UPLOAD, fields).data)
    assert document == {**fields, "audio": audio_object(UPLOAD)}
    form = transcript_multipart(UPLOAD, fields).data
    assert form.count(b'name="timestamp_granularities[]"') == 2
    assert b'name="temperature"\r\n\r\n0.2\r\n' in form
    assert b'name="model"\r\n\r\nm\r\n' in form


def test_without_an_upload_there_is_no_audio() -> None:
    assert json.loads(transcript_json(None, {"model": "m"}).data) == {"model": "m"}
    assert b'name="file"' not in transcript_multipart(None, {"model": "m"}).data
