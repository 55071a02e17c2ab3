"""Texts that careless hands change: each holds what it is there for."""

from __future__ import annotations

import unicodedata

import pytest

from conformance.samples.texts import DOCUMENTS, LONG_DOCUMENTS, LONG_TEXT, PROMPTS, SCRIPTS, TEXTS


@pytest.mark.parametrize("name", ["composed-and-not", "spaces", "lines", "separators"])
def test_these_are_changed_by_trimming_or_normalising(name: str) -> None:
    text = TEXTS[name]
    assert any(
        changed != text
        for changed in (text.strip(), unicodedata.normalize("NFC", text), "\n".join(text.splitlines()) + "\n")
    )
    assert unicodedata.normalize("NFC", TEXTS["composed-and-not"]) != TEXTS["composed-and-not"]


@pytest.mark.parametrize(
    "text", [*TEXTS.values(), *SCRIPTS.values(), *PROMPTS.values(), *DOCUMENTS.values(), LONG_TEXT]
)
def test_each_is_text_that_json_and_forms_can_hold(text: str) -> None:
    assert text.encode("utf-8").decode("utf-8") == text
    assert "\0" not in text


@pytest.mark.parametrize("name", LONG_DOCUMENTS)
def test_long_documents_are_what_they_are_called(name: str) -> None:
    """A gateway that reads its provider's subtitles may refuse what are none."""
    document = LONG_DOCUMENTS[name]
    assert len(document.encode()) > 100_000
    blocks = document.removeprefix("WEBVTT\n\n").split("\n\n")
    assert name == "text" or all(" --> " in block for block in blocks)


def test_a_long_text_is_longer_than_a_buffer() -> None:
    assert len(LONG_TEXT.encode()) > 64 * 1024
