"""The mock provider as its callers see it: orders in, audio and transcripts out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mock_upstreams
from mock_upstreams import FORMATS, MockProvider, ProviderRefusal, SpeechRequest, Transcript, TranscriptionRequest

_PROVIDER = MockProvider()
_PANGRAM = "The quick brown fox jumped over the lazy dog. It did so twice, on a Monday. Nobody was surprised at all."
_LONG = " ".join([_PANGRAM] * 3)


def _heard(data: bytes, name: str = "mp3") -> Transcript:
    return _PROVIDER.transcribe(TranscriptionRequest("whisper-1", data, file_name=f"speech.{name}"))


def test_the_facade_lists_its_names_in_order() -> None:
    """The façade exports exactly what it lists: constants, classes, sorted within each."""
    assert list(mock_upstreams.__all__) == sorted(mock_upstreams.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(mock_upstreams, name) for name in mock_upstreams.__all__)


@pytest.mark.parametrize("name", FORMATS)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
@settings(max_examples=20, deadline=None)
def test_any_text_is_heard_as_it_was_spoken(name: str, text: str) -> None:
    """Any Unicode text comes back exactly, white space and control characters included, through each format."""
    audio = _PROVIDER.synthesize(SpeechRequest("tts-1", text, response_format=name))
    assert audio.media_type == FORMATS[name]
    assert _heard(audio.data, name).text == text


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_the_longest_text_is_heard_as_it_was_spoken(name: str) -> None:
    """4096 characters, the most that the API takes, in the costliest script there is."""
    text = "".join(chr(0x1F300 + number * 37 % 700) for number in range(4096))
    audio = _PROVIDER.synthesize(SpeechRequest("tts-1", text, response_format=name, speed=4))
    assert _heard(audio.data, name).text == text


@pytest.mark.parametrize(
    "text", [" ", "\n\n", "\0", "\r\n", " lead and trail \t", "\u2028", "\ufeffx", "e\u0301 é", "👩‍👩‍👧"]
)
def test_awkward_texts_are_heard_as_they_were_spoken(text: str) -> None:
    """White space, NUL, line separators, a byte order mark, both forms of one letter, joined emoji."""
    assert _heard(_PROVIDER.synthesize(SpeechRequest("tts-1", text)).data).text == text


def test_the_audio_records_its_order() -> None:
    """Voice, model, speed, format and instructions can be read off the audio itself."""
    order = SpeechRequest("gpt-4o-mini-tts", "Hello.", "nova", "opus", 1.5, "Whisper — très doucement.")
    notes = _heard(_PROVIDER.synthesize(order).data, "opus").notes
    assert notes == {
        "model": "gpt-4o-mini-tts",
        "voice": "nova",
        "response_format": "opus",
        "speed": 1.5,
        "instructions": "Whisper — très doucement.",
    }


def test_what_the_order_leaves_out_is_the_providers_default() -> None:
    """No voice is alloy, no format is mp3, and instructions that were not sent are not invented."""
    audio = _PROVIDER.synthesize(SpeechRequest("tts-1", "Hello."))
    assert (audio.format, audio.media_type) == ("mp3", "audio/mpeg")
    assert _heard(audio.data).notes == {"model": "tts-1", "voice": "alloy", "response_format": "mp3", "speed": 1.0}


@pytest.mark.slow
def test_speed_shows_in_the_duration() -> None:
    """Twice the speed takes about half the time, half the speed twice."""
    slow, plain, fast = (
        _heard(_PROVIDER.synthesize(SpeechRequest("tts-1", _LONG, speed=speed)).data).duration for speed in (0.5, 1, 2)
    )
    assert slow / plain == pytest.approx(2, rel=0.15)
    assert plain / fast == pytest.approx(2, rel=0.15)


@pytest.mark.parametrize("speed", [99.0, 0.0, -3.0])
def test_speeds_out_of_range_are_taken(speed: float) -> None:
    """The mock is lenient: it speaks at the nearest speed it has and records the one that was sent."""
    transcript = _heard(_PROVIDER.synthesize(SpeechRequest("tts-1", "Hello.", speed=speed)).data)
    assert (transcript.text, transcript.notes["speed"]) == ("Hello.", speed)


@pytest.mark.parametrize("name", FORMATS)
def test_equal_orders_give_equal_bytes(name: str) -> None:
    """Nothing random or dated gets into a file."""
    order = SpeechRequest("tts-1", _PANGRAM, response_format=name)
    assert _PROVIDER.synthesize(order) == MockProvider().synthesize(order)


@pytest.mark.parametrize("name", FORMATS)
def test_streamed_speech_is_the_same_speech(name: str) -> None:
    """It comes in many pieces, the first of them small, and is heard as the same text with the same notes."""
    order = SpeechRequest("tts-1", _PANGRAM, response_format=name)
    pieces = list(_PROVIDER.synthesize_stream(order))
    streamed, whole = _heard(b"".join(pieces), name), _heard(_PROVIDER.synthesize(order).data, name)
    assert len(pieces) > 10
    assert len(pieces[0]) < 12_000
    assert (streamed.text, streamed.notes) == (whole.text, whole.notes)
    assert streamed.duration == pytest.approx(whole.duration, abs=0.1)


def test_a_streamed_wav_states_no_size() -> None:
    """OpenAI's header, whose sizes are all ones: a reader must not trust them."""
    head = next(iter(_PROVIDER.synthesize_stream(SpeechRequest("tts-1", "Hello.", response_format="wav"))))
    assert (head[:4], head[4:8], head[36:44]) == (b"RIFF", b"\xff" * 4, b"data" + b"\xff" * 4)


def test_a_streamed_order_is_refused_at_once() -> None:
    """A wrong order fails before any byte is sent, when a status can still say so."""
    with pytest.raises(ProviderRefusal):
        _PROVIDER.synthesize_stream(SpeechRequest("tts-1", ""))


@pytest.mark.parametrize(
    ("order", "param"),
    [
        (SpeechRequest("tts-1", ""), "input"),
        (SpeechRequest("tts-1", "x" * 4097), "input"),
        (SpeechRequest("tts-1", "x", instructions="x" * 4097), "instructions"),
        (SpeechRequest("tts-1", "x", response_format="ogg"), "response_format"),
        (SpeechRequest("tts-1", "x", speed=float("nan")), "speed"),
        (SpeechRequest("tts-1", "half a pair: \ud83d"), None),
    ],
)
def test_speech_that_cannot_be_made_is_refused(order: SpeechRequest, param: str | None) -> None:
    """A refusal is a 400 whose body names the field, as OpenAI's does."""
    with pytest.raises(ProviderRefusal) as refused:
        _PROVIDER.synthesize(order)
    error = refused.value.document()["error"]
    assert (refused.value.status, error["type"], error["param"]) == (400, "invalid_request_error", param)
    assert error["message"]


@pytest.mark.parametrize(
    ("source", "language", "target"),
    [
        ("Bonjour le monde. Où est la bibliothèque?", "french", "Hello world. Where is the library?"),
        ("Guten Tag!", "german", "Good day!"),
        ("こんにちは世界。", "japanese", "Hello world."),
        (" привет, мир ", "russian", " Hello world "),
    ],
)
def test_known_phrases_are_translated(source: str, language: str, target: str) -> None:
    """The same audio is transcribed in its own language and translated into English."""
    order = TranscriptionRequest("whisper-1", _PROVIDER.synthesize(SpeechRequest("tts-1", source)).data)
    transcript, translation = _PROVIDER.transcribe(order), _PROVIDER.translate(order)
    assert (transcript.text, transcript.language, transcript.task) == (source, language, "transcribe")
    assert (translation.text, translation.language, translation.task) == (target, "english", "translate")


def test_english_stays_as_it_is_in_translation() -> None:
    """What is English already is not touched."""
    audio = _PROVIDER.synthesize(SpeechRequest("tts-1", _PANGRAM)).data
    assert _PROVIDER.translate(TranscriptionRequest("whisper-1", audio)).text == _PANGRAM


def test_the_language_hint_names_the_language() -> None:
    """A hint beats the guess, as a code with or without a region."""
    audio = _PROVIDER.synthesize(SpeechRequest("tts-1", "Hello.")).data
    hints = [
        _PROVIDER.transcribe(TranscriptionRequest("whisper-1", audio, language=hint)).language
        for hint in ("fr", "pt-BR")
    ]
    assert hints == ["french", "portuguese"]
