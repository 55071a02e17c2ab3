"""Judges of documents under text: SubRip, WebVTT, plain text."""

from __future__ import annotations

import pytest

from conformance.judge.client.subtitles import looks_like
from tests.conformance.judge.exchanges import UNANSWERED, transcript

SRT = "1\n00:00:00,000 --> 00:00:01,500\nHello.\n\n2\n00:00:01,500 --> 00:00:02,000\nA --> b.\n\n"
VTT = "WEBVTT\n\n00:00.000 --> 00:01.500 align:start\nHello.\n\n00:00:01.500 --> 00:00:02.000\nThere.\n"
LEGAL = [
    ("srt", SRT),
    ("srt", SRT.replace("\n", "\r\n")),
    ("srt", "\ufeff" + SRT.strip()),
    ("srt", ""),
    ("vtt", VTT),
    ("vtt", VTT.replace("\n", "\r\n")),
    ("vtt", "WEBVTT - by somebody\nKind: captions\n\nNOTE x\n\nintro\n00:00.000 --> 00:01.000\nHello."),
    ("vtt", "WEBVTT\n\n"),
    ("vtt", "WEBVTT"),
    ("text", "Hello."),
    ("text", ""),
    ("text", "WEB pages.\nThe arrow --> points."),
]
FAULTY = [
    ("srt", "Hello."),
    ("srt", VTT),
    ("srt", SRT.replace(",", ".")),
    ("srt", SRT.replace("1\n00", "00", 1)),
    ("srt", '"' + SRT.replace("\n", "\\n") + '"'),
    ("srt", SRT.replace("00:00:01,500 --> 00:00:02,000", "00:00:01,500 --> 00:00:01,000")),
    (
        "srt",
        SRT.replace("00:00:00,000", "00:00:01,000", 1).replace(
            "00:00:01,500 --> 00:00:02", "00:00:00,500 --> 00:00:02"
        ),
    ),
    ("vtt", "Hello."),
    ("vtt", SRT),
    ("vtt", VTT.replace("WEBVTT", "WEBVTTX")),
    ("vtt", "\n" + VTT),
    ("vtt", VTT.replace(".", ",")),
    ("text", SRT),
    ("text", VTT),
    ("text", '{"text": "Hello."}'),
]


@pytest.mark.parametrize(("name", "document"), LEGAL)
def test_legal_documents_pass(name, document):
    assert looks_like(transcript({"text": document}), name, because="x") is None


@pytest.mark.parametrize(("name", "document"), FAULTY)
def test_other_documents_are_found(name, document):
    assert looks_like(transcript({"text": document}), name, because="x") is not None


def test_no_text_is_no_document():
    assert looks_like(transcript({"text": [SRT]}), "srt", because="x") is not None
    assert looks_like(UNANSWERED, "text", because="x") is not None
