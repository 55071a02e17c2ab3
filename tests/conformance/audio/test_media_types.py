"""Which media type may label which format."""

import pytest

from conformance.audio import FORMATS, format_of_media_type, media_types


@pytest.mark.parametrize(
    ("content_type", "format_name"),
    [
        ("audio/mpeg", "mp3"),
        ("audio/mp3", "mp3"),
        ("audio/ogg; codecs=opus", "opus"),
        ('Audio/OGG;codecs="opus"', "opus"),
        ("audio/opus", "opus"),
        ("audio/aac", "aac"),
        ("audio/flac", "flac"),
        ("AUDIO/X-FLAC", "flac"),
        ("audio/wav", "wav"),
        ("audio/x-wav", "wav"),
        ("audio/wave", "wav"),
        ("audio/vnd.wave;codec=1", "wav"),
        ("audio/pcm", "pcm"),
        ("audio/L16; rate=24000; channels=1", "pcm"),
        (" audio/l16 ", "pcm"),
        ("application/octet-stream", None),
        ("audio/mpegurl", None),
        ("application/json", None),
        ("", None),
        (";", None),
    ],
)
def test_a_content_type_names_a_format(content_type, format_name):
    """Whatever its parameters and letter case."""
    assert format_of_media_type(content_type) == format_name


def test_every_format_has_names_that_lead_back_to_it():
    """The two look-ups agree."""
    assert FORMATS == ("mp3", "opus", "aac", "flac", "wav", "pcm")
    for name in FORMATS:
        assert {format_of_media_type(media_type) for media_type in media_types(name)} == {name}


def test_an_unknown_format_is_the_callers_mistake():
    """It is refused with the names that exist."""
    with pytest.raises(ValueError, match=r"ogg.*mp3, opus"):
        media_types("ogg")
