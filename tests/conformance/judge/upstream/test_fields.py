"""Fields at the provider: what was lost, changed, added or left over is found, and the finding shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.http.bodies import Upload
from conformance.judge.upstream.fields import (
    GRANULARITIES,
    field_arrived,
    field_withheld,
    fields_arrived,
    nothing_invented,
    nothing_left_over,
    only_valid_format,
    parts_arrived,
    request_arrived,
    same_call,
)
from conformance.mock.calls import RecordedCall
from tests.conformance.judge.answers import answered
from tests.conformance.judge.calls import UPLOAD, call, form_call
from tests.conformance.judge.findings import says

SERVED = answered(200, sent_as="application/json")


def spoken(**fields: Any) -> RecordedCall:
    return call(fields=[["model", "tts-1"], *map(list, fields.items())])


@pytest.mark.parametrize(
    ("got", "shown"), [({"speed": "1.5"}, "'1.5'"), ({"speed": True}, "True"), ({}, "no such field")]
)
def test_a_value_that_does_not_arrive_is_shown_beside_what_was_sent(got: dict[str, Any], shown: str) -> None:
    wrong = spoken(**got)
    finding = field_arrived(SERVED, [spoken(speed=1.5), wrong], "speed", 1.5)
    assert says(finding) == ("speed does not reach the provider as it was sent", "1.5", shown)
    assert finding
    assert (finding.exchanges, finding.upstream) == ((SERVED,), (wrong,))


@pytest.mark.parametrize("got", [0, 0.0, "0", "0.00", "0e0"])
def test_a_zero_arrives_however_it_is_spelt(got: Any) -> None:
    assert field_arrived(SERVED, [form_call(("temperature", got))], "temperature", 0) is None


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ([], "no such field"),
        ([("temperature", "")], "''"),
        ([("temperature", "0.2")], "'0.2'"),
        ([("temperature", "None")], "'None'"),
    ],
)
def test_a_lost_zero_is_found(fields: list[tuple[str, str]], shown: str) -> None:
    """Absent, empty or another number: it is not the zero that was sent."""
    assert says(field_arrived(SERVED, [form_call(*fields)], "temperature", 0))[1:] == ("0", shown)


@pytest.mark.parametrize("got", ["e\u0301 ", "\u00e9", " e\u0301", "e\u0301\n", ""])
def test_a_text_is_compared_by_code_point(got: str) -> None:
    """Trimming and normalising both show, in escapes that tell them apart."""
    finding = field_arrived(SERVED, [spoken(input=got)], "input", "e\u0301")
    assert says(finding)[1:] == ("'e\\u0301'", ascii(got))
    assert field_arrived(SERVED, [spoken(input=got)], "input", got) is None


def test_of_long_texts_the_place_is_shown_where_they_differ() -> None:
    finding = field_arrived(SERVED, [spoken(input="x" * 5000)], "input", "x" * 4999 + "y")
    assert says(finding)[1].startswith("…'xxx")
    assert "from character 4999 on (5000 characters)" in says(finding)[2]


def test_every_call_has_to_agree() -> None:
    """A gateway that tries again has to send the same; no call at all is for others to judge."""
    right, wrong = spoken(voice="nova"), spoken(voice="alloy")
    assert field_arrived(SERVED, [right, right], "voice", "nova") is None
    assert says(field_arrived(SERVED, [right, wrong], "voice", "nova"))[2] == "'alloy'"
    assert field_arrived(SERVED, [], "voice", "nova") is None


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
    ("values", "shown"),
    [
        ([], "no such field"),
        (["segment"], "'segment'"),
        (["word,segment"], "'word,segment'"),
        (['["word", "segment"]'], '\'["word", "segment"]\''),
        (["word", "words"], "['word', 'words']"),
    ],
)
def test_lost_or_joined_granularities_are_found(values: list[str], shown: str) -> None:
    """Only the last of repeated fields, or all in one text: no provider reads that."""
    asked = form_call(*((f"{GRANULARITIES}[]", value) for value in values))
    finding = field_arrived(SERVED, [asked], GRANULARITIES, ["word", "segment"])
    assert says(finding)[1:] == ("['word', 'segment']", shown)


def test_each_field_has_a_finding_of_its_own() -> None:
    voice, speed = fields_arrived(SERVED, [spoken(voice="nova", speed=2)], {"voice": "nova", "speed": 1})
    assert voice is None
    assert says(speed)[2] == "2"


def test_a_whole_request_is_compared_in_one_finding() -> None:
    """Its model never, and the format of a transcript not: they are judged elsewhere."""
    sent = {"model": "my-key", "prompt": "x", "temperature": 0, "response_format": "srt"}
    arrived = form_call(("prompt", "x"), ("temperature", "0"), ("response_format", "json"))
    assert request_arrived(SERVED, arrived, sent, UPLOAD, because="x") is None
    spoilt = form_call(("prompt", "y"), ("temperature", "0"), upload=Upload(b"RIFF"))
    finding = request_arrived(SERVED, spoilt, sent, UPLOAD, because="a form")
    message, expected, got = says(finding)
    assert message == "a form: the provider got something else than the client sent"
    assert expected.startswith("prompt 'x'; 8 bytes, sha256 ")
    assert got.startswith("prompt 'y'; 4 bytes, sha256 ")


def test_the_format_of_speech_is_part_of_the_request() -> None:
    finding = request_arrived(SERVED, spoken(response_format="mp3"), {"response_format": "wav"}, None, because="x")
    assert says(finding)[1:] == ("response_format 'wav'", "response_format 'mp3'")


def test_what_an_earlier_request_left_over_is_found() -> None:
    """Its very value; a default of the gateway's own is another."""
    earlier = {"temperature": 0.37, "prompt": "mark1z, once more."}
    for clean in (form_call(), form_call(("temperature", "0"), ("prompt", ""), ("user", "mark1z"))):
        assert nothing_left_over(SERVED, [clean], earlier) is None
    for name, value in (("temperature", "0.37"), ("prompt", "mark1z, once more.")):
        finding = nothing_left_over(SERVED, [form_call(), form_call((name, value))], earlier)
        message = f"{name} of an earlier request reached the provider with a request that had none"
        assert says(finding) == (message, f"no {name}, or a default", repr(value))


@pytest.mark.parametrize(
    ("there", "key"),
    [
        (form_call(("language", "fr")), "language"),
        (form_call(("timestamp_granularities[]", "word")), "timestamp_granularities[]"),
        (form_call(("timestamp_granularities", "word")), "timestamp_granularities"),
        (form_call(query={"language": "fr"}), "language"),
    ],
)
def test_what_must_not_arrive_is_found_in_every_spelling_and_place(there: RecordedCall, key: str) -> None:
    names = ("language", GRANULARITIES)
    assert field_withheld(SERVED, [form_call(("prompt", "language"), ("user", "x"))], *names) is None
    finding = field_withheld(SERVED, [form_call(), there], *names)
    message = f"{key} reached the provider, which has no use for it here"
    assert says(finding) == (message, "no language and no timestamp_granularities", f"['{key}']")


@pytest.mark.parametrize("value", ["mp3", "opus", "aac", "flac", "wav", "pcm", None])
def test_a_default_of_the_gateways_own_is_legal(value: str | None) -> None:
    """An invalid format may be left out or be replaced by a valid one."""
    assert only_valid_format(SERVED, [spoken(response_format=value), spoken()]) is None


@pytest.mark.parametrize("value", ["ogg", "", "MP3", 7, ["mp3"], {"mp3": 1}, True])
def test_an_invalid_format_at_the_provider_is_found(value: Any) -> None:
    finding = only_valid_format(SERVED, [spoken(response_format=value)])
    expected = "no response_format, or one of mp3, opus, aac, flac, wav, pcm"
    assert says(finding) == ("an invalid response_format reached the provider", expected, ascii(value))


def test_calls_that_mean_the_same_are_the_same() -> None:
    """Order, spelling, extras, the file's name and defaults that are left out do not count."""
    one = form_call(("prompt", "x\ny"), ("temperature", "0"), ("user", "req_1"))
    other = form_call(
        ("response_format", "json"), ("prompt", "x\r\ny"), upload=replace(UPLOAD, file_name="audio"), position=2
    )
    assert same_call(SERVED, one, SERVED, other) is None


def test_numbers_of_two_calls_are_equal_to_single_precision() -> None:
    one, other = form_call(("temperature", "0.3")), form_call(("temperature", "0.30000001192092896"))
    assert same_call(SERVED, one, SERVED, other) is None


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (form_call(("prompt", "y")), "prompt"),
        (form_call(), "prompt"),
        (form_call(("prompt", "x"), ("temperature", "0.5")), "temperature"),
        (form_call(("prompt", "x"), ("language", "de")), "language"),
        (form_call(("prompt", "x"), ("timestamp_granularities[]", "word")), "timestamp_granularities"),
        (form_call(("prompt", "x"), ("response_format", "text")), "response_format"),
        (form_call(("prompt", "x"), upload=Upload(b"RIFF...")), "upload"),
        (form_call(("prompt", "x"), operation="translation"), "operation"),
        (form_call(("prompt", "x"), fields=[["model", "other"], ["prompt", "x"]]), "model"),
        (form_call(("prompt", "x"), deployment="other"), "deployment"),
    ],
)
def test_calls_that_differ_in_meaning_are_found(other: RecordedCall, named: str) -> None:
    one, second = form_call(("prompt", "x")), answered(200, sent_as="multipart/form-data")
    finding = same_call(SERVED, one, second, other)
    message, expected, got = says(finding)
    assert message == f"the two forms of one request reach the provider with different {named}"
    assert expected.startswith(f"{{'{named}': ")
    assert got.startswith(f"{{'{named}': ")
    assert finding
    assert (finding.exchanges, finding.upstream) == ((SERVED, second), (one, other))


def test_the_parts_of_a_text_that_were_changed_are_named() -> None:
    parts, sent = {"mail": "a@example.com", "tag": "<b>"}, "a@example.com <b>"
    finding = parts_arrived(SERVED, [spoken(input="[EMAIL] <b>")], "input", sent, parts)
    assert says(finding)[0] == "input does not reach the provider as it was sent (mail)"
    assert parts_arrived(SERVED, [spoken(input=sent)], "input", sent, parts) is None
    lost = parts_arrived(SERVED, [spoken()], "input", sent, parts)
    assert says(lost)[0] == "input does not reach the provider as it was sent (mail, tag)"


@pytest.mark.parametrize("field", [("language", "en"), ("prompt", "Be exact.")])
def test_what_the_gateway_invents_is_found(field: tuple[str, str]) -> None:
    names, invented = ("language", "prompt"), form_call(field)
    finding = nothing_invented(SERVED, [form_call(), invented], names, because="x")
    expected = (f"x: a {field[0]} of the gateway's own reached the provider", f"no {field[0]}", repr(field[1]))
    assert says(finding) == expected
    assert finding
    assert finding.upstream == (invented,)


@pytest.mark.parametrize("fields", [(), (("prompt", ""), ("language", "")), (("temperature", "0"),)])
def test_defaults_and_empty_fields_are_no_inventions(fields: tuple[tuple[str, str], ...]) -> None:
    assert nothing_invented(SERVED, [form_call(*fields)], ("language", "prompt"), because="x") is None
