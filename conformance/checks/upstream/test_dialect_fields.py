"""Fields that only OpenAI's dialect has: they reach the provider as they were sent, arrays under either of their names."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from conformance.audio.samples import speech_like_wav
from conformance.contracts import Capability
from conformance.drive.calls import ask_marked, seen
from conformance.drive.case import Case
from conformance.drive.marks import decides
from conformance.drive.requests import marker_in_text, valid_fields
from conformance.drive.scripts import canned, match_of
from conformance.http.bodies import Field, multipart_body
from conformance.http.exchange import Exchange, Finding
from conformance.judge.upstream.fields import GRANULARITIES, field_arrived
from conformance.judge.upstream.nested import object_arrived
from conformance.mock.calls import RecordedCall

Arrived = Callable[[list[RecordedCall]], tuple[Finding | None, ...]]

_ROUTE = "transcriptions"
_KEYWORDS = ["Füchsin", "OpenTelemetry, Inc.", "  two  blanks  "]
_SPEAKERS = ["Ann", "Jürgen"]
_VAD = {"type": "server_vad", "prefix_padding_ms": "250", "silence_duration_ms": "400", "threshold": "0.35"}


def _arrives(
    case: Case, capability: Capability, name: str, values: list[str], *, bare: bool = False, **more: Any
) -> None:
    """An array reaches the provider whole; `bare`: sent under the name that its schema has, without brackets."""
    marked = {} if capability == "diarization" else marker_in_text(case, _ROUTE)  # who tells speakers takes no prompt
    fields = valid_fields(case, _ROUTE, model=case.model_keys(capability)[0], **{**marked, **more})
    pairs: list[Field] = [*fields.items(), *((name if bare else f"{name}[]", value) for value in values)]
    with case.provider.scripted(match_of(case, _ROUTE), canned(case, _ROUTE)):
        exchange = case.post(_ROUTE, multipart_body([*pairs, ("file", case.upload())]))
    _judge(case, exchange, name, lambda calls: (field_arrived(exchange, calls, name, values),))


def _judge(case: Case, exchange: Exchange, name: str, arrived: Arrived) -> None:
    """Who has what the field is for takes it, and sends it on."""
    case.judge(case.answered(exchange, "served", because=f"a request with {name}"))
    case.judge(*arrived(seen(case, exchange)))


@decides("provider.transcriptions.include")
def test_what_to_include_arrives(case: Case) -> None:
    _arrives(case, "logprobs", "include", ["logprobs"])


@decides("provider.transcriptions.include-bare")
def test_what_to_include_arrives_without_brackets(case: Case) -> None:
    _arrives(case, "logprobs", "include", ["logprobs"], bare=True)


@decides("provider.transcriptions.languages")
@pytest.mark.parametrize("languages", [["en"], ["en", "de"], ["ja", "en", "fr"]], ids=len)
def test_the_languages_arrive(case: Case, languages: list[str]) -> None:
    _arrives(case, "keywords", "languages", languages)


@decides("provider.transcriptions.keywords")
@pytest.mark.parametrize("count", [1, len(_KEYWORDS)])
def test_the_keywords_arrive(case: Case, count: int) -> None:
    _arrives(case, "keywords", "keywords", _KEYWORDS[:count])


@decides("provider.transcriptions.keywords-bare")
def test_the_keywords_arrive_without_brackets(case: Case) -> None:
    _arrives(case, "keywords", "keywords", _KEYWORDS, bare=True)


@decides("provider.transcriptions.granularities-bare")
def test_the_granularities_arrive_without_brackets(case: Case) -> None:
    _arrives(case, "transcription", GRANULARITIES, ["word", "segment"], bare=True, response_format="verbose_json")


@decides("provider.transcriptions.known-speakers")
def test_the_known_speakers_arrive(case: Case) -> None:
    _arrives(case, "diarization", "known_speaker_names", _SPEAKERS)


@decides("provider.transcriptions.known-speakers-bare")
def test_the_known_speakers_arrive_without_brackets(case: Case) -> None:
    _arrives(case, "diarization", "known_speaker_names", _SPEAKERS, bare=True)


@decides("provider.transcriptions.speaker-references")
def test_the_voices_of_known_speakers_arrive(case: Case) -> None:
    """As data URLs, of two seconds at least: each is tens of kilobytes of one line."""
    sounds = [speech_like_wav(f"{case.marker}{name}", 2.0) for name in _SPEAKERS]
    urls = [f"data:audio/wav;base64,{base64.b64encode(sound).decode()}" for sound in sounds]
    _arrives(case, "diarization", "known_speaker_references", urls)


@decides("provider.transcriptions.chunking-strategy")
@pytest.mark.parametrize("sent", ["auto", _VAD], ids=["auto", "server-vad"])
def test_the_chunking_strategy_arrives(case: Case, sent: str | dict[str, str]) -> None:
    """An object is sent as the official clients do: a field for each of its members."""
    name = "chunking_strategy"
    written = {name: sent} if isinstance(sent, str) else {f"{name}[{key}]": value for key, value in sent.items()}
    fields = valid_fields(case, _ROUTE, model=case.model_keys("diarization")[0])
    with case.provider.scripted(match_of(case, _ROUTE), canned(case, _ROUTE)):
        exchange = case.post(_ROUTE, multipart_body([*fields.items(), *written.items(), ("file", case.upload())]))
    _judge(case, exchange, name, lambda calls: tuple(object_arrived(exchange, call, name, sent) for call in calls))


@decides("provider.speech.custom-voice")
def test_a_custom_voice_arrives_as_an_object(case: Case) -> None:
    voice = {"id": case.target.models.custom_voice}
    with case.provider.scripted(match_of(case, "speech"), canned(case, "speech")):
        exchange = ask_marked(case, "speech", voice=voice, response_format="wav")
    _judge(case, exchange, "a custom voice", lambda calls: (field_arrived(exchange, calls, "voice", voice),))
