"""Transcripts in the five response formats, for the mock voice and for other sound."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from openai.types.audio import TranscriptionVerbose, TranslationVerbose

from mock_upstreams import (
    TRANSCRIPT_FORMATS,
    MockProvider,
    ProviderRefusal,
    SpeechRequest,
    Transcript,
    TranscriptionRequest,
)
from mock_upstreams.codecs import SPEECH_RATE, encode
from mock_upstreams.voice import synthesize

_PROVIDER = MockProvider()
_TEXT = "The beach was a popular spot, on a hot day. People were swimming --> in the ocean.\n\nNobody was bored (much)."
_FRENCH = "Je vous attends dans la maison. Le chat est sur une chaise et dort."


def _audio(text: str = _TEXT) -> bytes:
    return _PROVIDER.synthesize(SpeechRequest("tts-1", text, response_format="opus")).data


def _transcript(text: str = _TEXT) -> Transcript:
    return _PROVIDER.transcribe(TranscriptionRequest("whisper-1", _audio(text), temperature=0.4))


def _sound(samples: Any) -> bytes:
    return encode(np.asarray(samples, np.int16), "wav")


def _burst_of_noise(seconds: float) -> Any:
    return np.random.default_rng(11).integers(-8000, 8000, round(seconds * 24_000))


def _rising(times: list[float]) -> bool:
    return all(earlier <= later for earlier, later in itertools.pairwise(times))


def test_json_is_text_and_usage() -> None:
    """The usage counts begun seconds, as OpenAI bills them."""
    transcript = _transcript()
    document = transcript.render("json")
    assert document == {"text": _TEXT, "usage": {"type": "duration", "seconds": int(transcript.duration) + 1}}


def test_text_is_the_text_and_nothing_else() -> None:
    """Not even a line's end is added: what was said is what is answered."""
    assert _transcript(" x \n").render("text") == " x \n"


def test_verbose_json_is_what_the_official_client_expects() -> None:
    """All fields of the API reference, in the types of the official client, with nothing left over."""
    document = _transcript().render("verbose_json", ("word", "segment"))
    parsed = TranscriptionVerbose.model_validate(document, strict=True)
    assert parsed.model_extra == {"task": "transcribe"}
    assert (parsed.text, parsed.language) == (_TEXT, "english")
    assert parsed.segments is not None
    assert "".join(segment.text for segment in parsed.segments) == _TEXT
    assert {segment.temperature for segment in parsed.segments} == {0.4}
    assert parsed.words is not None
    assert [word.word for word in parsed.words[:7]] == ["The", "beach", "was", "a", "popular", "spot", "on"]
    assert isinstance(document, dict)
    assert all(len(segment) == 10 for segment in document["segments"])


@pytest.mark.parametrize("text", [_TEXT, "x", " \n ", "…", "世界は広いです。" * 40, "😀" * 100])
def test_times_never_run_backwards(text: str) -> None:
    """Words lie in order within their segments, segments in order within the duration."""
    document = _transcript(text).render("verbose_json", ("word", "segment"))
    assert isinstance(document, dict)
    for part in ("words", "segments"):
        assert _rising([at for piece in document[part] for at in (piece["start"], piece["end"])])
        assert all(0 <= piece["start"] <= piece["end"] <= document["duration"] for piece in document[part])


@pytest.mark.parametrize(
    ("granularities", "present"),
    [
        ((), {"segments"}),
        (("segment",), {"segments"}),
        (("word",), {"words"}),
        (("word", "segment"), {"words", "segments"}),
    ],
)
def test_granularities_choose_the_detail(granularities: tuple[str, ...], present: set[str]) -> None:
    """Segments when none is asked, else exactly what is asked."""
    document = _transcript().render("verbose_json", granularities)
    assert {"words", "segments"} & set(document) == present


def test_a_translation_has_no_words_and_no_usage() -> None:
    """The translation objects of the API reference are smaller than those of transcription."""
    translation = _PROVIDER.translate(TranscriptionRequest("whisper-1", _audio(_FRENCH), temperature=0.2))
    document = translation.render("verbose_json", ("word",))
    assert TranslationVerbose.model_validate(document, strict=True).model_extra == {"task": "translate"}
    assert isinstance(document, dict)
    assert set(document) == {"task", "language", "duration", "text", "segments"}
    assert document["language"] == "english"
    assert translation.render("json") == {"text": translation.text}


def test_a_translation_is_english_and_its_own() -> None:
    """Beyond the phrase book: always the same, in plain letters, unlike the source, one sentence for each of its own."""
    order = TranscriptionRequest("whisper-1", _audio(_FRENCH))
    first, second = _PROVIDER.translate(order), _PROVIDER.translate(order)
    other = _PROVIDER.translate(TranscriptionRequest("whisper-1", _audio(_FRENCH.replace("chat", "chien"))))
    assert first == second
    assert first.text.isascii()
    assert first.text not in {_FRENCH, other.text}
    assert first.text.count(".") == _FRENCH.count(".")
    assert "".join(segment.text for segment in first.segments) == first.text


def test_a_damaged_sentence_is_told_and_keeps_to_its_time() -> None:
    """A header without its body announces more time than there is: the next sentence ends it."""
    rate = SPEECH_RATE
    long_burst = synthesize("".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(500)), rate)
    spliced = np.concatenate([long_burst[: rate * 2], synthesize("This one is whole.", rate)])
    transcript = _PROVIDER.transcribe(TranscriptionRequest("whisper-1", _sound(spliced)))
    damaged, whole = transcript.segments
    assert transcript.text == " [inaudible]This one is whole."
    assert damaged.end <= whole.start
    assert damaged.no_speech_prob > whole.no_speech_prob
    assert _rising([at for word in transcript.words for at in (word.start, word.end)])


def test_srt_numbers_its_cues() -> None:
    """One cue per segment, its text on one line, without an arrow that would look like a time."""
    first, second, *_ = str(_transcript().render("srt")).split("\n\n")
    number, times, text = first.split("\n")
    assert (number, text) == ("1", "The beach was a popular spot, on a hot day.")
    assert times.startswith("00:00:00,")
    assert second.endswith("\nPeople were swimming -> in the ocean.")


def test_vtt_opens_with_its_name() -> None:
    """WebVTT writes milliseconds after a full stop and needs its first line."""
    lines = str(_transcript().render("vtt")).split("\n")
    assert lines[:2] == ["WEBVTT", ""]
    assert " --> 00:00:" in lines[2]
    assert lines[2].startswith("00:00:00.")


def test_subtitles_count_hours() -> None:
    """Minutes and hours carry over."""
    from_the_end = Transcript("x", "english", 3700.0, (), (), "transcribe")
    assert from_the_end.render("vtt") == "WEBVTT\n\n"
    segment = _transcript("Hello.").segments[0]
    late = type(segment)(*(getattr(segment, name) for name in ("id", "seek")), 3599.9996, 3661.25, "x", (), 0, 0, 0, 0)
    assert Transcript("x", "english", 3700.0, (late,), (), "transcribe").render("srt") == (
        "1\n01:00:00,000 --> 01:01:01,250\nx\n\n"
    )


@pytest.mark.parametrize("name", TRANSCRIPT_FORMATS)
def test_silence_is_an_empty_transcript(name: str) -> None:
    """Nothing said is no error, in any format."""
    transcript = _PROVIDER.transcribe(TranscriptionRequest("whisper-1", _sound(np.zeros(48_000))))
    assert (transcript.text, transcript.segments, transcript.words, transcript.duration) == ("", (), (), 2.0)
    assert transcript.render(name) in (
        "",
        "WEBVTT\n\n",
        {"text": "", "usage": {"type": "duration", "seconds": 2}},
        {
            "task": "transcribe",
            "language": "english",
            "duration": 2.0,
            "text": "",
            "segments": [],
            "usage": {"type": "duration", "seconds": 2},
        },
    )


def test_other_sound_gives_words_where_it_is_loud() -> None:
    """Words of the spelling alphabet, the same each time, at the times of the sound; other sound, other words."""
    noise, silence = _burst_of_noise(2), np.zeros(24_000)
    order = TranscriptionRequest("whisper-1", _sound(np.concatenate([silence, noise, silence, noise[:30_000]])))
    first, second = (_PROVIDER.transcribe(order) for _ in range(2))
    assert first == second
    assert [(round(segment.start), round(segment.end)) for segment in first.segments] == [(1, 3), (4, 5)]
    assert first.text.replace(".", "").replace(" ", "").isalpha()
    assert first.notes == {}


def test_a_long_sound_is_told_in_parts() -> None:
    """No segment is longer than ten seconds, however long the noise."""
    transcript = _PROVIDER.transcribe(TranscriptionRequest("whisper-1", _sound(_burst_of_noise(65))))
    assert len(transcript.segments) == 7
    assert max(segment.end - segment.start for segment in transcript.segments) <= 10
    assert {segment.seek for segment in transcript.segments} == {0, 3000, 6000}


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"response_format": "xml"}, "response_format"),
        ({"timestamp_granularities": ("word", "sentence")}, "timestamp_granularities"),
    ],
)
def test_an_unknown_shape_is_refused_before_anything_is_decoded(change: dict[str, Any], param: str) -> None:
    """The refusal names the field, what it held and what it may hold."""
    with pytest.raises(ProviderRefusal, match="Supported values") as refused:
        _PROVIDER.transcribe(TranscriptionRequest("whisper-1", b"no sound", **change))
    assert (refused.value.status, refused.value.param, refused.value.code) == (400, param, "invalid_value")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello there, how are you?", "english"),
        ("12345 !?", "english"),
        ("I am in Berlin and the cat is on a mat", "english"),
        ("Guten Tag, wie geht es Ihnen?", "german"),
        ("Hola, ¿dónde está el gato?", "spanish"),
        ("Dzień dobry, gdzie jest kot?", "polish"),
        ("你好世界", "chinese"),
        ("日本語の文章です", "japanese"),
        ("안녕하세요", "korean"),
        ("مرحبا بالعالم", "arabic"),
        ("Доброе утро", "russian"),
    ],
)
def test_the_language_is_told_by_name(text: str, language: str) -> None:
    """By script first, by everyday words second, English when nothing speaks for another."""
    assert _transcript(text).language == language
