"""What transcripts of OpenAI's dialect have beside the text: speakers, all members of segments, labels, two spellings."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

from conformance.checks.transcripts.test_transcript_answer import DOCUMENTS, SECONDS, known_format
from conformance.drive.case import Case
from conformance.drive.marks import decides, each
from conformance.drive.requests import TRANSCRIPT_OPERATIONS, ask, valid_fields
from conformance.http.bodies import multipart_body
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.details import has_details

_SEGMENT = ("id", "seek", "start", "end", "text", "tokens", "temperature")
_SCORES = ("avg_logprob", "compression_ratio", "no_speech_prob")
_LOGPROB: dict[str, type | tuple[type, ...]] = {"token": str, "logprob": (int, float), "bytes": list}
_TOLD = "objects with token, logprob and bytes"
_DIARIZED = ("task", "duration", "text", "segments")
_SPEAKER = ("id", "start", "end", "text", "speaker")


@each("name, route", product(DOCUMENTS, TRANSCRIPT_OPERATIONS), "{route}.document-label.{name}")
def test_a_document_is_labelled_as_text(case: Case, name: str, route: str) -> None:
    exchange = known_format(case, route, "multipart", name)
    label = exchange.answer.media_type if exchange.answer else ""
    because = f"{route} with response_format {name}"
    wrong = Finding(f"{because}: wrong media type", "Content-Type text/plain", label or "none", (exchange,))
    case.judge(None if label == "text/plain" else wrong)


@each("route", TRANSCRIPT_OPERATIONS, "{route}.verbose.segment-members")
def test_a_segment_has_all_its_members(case: Case, route: str) -> None:
    exchange = known_format(case, route, "multipart", "verbose_json")
    case.judge(_lacking(exchange, (), (*_SEGMENT, *_SCORES), because=f"{route} in verbose_json"))


@decides("transcriptions.speakers")
def test_a_diarized_transcript_names_its_speakers(case: Case) -> None:
    model = case.model_keys("diarization")[0]
    exchange = ask(case, "transcriptions", model=model, response_format="diarized_json", upload=case.upload(SECONDS))
    because = "transcriptions in diarized_json"
    wrong = case.answered(exchange, "served", because=because)
    case.judge(wrong or _lacking(exchange, _DIARIZED, _SPEAKER, because=because))


def _lacking(
    exchange: Exchange, whole: tuple[str, ...], of_segment: tuple[str, ...], *, because: str
) -> Finding | None:
    """A finding where the document, or a segment of it, lacks a member."""
    document = exchange.answer.document() if exchange.answer else {}
    segments = document.get("segments")
    found = [each for each in segments if isinstance(each, dict)] if isinstance(segments, list) else []
    lost = [name for name in whole if name not in document]
    lost += sorted({f"segments[].{name}" for each in found for name in of_segment if name not in each})
    if not lost:
        return None
    expected = ", ".join((*whole, *(f"segments[].{name}" for name in of_segment)))
    return Finding(f"{because}: members are missing", expected, f"no {', '.join(lost)}", (exchange,))


def _with_logprobs(case: Case) -> Exchange:
    """A transcript with its log probabilities. Raises Blocked where it is not served."""
    model = case.model_keys("logprobs")[0]
    return case.succeeded(ask(case, "transcriptions", model=model, include=["logprobs"], upload=case.upload(SECONDS)))


def _logprobs(exchange: Exchange) -> Any:
    return exchange.answer.document().get("logprobs") if exchange.answer else None


@decides("transcriptions.logprobs")
def test_log_probabilities_come_where_they_are_asked_for(case: Case) -> None:
    exchange = _with_logprobs(case)
    found = _logprobs(exchange)
    right = isinstance(found, list) and all(isinstance(each, dict) for each in found)
    wrong = Finding("transcriptions with logprobs: none came", "logprobs, a list", f"{found!r:.200}", (exchange,))
    case.judge(None if right else wrong)


@decides("transcriptions.logprobs.members")
def test_a_log_probability_has_its_members(case: Case) -> None:
    exchange = _with_logprobs(case)
    found = _logprobs(exchange)
    odd = [each for each in found if not _fits(each, _LOGPROB)] if isinstance(found, list) else [found]
    wrong = Finding("transcriptions with logprobs: not as documented", _TOLD, f"{odd[:1]!r:.200}", (exchange,))
    case.judge(wrong if odd else None)


@decides("transparency.transcriptions.logprobs")
def test_log_probabilities_are_the_providers(case: Case) -> None:
    exchange = _with_logprobs(case)
    upload = case.upload(SECONDS)
    provided = json.loads(case.call(exchange, upload).response_text).get("logprobs")
    got = _logprobs(exchange)
    wrong = Finding(
        "transcriptions: other logprobs than the provider's", f"{provided!r:.200}", f"{got!r:.200}", (exchange,)
    )
    case.judge(None if got == provided else wrong)


@decides("transcriptions.languages")
def test_the_languages_that_were_heard_have_codes(case: Case) -> None:
    """There may be none, or null in place of them."""
    model = case.model_keys("keywords")[0]
    exchange = case.succeeded(ask(case, "transcriptions", model=model, upload=case.upload(SECONDS)))
    found = (exchange.answer.document().get("languages") if exchange.answer else None) or []
    right = isinstance(found, list) and all(_fits(each, {"code": str}) for each in found)
    wrong = Finding(
        "transcriptions: languages not as documented", "a list of objects with a code", f"{found!r:.200}", (exchange,)
    )
    case.judge(None if right else wrong)


def _fits(value: Any, members: dict[str, type | tuple[type, ...]]) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), kind) for name, kind in members.items())


@decides("transcriptions.granularities.spelling")
def test_an_array_is_understood_without_brackets(case: Case) -> None:
    """The schema's name has none; what the official clients send has them."""
    fields = valid_fields(case, "transcriptions", response_format="verbose_json")
    pairs = [*fields.items(), ("timestamp_granularities", "word"), ("file", case.upload(SECONDS))]
    exchange = case.post("transcriptions", multipart_body(pairs))
    because = "transcriptions with timestamp_granularities without brackets"
    shape = case.contract.transcript("verbose_json")
    case.judge(
        case.answered(exchange, "served", because=because) or has_details(exchange, "words", shape, because=because)
    )
