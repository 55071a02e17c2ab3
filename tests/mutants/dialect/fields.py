"""Fields that only the dialect has, lost or understood under one name alone; and what a list of models lacks."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from tests.mutants.conditions import SERVED, asked, on, sent
from tests.mutants.dialect.streams import dialect
from tests.mutants.edge import answers, requests
from tests.mutants.exchange import Answer, Asked, Part
from tests.mutants.fault import Fault, Mutant
from tests.mutants.recipes import replies, restated, retold

_FORM = on("transcriptions")
_ARRAYS = {
    "include": "include",
    "languages": "languages",
    "keywords": "keywords",
    "known-speakers": "known_speaker_names",
    "speaker-references": "known_speaker_references",
}
_BARE = {
    "include": "include",
    "keywords": "keywords",
    "granularities": "timestamp_granularities",
    "known-speakers": "known_speaker_names",
}
_LISTED = asked(lambda request: request.method == "GET" and "/models" in request.path)


def _parts(change: Callable[[list[Part]], list[Part]]) -> Fault:
    """The parts of a transcription's form are changed before the gateway reads them."""
    return requests(lambda request: request.with_parts(change(list(request.parts))), _FORM)


def _without(*names: str) -> Fault:
    return _parts(lambda parts: [each for each in parts if each.name not in names])


def _last_alone(name: str) -> Fault:
    """Of an array only the last item goes on."""

    def change(parts: list[Part]) -> list[Part]:
        mine = [each for each in parts if each.name in {name, f"{name}[]"}]
        return [each for each in parts if each not in mine[:-1]]

    return _parts(change)


def _shortened(parts: list[Part]) -> list[Part]:
    """What is longer than a name has to be is cut."""
    return [
        Part(each.name, each.value[:4096], each.file_name, each.content_type) if not each.is_file else each
        for each in parts
    ]


def _rounded(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
    found = [{**each, "logprob": round(each["logprob"], 1)} for each in document.get("logprobs") or []]
    return {**document, "logprobs": found} if found else document


def _bytes_lost(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
    found = [{k: v for k, v in each.items() if k != "bytes"} for each in document.get("logprobs") or []]
    return {**document, "logprobs": found} if found else document


def _codes_alone(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
    codes = [each["code"] for each in document.get("languages") or []]
    return {**document, "languages": codes} if codes else document


def _lost(name: str) -> Callable[[Asked, dict[str, Any]], dict[str, Any]]:
    return lambda _, document: {member: value for member, value in document.items() if member != name}


def _listing(change: Callable[[list[Any]], Any]) -> Fault:
    """The models of the list are changed."""

    def rewrite(_: Asked, answer: Answer) -> Answer:
        document = answer.document
        found = isinstance(document, dict) and "data" in document
        return answer.with_document({**document, "data": change(document["data"])}) if found else answer

    return answers(rewrite, _LISTED)


MUTANTS: tuple[Mutant, ...] = (
    *(
        dialect(f"{each}-not-sent-on", f"provider.transcriptions.{each}", _without(name, f"{name}[]"))
        for each, name in _ARRAYS.items()
    ),
    *(
        dialect(f"{each}-last-alone", f"provider.transcriptions.{each}", _last_alone(_ARRAYS[each]))
        for each in ("languages", "keywords", "known-speakers")
    ),
    *(
        dialect(f"{each}-needs-brackets", f"provider.transcriptions.{each}-bare", _without(name))
        for each, name in _BARE.items()
    ),
    dialect("speaker-references-cut", "provider.transcriptions.speaker-references", _parts(_shortened)),
    dialect(
        "chunking-strategy-not-sent-on",
        "provider.transcriptions.chunking-strategy",
        _parts(lambda parts: [each for each in parts if not each.name.startswith("chunking_strategy")]),
    ),
    dialect(
        "chunking-strategy-threshold-lost",
        "provider.transcriptions.chunking-strategy",
        _without("chunking_strategy[threshold]"),
    ),
    dialect(
        "custom-voice-is-its-id",
        "provider.speech.custom-voice",
        requests(
            lambda request: request.with_fields(voice=request.get("voice")["id"]),
            on("speech") & sent("voice", lambda voice: isinstance(voice, dict)),
        ),
    ),
    dialect(
        "custom-voice-refused",
        "provider.speech.custom-voice",
        replies(400, on("speech") & sent("voice", lambda voice: isinstance(voice, dict))),
    ),
    dialect("keywords-refused", "provider.transcriptions.keywords", replies(422, _FORM & sent("keywords[]"))),
    dialect(
        "speech-second-input-escaped",
        "routing.speech.second-model-texts",
        requests(
            lambda request: request.with_fields(input=html.escape(request.get("input"))),
            on("speech") & sent("model", lambda key: key == "gpt-4o-mini-tts") & sent("input"),
        ),
    ),
    dialect("logprobs-lost", "transcriptions.logprobs", retold(_lost("logprobs"), _FORM & SERVED)),
    dialect("logprobs-without-bytes", "transcriptions.logprobs.members", retold(_bytes_lost, _FORM & SERVED)),
    dialect("logprobs-rounded", "transparency.transcriptions.logprobs", retold(_rounded, _FORM & SERVED)),
    dialect("languages-are-codes", "transcriptions.languages", retold(_codes_alone, _FORM & SERVED)),
    dialect("models-are-names", "models.list", _listing(lambda found: [each["id"] for each in found])),
    dialect("models-by-name", "models.list", _listing(lambda found: {each["id"]: each for each in found})),
    dialect("models-are-bare", "models.list.members", _listing(lambda found: [{"id": each["id"]} for each in found])),
    dialect("models-of-speech-alone", "models.list.served", _listing(lambda found: found[:1])),
    dialect("models-for-everybody", "models.list.no-key", restated(200, _LISTED)),
)
