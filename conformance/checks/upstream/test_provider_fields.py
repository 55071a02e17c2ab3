"""Fields: what the client sent and the contract documents reaches the provider with an equal value, and nothing else."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from conformance.audio import FORMATS
from conformance.drive.calls import ask_marked, asked_anew, seen
from conformance.drive.case import Case
from conformance.drive.marks import decides, each, exclusive
from conformance.drive.requests import (
    OMIT,
    OPERATIONS_AND_ENCODINGS,
    TRANSCRIPT_ENCODINGS,
    TRANSCRIPT_OPERATIONS,
    TRANSCRIPTS,
    marker_in_text,
)
from conformance.drive.scripts import canned, match_of
from conformance.http.exchange import Exchange
from conformance.judge.client.transcripts import text_is, text_of
from conformance.judge.upstream.calls import called
from conformance.judge.upstream.fields import (
    GRANULARITIES,
    field_arrived,
    field_withheld,
    nothing_left_over,
    only_valid_format,
    same_call,
)
from conformance.mock.calls import RecordedCall
from conformance.samples.texts import TEXTS

_LANGUAGES = ("en", "de", "ja")
_TEMPERATURES = (0.2, 0.75, 1)
_SPEEDS = (0.25, 1, 1.5, 1.25, 4.0)
_GRANULARITIES = (["word"], ["segment"], ["word", "segment"], ["segment", "word"])
_INVALID_FORMATS: tuple[Any, ...] = (
    "",
    "ogg",
    "MP3",
    " mp3",
    "mp4",
    "wave",
    "flac2",
    "{}",
    7,
    ["mp3"],
    {"format": "mp3"},
    True,
)
# What a request says first, and what it says the second time; {} is the case's marker.
_CHANGES: dict[str, dict[str, tuple[Any, Any]]] = {
    "speech": {
        "voice": ("nova", "onyx"),
        "response_format": ("wav", "flac"),
        "speed": (1, 1.5),
        "instructions": ("Speak calmly.", "Speak with joy."),
    },
    "transcriptions": {"prompt": ("{} one", "{} two"), "language": ("en", "de"), "temperature": (0, 0.5)},
    "translations": {"prompt": ("{} one", "{} two"), "temperature": (0, 0.5)},
}
_CHANGED = [(*pair, name) for pair in OPERATIONS_AND_ENCODINGS for name in _CHANGES[pair[0]]]
# OpenAI's own limit for the input of speech.
_LONGEST = 4096
_LONG = "Calm, «ruhig», 狐 🦊, please. " * 60 + "Thanks."


def _speech(case: Case, name: str, value: Any) -> None:
    exchange = ask_marked(case, "speech", "json", **{name: value})
    case.judge(field_arrived(exchange, seen(case, exchange), name, value))


def _in(case: Case, value: Any) -> Any:
    return value.format(case.marker) if isinstance(value, str) else value


def _transcript(case: Case, route: str, form: str, name: str, value: Any, **others: Any) -> None:
    exchange = ask_marked(case, route, form, **{name: value, **others})
    case.judge(field_arrived(exchange, seen(case, exchange), name, value))


@decides("provider.speech.input")
def test_the_input_arrives(case: Case) -> None:
    _speech(case, "input", case.sentences)


@decides("provider.speech.voice")
@pytest.mark.parametrize("voice", ["alloy", "nova", "onyx"])
def test_the_voice_arrives(case: Case, voice: str) -> None:
    _speech(case, "voice", voice)


@decides("provider.speech.voice")
@pytest.mark.parametrize("voice", ["marin", "en-GB-SoniaNeural", "voice_6f1 (Füchsin)"])
def test_a_voice_that_a_gateway_may_not_know_is_refused_or_arrives(case: Case, voice: str) -> None:
    """Providers add voices: a list of them in the gateway grows old, and a voice must not become another in silence."""
    exchange = ask_marked(case, "speech", "json", voice=voice)
    if case.is_served(exchange):
        case.judge(field_arrived(exchange, seen(case, exchange), "voice", voice))


@decides("provider.speech.response-format")
@pytest.mark.parametrize("wanted", FORMATS)
def test_the_format_arrives(case: Case, wanted: str) -> None:
    _speech(case, "response_format", wanted)


@decides("provider.speech.speed")
@pytest.mark.parametrize("speed", _SPEEDS)
def test_the_speed_arrives(case: Case, speed: float) -> None:
    _speech(case, "speed", speed)


@decides("provider.speech.instructions")
def test_the_instructions_arrive(case: Case) -> None:
    _speech(case, "instructions", "Speak in a calm, measured tone.")


@decides("provider.speech.all-fields")
def test_all_fields_of_speech_arrive_together(case: Case) -> None:
    sent = {"input": case.sentences, "voice": "nova", "response_format": "wav", "speed": 0.5, "instructions": "Calmly."}
    exchange = ask_marked(case, "speech", "json", **sent)
    calls = seen(case, exchange)
    case.judge(*(field_arrived(exchange, calls, name, value) for name, value in sent.items()))


@decides("provider.speech.long-input")
@pytest.mark.parametrize("filler", ["fox ", "ü狐🦊 "])
def test_a_long_input_arrives_whole(case: Case, filler: str) -> None:
    """As long as OpenAI takes it, counted in characters; the response is scripted, for synthesizing it takes long."""
    text = (case.text + filler * _LONGEST)[: _LONGEST - 1] + "."
    with case.provider.scripted(match_of(case, "speech"), canned(case, "speech")):
        exchange = ask_marked(case, "speech", "json", input=text, response_format="wav")
    case.judge(field_arrived(exchange, seen(case, exchange), "input", text))


@decides("provider.speech.long-input")
def test_an_input_that_is_longer_is_refused_or_arrives_whole(case: Case) -> None:
    text = case.text + "ü狐 " * _LONGEST
    with case.provider.scripted(match_of(case, "speech"), canned(case, "speech")):
        exchange = ask_marked(case, "speech", "json", input=text, response_format="wav")
    if case.is_served(exchange):
        case.judge(field_arrived(exchange, seen(case, exchange), "input", text))


@each("name", ("input", "instructions"), "provider.speech.{name}-exact")
@pytest.mark.parametrize("text", [name for name in TEXTS if name not in {"empty", "blank"}])
def test_a_text_of_speech_arrives_exactly(case: Case, name: str, text: str) -> None:
    """Whoever trims, normalises, escapes or re-encodes changes one of these. The marker stands inside."""
    value = _around(TEXTS[text], case.marker)
    with case.provider.scripted(match_of(case, "speech"), canned(case, "speech")):
        exchange = ask_marked(case, "speech", "json", **{name: value, "response_format": "wav"})
    case.judge(field_arrived(exchange, seen(case, exchange), name, value))


@decides("provider.speech.input-exact")
def test_texts_that_differ_only_at_their_end_are_told_apart(case: Case) -> None:
    """Whoever keeps audio must not know a text by its beginning or its length."""
    first, second = (f"{case.marker} {'It goes on and on. ' * 80}{end}" for end in ("One.", "Two."))
    with case.provider.scripted({"marker": case.marker}, canned(case, "speech")):
        case.succeeded(ask_marked(case, "speech", "json", input=first, response_format="wav"))
        since = case.provider.position()
        exchange = case.succeeded(ask_marked(case, "speech", "json", input=second, response_format="wav"))
    calls = case.provider.calls(marker=case.marker, since=since)
    because = "speech of a text that differs at its end"
    case.judge(called(exchange, calls, because=because) or field_arrived(exchange, calls, "input", second))


@each("route, form", TRANSCRIPTS, "provider.{route}.prompt-exact")
@pytest.mark.parametrize("text", [name for name in TEXTS if name not in {"empty", "blank"}])
def test_a_prompt_arrives_exactly(case: Case, route: str, form: str, text: str) -> None:
    with case.provider.scripted(match_of(case, route), canned(case, route)):
        _transcript(case, route, form, "prompt", _around(TEXTS[text], case.marker))


@decides("provider.speech.instructions-exact")
def test_long_instructions_arrive_whole(case: Case) -> None:
    with case.provider.scripted(match_of(case, "speech"), canned(case, "speech")):
        _speech(case, "instructions", _LONG)


@each("route, form", TRANSCRIPTS, "provider.{route}.prompt-exact")
def test_a_long_prompt_arrives_whole(case: Case, route: str, form: str) -> None:
    """Providers heed the end of a long prompt, so that a gateway that cuts it takes what counts."""
    with case.provider.scripted(match_of(case, route), canned(case, route)):
        _transcript(case, route, form, "prompt", f"{case.marker} {_LONG}")


@decides("provider.speech.invalid-format")
@pytest.mark.parametrize("value", _INVALID_FORMATS, ids=str)
def test_no_invalid_format_reaches_the_provider(case: Case, value: Any) -> None:
    exchange = ask_marked(case, "speech", "json", response_format=value)
    case.judge(only_valid_format(exchange, seen(case, exchange)))


@each("form", TRANSCRIPT_ENCODINGS, "provider.transcriptions.language")
@pytest.mark.parametrize("language", _LANGUAGES)
def test_the_language_arrives(case: Case, form: str, language: str) -> None:
    _transcript(case, "transcriptions", form, "language", language)


@each("route, form", TRANSCRIPTS, "provider.{route}.prompt")
def test_the_prompt_arrives(case: Case, route: str, form: str) -> None:
    _transcript(case, route, form, "prompt", f"{case.marker}: the fox is called Reynard.")


@each("route, form", TRANSCRIPTS, "provider.{route}.temperature")
@pytest.mark.parametrize("temperature", _TEMPERATURES)
def test_the_temperature_arrives(case: Case, route: str, form: str, temperature: float) -> None:
    _transcript(case, route, form, "temperature", temperature)


@each("route, form", TRANSCRIPTS, "provider.{route}.temperature-zero")
@pytest.mark.parametrize("zero", [0, 0.0], ids=["0", "0.0"])
def test_a_temperature_of_zero_arrives(case: Case, route: str, form: str, zero: float) -> None:
    """Zero is a value: whoever asks whether there is a temperature, instead of whether it was sent, loses it."""
    _transcript(case, route, form, "temperature", zero)


@each("form", TRANSCRIPT_ENCODINGS, "provider.transcriptions.granularities")
@pytest.mark.parametrize("values", _GRANULARITIES, ids="-".join)
def test_the_granularities_arrive(case: Case, form: str, values: list[str]) -> None:
    _transcript(case, "transcriptions", form, GRANULARITIES, values, response_format="verbose_json")


@each("form", TRANSCRIPT_ENCODINGS, "provider.transcriptions.all-fields")
def test_all_fields_of_a_transcription_arrive_together(case: Case, form: str) -> None:
    sent = {"prompt": case.marker, "language": "de", "temperature": 0.3, GRANULARITIES: ["word", "segment"]}
    exchange = ask_marked(case, "transcriptions", form, response_format="verbose_json", **sent)
    calls = seen(case, exchange)
    case.judge(*(field_arrived(exchange, calls, name, value) for name, value in sent.items()))


# Values that no gateway has as its own default: where they turn up again, they were left over.
_TELLING: dict[str, dict[str, Any]] = {
    "speech": {"speed": 1.37, "instructions": "Speak like {}."},
    "transcriptions": {"language": "cy", "temperature": 0.37, "prompt": "{}, once more."},
    "translations": {"temperature": 0.37, "prompt": "{}, once more."},
}


@exclusive
@each("route, form", OPERATIONS_AND_ENCODINGS, "provider.{route}.own-fields")
def test_nothing_is_left_over_for_the_next_request(case: Case, route: str, form: str) -> None:
    """A request with every field, then one with none, alone, and once more: several processes may be serving."""
    for _ in range(2):
        full, bare = case.example(), case.example()
        sent = {name: _in(full, value) for name, value in _TELLING[route].items()}
        ask_marked(full, route, form, **sent)
        exchange = ask_marked(bare, route, form, **dict.fromkeys(marker_in_text(bare, route), OMIT))
        case.judge(nothing_left_over(exchange, seen(bare, exchange), sent))


@each("route, form, name", _CHANGED, "provider.{route}.changed-field")
def test_the_same_request_with_another_value_is_another_call(case: Case, route: str, form: str, name: str) -> None:
    """Same text or recording, one field changed: an answer kept from the first request is no answer to the second."""
    first, second = ({name: _in(case, value)} for value in _CHANGES[route][name])
    case.succeeded(ask_marked(case, route, form, **first))
    exchange, calls = asked_anew(case, route, form, **second)
    because = f"{route} ({form}) again with another {name}"
    case.judge(called(exchange, calls, because=because), field_arrived(exchange, calls, name, second[name]))


@each("form", TRANSCRIPT_ENCODINGS, "provider.translations.language")
@pytest.mark.parametrize("language", _LANGUAGES)
def test_no_language_reaches_a_translation(case: Case, form: str, language: str) -> None:
    exchange = ask_marked(case, "translations", form, language=language)
    case.judge(field_withheld(exchange, seen(case, exchange), "language"))


@each("form", TRANSCRIPT_ENCODINGS, "provider.translations.granularities")
@pytest.mark.parametrize("values", _GRANULARITIES, ids="-".join)
def test_no_granularities_reach_a_translation(case: Case, form: str, values: list[str]) -> None:
    exchange = ask_marked(case, "translations", form, response_format="verbose_json", **{GRANULARITIES: values})
    case.judge(field_withheld(exchange, seen(case, exchange), GRANULARITIES))


_ALIKE: dict[str, dict[str, Any]] = {
    "bare": {"prompt": OMIT},
    "every-field": {
        "prompt": '«Ренар», 狐 🦊\r\nand "so" on',
        "temperature": 0.3,
        "response_format": "verbose_json",
        "language": "de",
        GRANULARITIES: ["segment", "word"],
    },
}


@each("route, fields", product(TRANSCRIPT_OPERATIONS, _ALIKE), "provider.{route}.forms-alike")
def test_both_forms_are_the_same_call(case: Case, route: str, fields: str) -> None:
    """Two requests for one upload, told apart by the order in which the provider saw them."""
    unused = case.contract.operations[route].unused
    sent = {name: value for name, value in _ALIKE[fields].items() if name not in unused}
    first, before = ask_marked(case, route, "multipart", **sent), case.calls()
    second, later = ask_marked(case, route, "json", **sent), case.calls()
    both = _both_calls(case, first, before, second, later)
    if both:
        because = "the JSON form of a request that was sent as multipart before"
        shape = case.contract.transcript(sent.get("response_format"))
        text = text_of(first, shape)
        case.judge(
            same_call(first, both[0], second, both[1]),
            None if text is None else text_is(second, text, shape, because=because),
        )


@each("form", TRANSCRIPT_ENCODINGS, "provider.translations.language")
def test_a_language_changes_nothing_of_a_translation(case: Case, form: str) -> None:
    """Nor does it reach the provider by another way: in the prompt, say."""
    first, before = ask_marked(case, "translations", form, prompt=OMIT), case.calls()
    second, later = ask_marked(case, "translations", form, prompt=OMIT, language="fr"), case.calls()
    both = _both_calls(case, first, before, second, later)
    if both:
        of = "a translation without a language and one with it"
        case.judge(same_call(first, both[0], second, both[1], of=of))


def _both_calls(
    case: Case, first: Exchange, before: list[RecordedCall], second: Exchange, later: list[RecordedCall]
) -> tuple[RecordedCall, RecordedCall] | None:
    """The last call of either request; nothing where the second led to none. Raises Blocked where one was not served."""
    case.call(first)
    case.succeeded(second)
    fresh = [call for call in later if before and call.position > before[-1].position]
    return (before[-1], fresh[-1]) if fresh else None


def _around(text: str, marker: str) -> str:
    """The text with the marker in its middle, at a place where it splits nothing that belongs together."""
    middle = text.find(" ", len(text) // 2)
    at = middle if middle >= 0 else len(text)
    return f"{text[:at]} {marker} {text[at:]}"
