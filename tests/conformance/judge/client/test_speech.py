"""Judges of speech: bytes, labels, sameness."""

from __future__ import annotations

import hashlib

import pytest

from conformance.audio import FORMATS
from conformance.judge.client.speech import (
    format_of,
    is_audio,
    is_honestly_other,
    is_some_audio,
    label_agrees,
    label_names,
    same_bytes,
    same_format,
)
from mock_upstreams import MockProvider, SpeechRequest
from tests.conformance.judge.exchanges import UNANSWERED, answered

LEGAL = {
    "mp3": ("audio/mpeg", "audio/mp3", "AUDIO/MPEG; x=1"),
    "opus": ("audio/ogg", "audio/opus", "audio/ogg; codecs=opus"),
    "aac": ("audio/aac",),
    "flac": ("audio/flac", "audio/x-flac"),
    "wav": ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"),
    "pcm": ("audio/pcm", "audio/L16", "audio/L16; rate=24000; channels=1"),
}
NAMES = [(name, label) for name, labels in LEGAL.items() for label in labels]


@pytest.fixture(scope="module")
def spoken():
    """One short piece of audio in each format."""
    return {
        name: MockProvider().synthesize(SpeechRequest("tts-1", "Hi.", response_format=name)).data for name in FORMATS
    }


@pytest.mark.parametrize(("name", "label"), NAMES)
def test_every_legal_name_of_a_format_agrees_with_its_bytes(spoken, name, label):
    exchange = answered(spoken[name], content_type=label)
    assert label_agrees(exchange, because="x") is None
    assert label_names(exchange, name, because="x") is None
    assert is_some_audio(exchange, because="x") is None
    assert format_of(exchange.answer) == name


@pytest.mark.parametrize("bytes_are", FORMATS)
@pytest.mark.parametrize("label_is", FORMATS)
def test_a_foreign_label_is_found(spoken, bytes_are, label_is):
    """All pairs: bytes of one format under the name of another."""
    exchange = answered(spoken[bytes_are], content_type=LEGAL[label_is][0])
    assert (label_agrees(exchange, because="x") is None) == (bytes_are == label_is)


@pytest.mark.parametrize("label", ["application/octet-stream", "audio/x", "application/json", ""])
def test_a_label_that_names_no_format_is_found(spoken, label):
    finding = label_agrees(answered(spoken["mp3"], content_type=label), because="x")
    assert finding is not None
    assert "audio/mpeg" in finding.expected


def test_no_label_is_found(spoken):
    assert label_agrees(answered(spoken["mp3"]), because="x") is not None


@pytest.mark.parametrize("name", FORMATS)
def test_a_cut_or_foreign_body_is_no_whole_audio(spoken, name):
    whole = spoken[name]
    assert is_audio(answered(whole), name, because="x") is None
    assert is_audio(answered(b""), name, because="x") is not None
    assert is_audio(answered(b'{"error": {"message": "no"}}'), name, because="x") is not None
    assert is_audio(answered(whole[: len(whole) // 2 | 1]), name, because="x") is not None
    assert is_audio(UNANSWERED, name, because="x") is not None


def test_some_audio_is_none_of_json_or_html(spoken):
    for body in (b'{"text": "x"}', b"<html></html>", b""):
        assert is_some_audio(answered(body, content_type="audio/mpeg"), because="x") is not None


def test_the_same_format_is_seen_by_the_bytes_and_not_by_the_name(spoken):
    bare = answered(spoken["mp3"], content_type="audio/mpeg")
    assert same_format(answered(spoken["mp3"], content_type="audio/mp3"), bare, because="x") is None
    assert same_format(answered(spoken["flac"], content_type="audio/mpeg"), bare, because="x") is not None
    assert same_format(answered(b"{}", 400, content_type="application/json"), bare, because="x") is not None
    assert same_format(UNANSWERED, bare, because="x") is not None


def test_pcm_by_default_stays_pcm(spoken):
    bare = answered(spoken["pcm"], content_type="audio/pcm")
    assert same_format(answered(spoken["pcm"], content_type="audio/L16"), bare, because="x") is None
    assert same_format(answered(spoken["wav"], content_type="audio/pcm"), bare, because="x") is not None


def call_of(data: bytes) -> dict:
    return {"answer": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}}


def test_one_byte_more_is_not_the_providers_audio():
    assert same_bytes(answered(b"audio"), [call_of(b"audio")]) is None
    assert same_bytes(answered(b"audio\n"), [call_of(b"audio")]) is not None
    assert same_bytes(answered(b"audio"), []) is not None
    assert same_bytes(answered(b"audio"), [{"answer": None}]) is not None


def test_any_of_several_answers_will_do():
    """A gateway that asked twice passes on one of the two."""
    assert same_bytes(answered(b"two"), [call_of(b"one"), call_of(b"two")]) is None


def test_another_format_is_honest_only_under_its_own_name(spoken):
    assert is_honestly_other(answered(spoken["wav"], content_type="audio/wav"), "flac")
    assert not is_honestly_other(answered(spoken["wav"], content_type="audio/flac"), "flac")
    assert not is_honestly_other(answered(spoken["flac"], content_type="audio/flac"), "flac")
    assert not is_honestly_other(answered(spoken["wav"], 400, content_type="audio/wav"), "flac")
    assert not is_honestly_other(answered(spoken["wav"][:100], content_type="audio/wav"), "flac")
