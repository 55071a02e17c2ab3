"""What a body is, told from its bytes."""

import pytest

from conformance.audio import identify
from tests.conformance.audio import corpus


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'{"error": {"message": "no"}}', "json"),
        (b"\xef\xbb\xbf [1, 2]\r\n", "json"),
        (b"{}", "json"),
        (b"{not json", "text"),
        (b"[" * 200000, "text"),
        (b"<!doctype HTML><title>x</title>", "html"),
        (b"\n<html><body>", "html"),
        (b"<?xml version='1.0'?><html/>", "html"),
        (b"<Error><Code>AccessDenied</Code></Error>", "text"),
        ("Schlüssel fehlt\n".encode(), "text"),
        (b"", "unknown"),
        (b"\x00\x01\x02\x03", "unknown"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00", "unknown"),
        (b"OggS", "ogg"),
        (b"\xff\xfb", "unknown"),
        (b"\xff" * 5000, "unknown"),
    ],
)
def test_documents_and_scraps_are_named(data, name):
    """An error document is told from audio, a scrap from neither."""
    assert identify(data) == name


@pytest.mark.parametrize(
    ("recipe", "name"),
    [
        (corpus.Recipe("webm", "libopus", rate=48000), "webm"),
        (corpus.Recipe("ipod", "aac", sample_format="fltp"), "mp4"),
        (corpus.Recipe("mp2", "mp2"), "unknown"),
    ],
)
def test_containers_that_the_contract_does_not_list_are_named(recipe, name):
    """So that a report says what came instead."""
    assert identify(corpus.encode(recipe)) == name


def test_headerless_pcm_has_no_mark():
    """It is unknown, never taken for a format."""
    assert identify(corpus.pcm()) == "unknown"
