"""Transcriptions and translations: what is answered. Shapes, documents, details, ids and the text itself."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any

from tests.mutants.behind import order_fields, way
from tests.mutants.conditions import AS_FORM, AS_JSON, SERVED, When, asked, lacks, on, sent
from tests.mutants.edge import answers, requests
from tests.mutants.exchange import ABSENT, TRANSCRIPTS, Answer, Asked
from tests.mutants.fault import Fault, Mutant
from tests.mutants.recipes import filled, headed, retold, reworded

_GRANULARITIES = ("timestamp_granularities", "timestamp_granularities[]")
Document = dict[str, Any]


def _format(name: str) -> When:
    return sent("response_format", lambda value: value == name)


def _without(*names: str) -> Callable[[Asked, Document], Document]:
    return lambda _, document: {key: value for key, value in document.items() if key not in names}


def _as_plain_text(_: Asked, answer: Answer) -> Answer:
    return answer.with_body(answer.document["text"].encode(), "text/plain; charset=utf-8")


def _as_bare_string(_: Asked, answer: Answer) -> Answer:
    return answer.with_body(json.dumps(answer.document["text"]).encode())


def _renamed(_: Asked, document: Document) -> Document:
    return {("transcript" if key == "text" else key): value for key, value in document.items()}


def _each(list_name: str, change: Callable[[Document], Document]) -> Callable[[Asked, Document], Document]:
    def rewrite(_: Asked, document: Document) -> Document:
        found = document.get(list_name)
        return {**document, list_name: [change(each) for each in found]} if isinstance(found, list) else document

    return rewrite


def _times(change: Callable[[float], Any]) -> Callable[[Document], Document]:
    return lambda item: {**item, "start": change(item["start"]), "end": change(item["end"])}


def _swapped(item: Document) -> Document:
    return {**item, "start": item["end"] + 1, "end": item["start"]}


def _backwards(list_name: str) -> Callable[[Asked, Document], Document]:
    def rewrite(_: Asked, document: Document) -> Document:
        found = document.get(list_name)
        return {**document, list_name: found[::-1]} if isinstance(found, list) else document

    return rewrite


def _asks(request: Asked) -> list[Any]:
    return [value for name in _GRANULARITIES for value in request.all(name)]


def _asks_only(*wanted: str) -> When:
    return asked(lambda request: sorted(_asks(request)) == sorted(wanted))


def _only_last(request: Asked) -> Asked:
    last = _asks(request)[-1]
    name = _GRANULARITIES[1] if request.media_type.startswith("multipart") else _GRANULARITIES[0]
    return request.with_fields(**{name: last if name == _GRANULARITIES[1] else [last]})


def _from_provider(_: Asked, document: Document) -> Document:
    try:
        told = json.loads(way().told[-1].body)
    except (ValueError, IndexError):
        return document
    own = told.get("request_id") if isinstance(told, dict) else None
    return {**document, "request_id": own or document["request_id"]}


def _dotted(text: str) -> str:
    return "\n".join(line.replace(",", ".") if "-->" in line else line for line in text.split("\n"))


def _no_bmp(text: str) -> str:
    return "".join("\ufffd" if ord(each) > 0xFFFF else each for each in text)


def _is_empty(answer: Answer) -> bool:
    return isinstance(answer.document, dict) and not answer.document.get("text")


def _of(route: str) -> list[tuple[str, str, Fault, str]]:
    here = on(route)
    ok = here & SERVED
    verbose = ok & _format("verbose_json")
    return [
        ("text-renamed", "answer.default", retold(_renamed, ok & lacks("response_format")), ""),
        ("no-request-id-in-form", "answer.default", retold(_without("request_id"), ok & AS_FORM & lacks("response_format")), ""),
        ("json-without-request-id", "answer.json", retold(_without("request_id"), ok & _format("json")), ""),
        ("json-labelled-text", "answer.json", headed("content-type", "text/plain", ok & _format("json")), "A9"),
        ("text-as-plain-text", "answer.text", answers(_as_plain_text, ok & _format("text")), "A10"),
        ("text-as-bare-string", "answer.text", answers(_as_bare_string, ok & _format("text")), "A8"),
        ("srt-as-plain-text", "answer.srt", answers(_as_plain_text, ok & _format("srt")), "A1"),
        ("vtt-500", "answer.vtt", answers(lambda _, answer: answer.with_status(502), ok & _format("vtt")), "A10"),
        ("vtt-refused", "answer.vtt", answers(lambda _, answer: answer.with_status(400), ok & _format("vtt")), "A6"),
        ("verbose-refused", "answer.verbose-json", answers(lambda _, answer: answer.with_status(400), verbose), "A7"),
        ("verbose-null-request-id", "answer.verbose-json", retold(lambda _, d: {**d, "request_id": None}, verbose), ""),
        ("text-quoted", "document-exact.text", reworded(json.dumps, here & _format("text")), "A8"),
        ("text-is-json", "document.text", reworded(lambda text: json.dumps({"text": text}), here & _format("text")), "A11"),
        ("srt-is-plain", "document.srt", filled(here & _format("srt"), response_format=ABSENT), "A11"),
        ("srt-with-dots", "document.srt", reworded(_dotted, here & _format("srt")), "A5"),
        ("srt-tail-trimmed", "document-exact.srt", reworded(str.rstrip, here & _format("srt")), ""),
        ("vtt-is-srt", "document.vtt", filled(here & _format("vtt"), response_format="srt"), "A5"),
        ("vtt-without-head", "document.vtt", reworded(lambda text: text.removeprefix("WEBVTT").lstrip(), here & _format("vtt")), "A5"),
        ("vtt-line-ends", "document-exact.vtt", reworded(lambda text: text.replace("\n", "\r\n"), here & _format("vtt")), "A8"),
        ("text-document-trimmed", "document-exact.text", reworded(str.strip, here & _format("text")), ""),
        ("duration-a-string", "verbose.duration", retold(lambda _, d: {**d, "duration": str(d.get("duration"))}, verbose), "B6"),
        ("duration-missing", "verbose.duration", retold(_without("duration"), verbose), "B8"),
        ("times-in-milliseconds", "verbose.exact", retold(_each("segments", _times(lambda t: t * 1000)), verbose), "B8"),
        ("times-rounded", "verbose.exact", retold(_each("segments", _times(round)), verbose), ""),
        ("segment-text-trimmed", "verbose.exact", retold(_each("segments", lambda item: {**item, "text": item["text"][:-1]}), verbose), ""),
        ("request-id-constant", "request-id.unique", retold(lambda _, d: {**d, "request_id": "req_1"}, ok), ""),
        ("request-id-from-content", "request-id.unique", retold(lambda r, d: {**d, "request_id": f"req_{len(r.body)}"}, ok), ""),
        ("provider-request-id-wins", "request-id.own", retold(_from_provider, ok), ""),
        ("no-request-id-header", "request-id.header", headed("x-request-id", None, ok), ""),
        ("request-ids-differ", "request-id.same", retold(lambda _, d: {**d, "request_id": f"{d['request_id']}x"}, ok), ""),
        ("text-trimmed", "text.exact", reworded(str.strip, here), ""),
        ("text-normalised", "text.exact", reworded(lambda text: unicodedata.normalize("NFC", text), here), ""),
        ("text-line-ends", "text.exact", reworded(lambda text: text.replace("\r\n", "\n"), here & AS_JSON), ""),
        ("emoji-lost", "text.escaped", reworded(_no_bmp, here), ""),
        ("verbose-forced", "document.srt", order_fields(route, response_format=lambda _: "verbose_json"), "A3"),
        ("empty-transcript-500", "text.exact", answers(lambda _, answer: answer.with_status(500 if _is_empty(answer) else 200), ok), "G7"),
        ("long-text-cut", "text.long", reworded(lambda text: text[:4096], here), ""),
    ]  # fmt: skip


_VERBOSE = on("transcriptions") & SERVED & _format("verbose_json")
_ONLY_TRANSCRIPTIONS = (
    ("segments-empty", "verbose.none", retold(lambda _, d: {**d, "segments": []}, _VERBOSE & _asks_only()), "B5"),
    ("text-alone", "verbose.none", retold(_without("segments", "words", "duration", "language"), _VERBOSE), "B12"),
    ("verbose-without-granularities-500", "answer.verbose-json", answers(lambda _, answer: answer.with_status(500), _VERBOSE & _asks_only()), "B4"),
    ("verbose-ignored-in-json", "verbose.segment", filled(on("transcriptions") & AS_JSON & _format("verbose_json"), response_format="json"), "A12"),
    ("segments-lost", "verbose.segment", retold(_without("segments"), _VERBOSE & _asks_only("segment")), "B15"),
    ("segment-times-swapped", "verbose.segment", retold(_each("segments", _swapped), _VERBOSE), "B8"),
    ("words-lost", "verbose.word", retold(_without("words"), _VERBOSE), "B1"),
    ("words-null", "verbose.word", retold(lambda _, d: {**d, "words": None}, _VERBOSE & _asks_only("word")), "B1"),
    ("word-times-strings", "verbose.word", retold(_each("words", _times(str)), _VERBOSE), "B6"),
    ("words-backwards", "verbose.word", retold(_backwards("words"), _VERBOSE), ""),
    ("last-granularity-wins", "verbose.both", requests(_only_last, on("transcriptions") & asked(lambda r: len(_asks(r)) > 1)), "B2"),
    ("last-granularity-wins-in-forms", "verbose.both", requests(_only_last, on("transcriptions") & AS_FORM & asked(lambda r: len(_asks(r)) > 1)), "B2"),
    ("bare-granularities-ignored", "verbose.word", filled(on("transcriptions") & AS_JSON, **{_GRANULARITIES[0]: ABSENT}), "B3"),
    ("bracketed-granularities-ignored", "verbose.word", filled(on("transcriptions") & AS_FORM, **{_GRANULARITIES[1]: ABSENT}), "B13"),
)  # fmt: skip
_TRANSLATED = on("translations") & SERVED & _format("verbose_json")
_ONLY_TRANSLATIONS = (
    ("segments-lost", "verbose.segments", retold(_without("segments"), _TRANSLATED), "B5"),
    ("segment-times-strings", "verbose.segments", retold(_each("segments", _times(str)), _TRANSLATED), "B6"),
)

MUTANTS = (
    *(Mutant(f"{route}-{name}", f"{route}.{kills}", fault, bug) for route in TRANSCRIPTS for name, kills, fault, bug in _of(route)),
    *(Mutant(f"transcriptions-{name}", f"transcriptions.{kills}", fault, bug) for name, kills, fault, bug in _ONLY_TRANSCRIPTIONS),
    *(Mutant(f"translations-{name}", f"translations.{kills}", fault, bug) for name, kills, fault, bug in _ONLY_TRANSLATIONS),
)  # fmt: skip
