"""Judges of speech: bytes, labels, sameness."""

from __future__ import annotations

import pytest

from conformance.audio import FORMATS
from conformance.judge.client.speech import (
    carries_audio,
    format_of,
    is_audio,
    is_honestly_other,
    is_some_audio,
    label_agrees,
    label_names,
    same_bytes,
    same_format,
)
from conformance.mock.calls import RecordedCall
from mock_upstreams import MockProvider, SpeechRequest
from tests.conformance.judge.answers import answered, labelled, unanswered
from tests.conformance.judge.calls import call, response
from tests.conformance.judge.findings import says

LEGAL = {
    "mp3": ("audio/mpeg", "audio/mp3", "AUDIO/MPEG; x=1"),
    "opus": ("audio/ogg", "audio/opus", "audio/ogg; codecs=opus"),
    "aac": ("audio/aac",),
    "flac": ("audio/flac", "audio/x-flac"),
    "wav": ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"),
    "pcm": ("audio/pcm", "audio/L16", "audio/L16; rate=24000; channels=1"),
}
NAMES = [(name, label) for name, labels in LEGAL.items() for label in labels]


Spoken = dict[str, bytes]


@pytest.fixture(scope="module")
def spoken() -> Spoken:
    """One short piece of audio in each format."""
    return {
        name: MockProvider().synthesize(SpeechRequest("tts-1", "Hi.", response_format=name)).data for name in FORMATS
    }


@pytest.mark.parametrize(("name", "label"), NAMES)
def test_every_legal_name_of_a_format_agrees_with_its_bytes(spoken: Spoken, name: str, label: str) -> None:
    exchange = labelled(spoken[name], label)
    assert label_agrees(exchange, because="x") is None
    assert label_names(exchange, name, because="x") is None
    assert is_some_audio(exchange, because="x") is None
    assert exchange.answer
    assert format_of(exchange.answer) == name


@pytest.mark.parametrize("bytes_are", FORMATS)
@pytest.mark.parametrize("label_is", FORMATS)
def test_a_foreign_label_is_found(spoken: Spoken, bytes_are: str, label_is: str) -> None:
    """All pairs: bytes of one format under the name of another."""
    exchange = labelled(spoken[bytes_are], LEGAL[label_is][0])
    finding = label_agrees(exchange, because="x")
    assert (finding is None) == (bytes_are == label_is)
    if finding:
        assert finding.message == "x: Content-Type and bytes disagree"
        assert f"with Content-Type {LEGAL[label_is][0]!r}" in finding.got


@pytest.mark.parametrize("label", ["application/octet-stream", "audio/x", "application/json", ""])
def test_a_label_that_names_no_format_is_found(spoken: Spoken, label: str) -> None:
    _, expected, got = says(label_agrees(labelled(spoken["mp3"], label), because="x"))
    assert expected == "Content-Type audio/mpeg or audio/mp3, as the bytes are mp3"
    assert got.startswith(f"200 with Content-Type {label!r}, bytes that are mp3")


def test_no_label_is_found(spoken: Spoken) -> None:
    finding = label_agrees(answered(200, spoken["mp3"]), because="x")
    assert says(finding)[2].startswith("200 with Content-Type None, bytes that are mp3")


def test_no_answer_has_no_label() -> None:
    finding = label_agrees(unanswered("connection reset"), because="x")
    assert says(finding) == ("x: no answer", "audio with its media type", "connection reset")


def test_another_label_than_the_known_one_is_found() -> None:
    """For bytes that nothing marks: the check knows by other means what they are."""
    message, expected, got = says(label_names(labelled(b"\0\1", "audio/mpeg"), "pcm", because="x"))
    assert (message, expected) == ("x: wrong media type", "Content-Type audio/pcm or audio/l16")
    assert got.startswith("200 with Content-Type 'audio/mpeg'")


@pytest.mark.parametrize("name", FORMATS)
def test_a_cut_or_foreign_body_is_no_whole_audio(spoken: Spoken, name: str) -> None:
    whole = spoken[name]
    assert is_audio(answered(200, whole), name, because="x") is None
    for body in (b"", b'{"error": {"message": "no"}}', whole[: len(whole) // 2 | 1]):
        message, expected, got = says(is_audio(answered(200, body), name, because="x"))
        assert (message, expected) == (f"x: not a whole stream of {name}", f"decodable {name}")
        assert got
    assert says(is_audio(unanswered("connection reset"), name, because="x"))[2] == "connection reset"


@pytest.mark.parametrize("body", [b'{"text": "x"}', b"<html></html>", b""])
def test_some_audio_is_none_of_json_or_html(body: bytes) -> None:
    exchange = labelled(body, "audio/mpeg")
    for finding in (is_some_audio(exchange, because="x"), carries_audio(exchange, because="x")):
        assert says(finding)[:2] == ("x: no audio", "one of mp3, opus, aac, flac, wav, pcm")


def test_the_same_format_is_seen_by_the_bytes_and_not_by_the_name(spoken: Spoken) -> None:
    bare = labelled(spoken["mp3"], "audio/mpeg")
    assert same_format(labelled(spoken["mp3"], "audio/mp3"), bare, because="x") is None
    for other in (labelled(spoken["flac"], "audio/mpeg"), labelled(b"{}", "application/json", 400), unanswered()):
        finding = same_format(other, bare, because="x")
        assert says(finding)[:2] == ("x: not ignored", "mp3, the format that comes when none is asked")
        assert finding
        assert finding.exchanges == (bare, other)


def test_pcm_by_default_stays_pcm(spoken: Spoken) -> None:
    bare = labelled(spoken["pcm"], "audio/pcm")
    assert same_format(labelled(spoken["pcm"], "audio/L16"), bare, because="x") is None
    finding = same_format(labelled(spoken["wav"], "audio/pcm"), bare, because="x")
    assert says(finding)[1] == "pcm, the format that comes when none is asked"


def test_one_byte_more_is_not_the_providers_audio() -> None:
    sent = call(answer=response(b"audio"))
    assert same_bytes(answered(200, b"audio"), [sent]) is None
    finding = same_bytes(answered(200, b"audio\n"), [sent])
    message, expected, got = says(finding)
    assert message == "the audio is not what the provider sent"
    assert expected.startswith("5 bytes, sha256 ")
    assert got.startswith("6 bytes, sha256 ")
    assert finding
    assert finding.upstream == (sent,)


@pytest.mark.parametrize("calls", [[], [call(answer=None)]])
def test_audio_that_no_provider_sent_is_found(calls: list[RecordedCall]) -> None:
    assert says(same_bytes(answered(200, b"audio"), calls))[1] == "the provider's bytes"


def test_any_of_several_responses_will_do() -> None:
    """A gateway that asked twice passes on one of the two."""
    calls = [call(answer=response(b"one")), call(answer=response(b"two"))]
    assert same_bytes(answered(200, b"two"), calls) is None
    assert says(same_bytes(answered(200, b"three"), calls))[1].count(" bytes, sha256 ") == 2


def test_another_format_is_honest_only_under_its_own_name(spoken: Spoken) -> None:
    assert is_honestly_other(labelled(spoken["wav"], "audio/wav"), "flac")
    assert not is_honestly_other(labelled(spoken["wav"], "audio/flac"), "flac")
    assert not is_honestly_other(labelled(spoken["flac"], "audio/flac"), "flac")
    assert not is_honestly_other(labelled(spoken["wav"], "audio/wav", 400), "flac")
    assert not is_honestly_other(labelled(spoken["wav"][:100], "audio/wav"), "flac")
    assert not is_honestly_other(unanswered(), "flac")
