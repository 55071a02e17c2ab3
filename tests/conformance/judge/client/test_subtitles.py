"""Judges of documents: SubRip, WebVTT, plain text."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contracts import TranscriptShape
from conformance.http.exchange import Finding
from conformance.judge.client.subtitles import looks_like
from tests.conformance.judge.answers import answered_json, labelled, unanswered
from tests.conformance.judge.findings import says

OBJECT = TranscriptShape(kind="object", media_types=("application/json",))
DOCUMENT = TranscriptShape(kind="document", media_types=("text/vtt",))
SRT = "1\n00:00:00,000 --> 00:00:01,500\nHello.\n\n2\n00:00:01,500 --> 00:00:02,000\nA --> b.\n\n"
VTT = "WEBVTT\n\n00:00.000 --> 00:01.500 align:start\nHello.\n\n00:00:01.500 --> 00:00:02.000\nThere.\n"
LATE = SRT.replace("00:00:00,000", "00:00:01,000", 1).replace("00:00:01,500 --> 00:00:02", "00:00:00,500 --> 00:00:02")
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
NO_SRT_TIMES = "no line with times (00:00:00,000 --> 00:00:00,000)"
NO_VTT_MARK = "it does not begin with WEBVTT"
FAULTY = [
    ("srt", "Hello.", NO_SRT_TIMES),
    ("srt", VTT, NO_SRT_TIMES),
    ("srt", SRT.replace(",", "."), NO_SRT_TIMES),
    ("srt", SRT.replace("1\n00", "00", 1), "a cue without its number"),
    ("srt", '"' + SRT.replace("\n", "\\n") + '"', NO_SRT_TIMES),
    (
        "srt",
        SRT.replace("00:00:01,500 --> 00:00:02,000", "00:00:01,500 --> 00:00:01,000"),
        "times that run backwards (00:00:01,500 --> 00:00:01,000)",
    ),
    ("srt", LATE, "times that run backwards (00:00:00,500 --> 00:00:02,000)"),
    ("vtt", "Hello.", NO_VTT_MARK),
    ("vtt", SRT, NO_VTT_MARK),
    ("vtt", VTT.replace("WEBVTT", "WEBVTTX"), NO_VTT_MARK),
    ("vtt", "\n" + VTT, NO_VTT_MARK),
    ("vtt", VTT.replace(".", ","), "a line with times that are none of WebVTT's (00:00.000 --> 00:00.000)"),
    ("text", SRT, "subtitles"),
    ("text", VTT, "subtitles"),
    ("text", '{"text": "Hello."}', "a JSON document as a string"),
]


def judged(text: Any, name: str) -> Finding | None:
    return looks_like(answered_json(200, {"text": text}), name, OBJECT, because="x")


@pytest.mark.parametrize(("name", "document"), LEGAL)
def test_legal_documents_pass(name: str, document: str) -> None:
    assert judged(document, name) is None
    assert looks_like(labelled(document.encode(), "text/vtt"), name, DOCUMENT, because="x") is None


@pytest.mark.parametrize(("name", "document", "problem"), FAULTY)
def test_other_documents_are_found(name: str, document: str, problem: str) -> None:
    message, expected, got = says(judged(document, name))
    assert (message, expected) == (f"x: not a {name} document", f"a text that is a document in {name}")
    assert got.startswith(f"{problem}: ")


def test_no_text_is_no_document() -> None:
    assert says(judged([SRT], "srt"))[2] == "no text: None"
    assert says(looks_like(unanswered(), "text", OBJECT, because="x"))[2] == "no text: None"
