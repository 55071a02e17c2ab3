"""The upload at the provider: other bytes, another name and another type are found, and the finding shows both."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from conformance.http.bodies import Upload
from conformance.judge.upstream.upload import file_name_arrived, media_type_arrived, upload_arrived
from conformance.mock.calls import RecordedCall
from tests.conformance.judge.answers import answered
from tests.conformance.judge.calls import UPLOAD, form_call
from tests.conformance.judge.findings import says

SERVED = answered(200)


def brought(data: bytes) -> RecordedCall:
    return form_call(upload=Upload(data))


def in_words(data: bytes) -> str:
    return f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()[:16]}"


@pytest.mark.parametrize("data", [b"", UPLOAD.data[:-1], UPLOAD.data + b"\n", UPLOAD.data.lower()])
def test_other_bytes_in_any_of_the_calls_are_found(data: bytes) -> None:
    """A gateway that tries again has to bring the whole upload again."""
    finding = upload_arrived(SERVED, [form_call(), brought(data)], UPLOAD)
    message = "the upload reached the provider changed"
    assert says(finding) == (message, in_words(UPLOAD.data), in_words(data))
    assert finding
    assert (finding.exchanges, finding.upstream) == ((SERVED,), (brought(data),))


def test_a_call_without_a_file_has_lost_it() -> None:
    assert says(upload_arrived(SERVED, [form_call(file=None)], UPLOAD))[2] == "no file"


def test_equal_bytes_pass_and_no_call_is_for_others_to_judge() -> None:
    assert upload_arrived(SERVED, [form_call(), form_call(position=2)], UPLOAD) is None
    assert upload_arrived(SERVED, [], UPLOAD) is None


@pytest.mark.parametrize("got", ['say "hi".wav', "say %22hi%22.wav", 'say \\"hi\\".wav'])
def test_quotes_in_file_names_may_be_escaped(got: str) -> None:
    """A form has to escape them somehow, and there are three customs."""
    upload = Upload(b"x", 'say "hi".wav')
    assert file_name_arrived(SERVED, [form_call(upload=Upload(b"x", got))], upload) is None


@pytest.mark.parametrize("got", ["audio.wav", "F\ufffdchse.wav", "FÃ¼chse.wav", None])
def test_another_file_name_is_found(got: str | None) -> None:
    finding = file_name_arrived(SERVED, [form_call(upload=Upload(b"x", got))], Upload(b"x", "Füchse.wav"))
    message = "the file name does not reach the provider as it was sent"
    assert says(finding) == (message, "'F\\xfcchse.wav'", ascii(got))


def test_media_types_are_compared_without_case_and_parameters() -> None:
    upload = Upload(b"x", "a.ogg", "audio/ogg")
    alike = form_call(upload=replace(upload, content_type="Audio/OGG; codecs=opus"))
    assert media_type_arrived(SERVED, [alike], upload) is None


@pytest.mark.parametrize("got", ["application/octet-stream", None])
def test_another_media_type_is_found(got: str | None) -> None:
    upload = Upload(b"x", "a.ogg", "audio/ogg")
    finding = media_type_arrived(SERVED, [form_call(upload=replace(upload, content_type=got))], upload)
    message = "the upload's media type does not reach the provider as it was sent"
    assert says(finding) == (message, "'audio/ogg'", repr(got))
