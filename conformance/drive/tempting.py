"""Texts that tempt a gateway to improve them, sent through one model key and answered by its provider."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.drive.calls import ask_marked, seen
from conformance.drive.case import Case
from conformance.drive.requests import model_key
from conformance.drive.scripts import canned, json_response, match_of, scripted_response, segment
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.details import details_equal
from conformance.judge.client.transcripts import is_transcript, text_is, text_of
from conformance.judge.texts import changed_parts
from conformance.judge.upstream.comparison import values_of
from conformance.judge.upstream.fields import GRANULARITIES, parts_arrived
from conformance.samples.tempting import TEMPTING, tempting_text

DEFAULT, SECOND, AZURE = "default", "second", "azure"
_DETAILS = "verbose_json"
# What a provider says besides in its objects: a gateway may refuse one that lacks any.
_HEAD: dict[str, dict[str, Any]] = {
    "json": {},
    _DETAILS: {"task": "transcribe", "language": "english", "duration": float(len(TEMPTING))},
}


def key_of(case: Case, route: str, which: str) -> str:
    """A model key of an operation: the default one, the second one, or Azure's. Raises NotVerified where there is none."""
    if which == SECOND:
        return case.model_keys(case.contract.operations[route].capability)[1]
    return model_key(case, route, "azure" if which == AZURE else "openai")


def all_keys(case: Case, route: str) -> tuple[str, ...]:
    """Every model key that the target declares for an operation, Azure's last."""
    operation, models = case.contract.operations[route], case.target.models
    azure = models.azure_speech if operation.capability == "speech" else models.azure_transcription
    lacking = getattr(models.without_deployment, operation.operation)
    keys = (*case.model_keys(operation.capability), *([azure] if azure and azure != lacking else []))
    return tuple(dict.fromkeys(keys))


def texts_arrive(case: Case, route: str, form: str, which: str) -> None:
    """The provider gets just the text that the client sent, in every field that takes a free text."""
    operation, text = case.contract.operations[route], tempting_text(case.marker)
    names = (operation.content_field, "instructions") if operation.takes_text else ("prompt",)
    with case.provider.scripted(match_of(case, route), canned(case, route)):
        fields: dict[str, Any] = {**_wanted(case, route), **dict.fromkeys(names, text)}
        exchange = ask_marked(case, route, form, model=key_of(case, route, which), **fields)
    if not _excused(case, exchange, which):
        calls = seen(case, exchange)
        case.judge(*(parts_arrived(exchange, calls, name, text, TEMPTING) for name in names))


def texts_come(case: Case, route: str, form: str, which: str, name: str) -> None:
    """The client gets just the text that the provider said, in its text, its details or its document.

    Not judged where the gateway asks its provider for another format than the client did.
    """
    upload, text, key = case.upload(), _said(case, name), key_of(case, route, which)
    details = _details(case, route) if name == _DETAILS else {}
    act = json_response({**_HEAD[name], "text": text, **details}) if name in _HEAD else _document(text)
    asked = {GRANULARITIES: ["segment", "word"]} if "words" in details else {}
    with scripted_response(case, route, upload, act):
        exchange = ask_marked(case, route, form, model=key, upload=upload, response_format=name, **asked)
    if _excused(case, exchange, which):
        return
    call = seen(case, exchange, upload)[-1]
    if values_of(call, "response_format") in ([name], [] if name == "json" else [name]):
        because = f"{route} ({form}) of {key} in {name}"
        case.judge(
            _text_came(case, exchange, text, name, because),
            *(details_equal(exchange, kind, each, call, because=because) for kind, each in details.items()),
        )


def _wanted(case: Case, route: str) -> dict[str, Any]:
    return {"response_format": "wav"} if case.contract.operations[route].gives_audio else {}


def _excused(case: Case, exchange: Exchange, which: str) -> bool:
    """Whether a key beside the default one was refused what its model need not be able to do."""
    statuses = case.contract.statuses
    refusals = statuses("taken-or-refused").without(statuses("served"))
    return which != DEFAULT and exchange.status in refusals


def _text_came(case: Case, exchange: Exchange, text: str, name: str, because: str) -> Finding | None:
    shape = case.contract.transcript(name)
    wrong = case.answered(exchange, "served", because=because) or is_transcript(exchange, shape, because=because)
    wrong = wrong or text_is(exchange, text, shape, because=because)
    got = text_of(exchange, shape)
    return replace(wrong, message=f"{wrong.message} ({changed_parts(got, TEMPTING)})") if wrong and got else wrong


def _said(case: Case, name: str) -> str:
    """What the provider says: the whole text, or subtitles of it."""
    if name not in ("srt", "vtt"):
        return tempting_text(case.marker)
    mark = "," if name == "srt" else "."
    cues = [
        f"{n}\n00:00:{n:02}{mark}000 --> 00:00:{n:02}{mark}900\n{text}\n"
        for n, text in enumerate((part.replace("\n\n", "\n") for part in TEMPTING.values()), 1)
    ]
    return "\n".join([*(["WEBVTT\n"] if name == "vtt" else []), *cues])


def _document(text: str) -> dict[str, Any]:
    return {"content_type": "text/plain; charset=utf-8", "body": {"text": text}}


def _details(case: Case, route: str) -> dict[str, list[dict[str, Any]]]:
    """A segment, and where the operation has words a word, of each of the texts."""
    texts = list(enumerate(TEMPTING.values()))
    details: dict[str, list[dict[str, Any]]] = {
        "segments": [segment(n, n, n + 0.5, f" {text} ") for n, text in texts],
        "words": [{"word": f" {text}", "start": n, "end": n + 0.5} for n, text in texts],
    }
    return {kind: details[kind] for kind in case.contract.operations[route].details}
