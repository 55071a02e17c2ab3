"""The one way to make a valid request: what is in it, what can be changed, and which model key it goes by."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance import contracts
from conformance.drive.requests import (
    OMIT,
    OPERATIONS,
    OPERATIONS_AND_ENCODINGS,
    TRANSCRIPT_ENCODINGS,
    TRANSCRIPT_OPERATIONS,
    TRANSCRIPTS,
    marker_in_text,
    model_key,
    other_token,
    valid_body,
    valid_request,
    with_header,
    with_model,
    with_token,
    without_content,
)
from conformance.errors import NotVerified
from conformance.http.bodies import Upload
from tests.conformance.drive.stubs import case_of

AZURE = {"models": {"azure_speech": "tts", "azure_transcription": "stt"}}


def served(**declared: Any) -> Any:
    return case_of(lambda _: 200, **declared)


def document(case: Any, route: str, **changes: Any) -> Any:
    return json.loads(valid_body(case, route, "json", **changes).data)


def test_checks_are_made_for_every_operation_of_every_contract() -> None:
    """A run leaves out what its own contract lacks."""
    for name in contracts.names():
        for route, operation in contracts.load(name).operations.items():
            assert {(route, encoding) for encoding in operation.encodings} <= set(OPERATIONS_AND_ENCODINGS)
            assert ((route, operation.encodings[0]) in TRANSCRIPTS) == (not operation.gives_audio)


def test_nothing_is_listed_twice() -> None:
    for listed in (OPERATIONS, OPERATIONS_AND_ENCODINGS, TRANSCRIPTS, TRANSCRIPT_OPERATIONS, TRANSCRIPT_ENCODINGS):
        assert len(listed) == len(set(listed))
    assert {route for route, _ in TRANSCRIPTS} == set(TRANSCRIPT_OPERATIONS)


def test_speech_has_a_model_a_text_and_a_voice() -> None:
    case = served()
    assert document(case, "speech") == {"model": "tts-1", "input": case.text, "voice": "alloy"}


def test_a_transcript_has_a_model_and_the_cases_recording() -> None:
    case = served()
    found = document(case, "translations")
    assert found.keys() == {"model", "audio"}
    assert found["audio"]["fileName"] == f"{case.marker}.wav"


def test_what_is_given_takes_the_place_of_what_would_be_sent() -> None:
    case = served()
    found = document(case, "speech", voice="nova", speed=0, extra=None)
    assert (found["voice"], found["speed"], found["extra"]) == ("nova", 0, None)
    upload = Upload(b"RIFF", "other.wav")
    assert document(case, "transcriptions", upload=upload)["audio"]["fileName"] == "other.wav"


def test_what_is_omitted_is_not_there() -> None:
    case = served()
    assert document(case, "speech", model=OMIT, voice=OMIT).keys() == {"input"}
    assert document(case, "transcriptions", upload=OMIT) == {"model": "whisper-1"}
    assert str(OMIT) == "omitted"


def test_without_an_encoding_it_is_the_operations_plain_one() -> None:
    case = served()
    assert valid_body(case, "speech").content_type == "application/json"
    body = valid_body(case, "transcriptions")
    assert body.content_type.startswith("multipart/form-data; boundary=")
    assert case.upload().data in body.data


def test_a_request_goes_to_its_path_under_the_token() -> None:
    request = valid_request(served(), "translations", "json", token="limited")
    assert request.url.endswith("/audio/translations")
    assert request.header("authorization") == "Bearer limited"


def test_each_face_has_its_keys() -> None:
    case = served(**AZURE)
    assert model_key(case, "speech") == "tts-1"
    assert model_key(case, "speech", "azure") == "tts"
    assert model_key(case, "translations", "azure") == "stt"
    assert document(case, "speech", face="azure")["model"] == "tts"


def test_an_azure_key_that_lacks_the_deployment_is_not_judged_by_it() -> None:
    """A cluster may transcribe and not translate: its key is declared twice, and translation is left undecided."""
    declared = {"models": {**AZURE["models"], "without_deployment": {"translation": "stt"}}}
    case = served(**declared)
    assert model_key(case, "transcriptions", "azure") == "stt"
    with pytest.raises(NotVerified, match="deployment for translations"):
        model_key(case, "translations", "azure")


def test_a_face_whose_key_is_not_declared_is_not_verified() -> None:
    with pytest.raises(NotVerified, match="declare an Azure model"):
        model_key(served(), "speech", "azure")


def test_the_marker_stands_in_a_text_of_every_request() -> None:
    """Speech has one in its input already."""
    case = served()
    assert marker_in_text(case, "speech") == {}
    assert marker_in_text(case, "transcriptions") == {"prompt": case.marker}


def test_a_request_may_lack_its_content_or_have_another_model() -> None:
    case = served()
    assert json.loads(without_content(case, "speech", "json").body).keys() == {"model", "voice"}
    assert json.loads(without_content(case, "transcriptions", "json", prompt="x").body).keys() == {"model", "prompt"}
    assert json.loads(with_model(case, "speech", "json", 5).body)["model"] == 5


def test_a_header_is_replaced_whatever_its_letters_or_left_out() -> None:
    request = valid_request(served(), "speech")
    assert with_header(request, "AUTHORIZATION", "x").header("Authorization") == "x"
    assert with_header(request, "authorization", None).header("Authorization") is None


def test_another_token_sends_the_very_same_bytes() -> None:
    request = valid_request(served(), "transcriptions", "multipart")
    other = with_token(request, "cpeer_other")
    assert other.header("authorization") == "Bearer cpeer_other"
    assert (other.body, other.url, other.header("content-type")) == (
        request.body,
        request.url,
        request.header("content-type"),
    )


def test_another_token_is_one_whose_quotas_the_request_is_within() -> None:
    quotas = {"token": "cpeer_small", "max_characters": 5, "max_upload_bytes": 1_000_000}
    case = served(limited_tokens={"per_request": quotas})
    assert other_token(case, "speech") is None
    assert other_token(case, "translations") == "cpeer_small"
    assert other_token(served(), "translations") is None
