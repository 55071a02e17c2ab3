"""What reached the provider: every legal way to carry a value is accepted, every other value is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.http.bodies import Upload
from conformance.judge.upstream.fields import (
    GRANULARITIES,
    field_arrived,
    field_withheld,
    file_name_arrived,
    media_type_arrived,
    nothing_left_over,
    only_valid_format,
    same_call,
    upload_arrived,
)
from tests.conformance.judge.answers import answered
from tests.conformance.judge.calls import UPLOAD, call, form_call

SERVED = answered(200)


def spoken(**fields: Any) -> Any:
    return call(fields=[["model", "tts-1"], *map(list, fields.items())])


@pytest.mark.parametrize(("sent", "got"), [(1, 1), (1, 1.0), (1.5, 1.5), (0, 0), (0, 0.0), (0.7, 0.699999988)])
def test_equal_numbers_are_equal_in_json(sent: float, got: float) -> None:
    """1 and 1.0 are one number, and a single-precision float is close enough."""
    assert field_arrived(SERVED, [spoken(speed=got)], "speed", sent) is None


@pytest.mark.parametrize("got", [1.25, "1.5", None, True, 15])
def test_another_number_is_found_in_json(got: Any) -> None:
    """In JSON, a number as a text is another value."""
    assert field_arrived(SERVED, [spoken(speed=got)], "speed", 1.5) is not None


@pytest.mark.parametrize("got", ["0", "0.0", "0.00", "0e0"])
def test_a_form_writes_zero_as_it_likes(got: str) -> None:
    """Forms know only text."""
    assert field_arrived(SERVED, [form_call(("temperature", got))], "temperature", 0) is None


@pytest.mark.parametrize("fields", [[], [("temperature", "")], [("temperature", "0.2")], [("temperature", "None")]])
def test_a_lost_zero_is_found(fields: list[tuple[str, str]]) -> None:
    """Absent, empty or another number: it is not the zero that was sent."""
    assert field_arrived(SERVED, [form_call(*fields)], "temperature", 0) is not None


@pytest.mark.parametrize("got", ["e\u0301 ", "\u00e9", " e\u0301", "e\u0301\n", ""])
def test_a_text_is_compared_by_code_point(got: str) -> None:
    """Trimming and normalising both show."""
    assert field_arrived(SERVED, [spoken(input=got)], "input", "e\u0301") is not None
    assert field_arrived(SERVED, [spoken(input=got)], "input", got) is None


def test_every_call_and_every_repetition_has_to_agree() -> None:
    """A gateway that tries again has to send the same, and a field sent twice has to say one thing."""
    right, wrong = spoken(voice="nova"), spoken(voice="alloy")
    assert field_arrived(SERVED, [right, right], "voice", "nova") is None
    assert field_arrived(SERVED, [right, wrong], "voice", "nova") is not None
    assert field_arrived(SERVED, [form_call(("prompt", "a"), ("prompt", "b"))], "prompt", "a") is not None


@pytest.mark.parametrize(
    "fields",
    [
        [("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment")],
        [("timestamp_granularities[]", "segment"), ("timestamp_granularities[]", "word")],
        [("timestamp_granularities", "word"), ("timestamp_granularities", "segment")],
        [("timestamp_granularities[0]", "word"), ("timestamp_granularities[1]", "segment")],
        [("timestamp_granularities", ["segment", "word"])],
    ],
)
def test_granularities_may_be_spelled_and_ordered_in_any_way(fields: list[tuple[str, Any]]) -> None:
    assert field_arrived(SERVED, [form_call(*fields)], GRANULARITIES, ["word", "segment"]) is None


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [("timestamp_granularities[]", "segment")],
        [("timestamp_granularities[]", "word,segment")],
        [("timestamp_granularities[]", '["word", "segment"]')],
        [("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "words")],
    ],
)
def test_lost_or_joined_granularities_are_found(fields: list[tuple[str, Any]]) -> None:
    """Only the last of repeated fields, or all in one text: no provider reads that."""
    assert field_arrived(SERVED, [form_call(*fields)], GRANULARITIES, ["word", "segment"]) is not None


def test_what_an_earlier_request_left_over_is_found() -> None:
    """Its very value; a default of the gateway's own is another."""
    earlier = {"temperature": 0.37, "prompt": "mark1z, once more."}
    for clean in (form_call(), form_call(("temperature", "0"), ("prompt", ""), ("user", "mark1z"))):
        assert nothing_left_over(SERVED, [clean], earlier) is None
    for stained in (form_call(("temperature", "0.37")), form_call(("prompt", "mark1z, once more."))):
        assert nothing_left_over(SERVED, [form_call(), stained], earlier) is not None


def test_what_must_not_arrive_is_found_in_every_spelling_and_place() -> None:
    names = ("language", GRANULARITIES)
    assert field_withheld(SERVED, [form_call(("prompt", "language"), ("user", "x"))], *names) is None
    for there in (
        form_call(("language", "fr")),
        form_call(("timestamp_granularities[]", "word")),
        form_call(("timestamp_granularities", "word")),
        form_call(query={"language": "fr"}),
    ):
        assert field_withheld(SERVED, [there], *names) is not None


@pytest.mark.parametrize("value", ["mp3", "opus", "aac", "flac", "wav", "pcm", None])
def test_a_default_of_the_gateways_own_is_legal(value: str | None) -> None:
    """An invalid format may be left out or be replaced by a valid one."""
    assert only_valid_format(SERVED, [spoken(response_format=value), spoken()]) is None


@pytest.mark.parametrize("value", ["ogg", "", "MP3", 7, ["mp3"], {"mp3": 1}, True])
def test_an_invalid_format_at_the_provider_is_found(value: Any) -> None:
    assert only_valid_format(SERVED, [spoken(response_format=value)]) is not None


def test_an_upload_is_compared_by_size_and_digest() -> None:
    assert upload_arrived(SERVED, [form_call()], UPLOAD) is None
    assert upload_arrived(SERVED, [form_call(), form_call(upload=Upload(b"RIFF..."))], UPLOAD) is not None
    assert upload_arrived(SERVED, [form_call(upload=Upload(b"riff...."))], UPLOAD) is not None
    assert upload_arrived(SERVED, [form_call(file=None)], UPLOAD) is not None


@pytest.mark.parametrize("got", ['say "hi".wav', "say %22hi%22.wav", 'say \\"hi\\".wav'])
def test_quotes_in_file_names_may_be_escaped(got: str) -> None:
    """A form has to escape them somehow, and there are three customs."""
    upload = Upload(b"x", 'say "hi".wav')
    assert file_name_arrived(SERVED, [form_call(upload=Upload(b"x", got))], upload) is None


@pytest.mark.parametrize("got", ["audio.wav", "F\ufffdchse.wav", "FÃ¼chse.wav", None])
def test_another_file_name_is_found(got: str | None) -> None:
    assert file_name_arrived(SERVED, [form_call(upload=Upload(b"x", got))], Upload(b"x", "Füchse.wav")) is not None


def test_media_types_are_compared_without_case_and_parameters() -> None:
    upload = Upload(b"x", "a.ogg", "audio/ogg")
    told = form_call(upload=replace(upload, content_type="Audio/OGG; codecs=opus"))
    other = form_call(upload=replace(upload, content_type="application/octet-stream"))
    assert media_type_arrived(SERVED, [told], upload) is None
    assert media_type_arrived(SERVED, [other], upload) is not None


def test_calls_that_mean_the_same_are_the_same() -> None:
    """Order, spelling, extras, the file's name and defaults that are left out do not count."""
    one = form_call(("prompt", "x"), ("temperature", "0"), ("user", "req_1"))
    other = form_call(
        ("response_format", "json"), ("prompt", "x"), upload=replace(UPLOAD, file_name="audio"), position=2
    )
    assert same_call(SERVED, one, SERVED, other) is None


@pytest.mark.parametrize(
    "other",
    [
        form_call(("prompt", "y")),
        form_call(),
        form_call(("prompt", "x"), ("temperature", "0.5")),
        form_call(("prompt", "x"), ("language", "de")),
        form_call(("prompt", "x"), ("timestamp_granularities[]", "word")),
        form_call(("prompt", "x"), ("response_format", "text")),
        form_call(("prompt", "x"), upload=Upload(b"RIFF...")),
        form_call(("prompt", "x"), operation="translation"),
        form_call(("prompt", "x"), fields=[["model", "other"], ["prompt", "x"]]),
    ],
)
def test_calls_that_differ_in_meaning_are_found(other: Any) -> None:
    assert same_call(SERVED, form_call(("prompt", "x")), SERVED, other) is not None
