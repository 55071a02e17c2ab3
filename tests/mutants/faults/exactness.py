"""Gateways that improve texts: masked, escaped, decoded, tidied or normalised, each on one narrow way only."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, unquote_plus

from msgspec.structs import replace
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.mutants.behind import documents, heard_calls, orders, sounds, way
from tests.mutants.conditions import AS_FORM, AS_JSON, SERVED, When, on, sent
from tests.mutants.edge import answers
from tests.mutants.exchange import FORM, JSON, TRANSCRIPTS, Answer, Asked, Part
from tests.mutants.fault import Fault, Mutant
from tests.mutants.recipes import retold

_AZURE = {"speech": "azure-tts", "transcriptions": "azure-stt", "translations": "azure-stt"}
_SECOND = {"speech": "tts-1-hd", "transcriptions": "scribe", "translations": "scribe"}

Change = Callable[[str], str]


def _without(pattern: str, by: str = "") -> Change:
    found = re.compile(pattern)
    return lambda text: found.sub(by, text)


_SMART = str.maketrans({'"': "\u201d", "'": "\u2019"})
CHANGES: dict[str, Change] = {
    "e-mails-masked": _without(r"[\w.+-]+@[\w.-]+\w", "[EMAIL]"),
    "phones-masked": _without(r"\+1 \(\d{3}\) \d{3}-\d{4}", "[PHONE]"),
    "cards-masked": _without(r"\b(?:\d{4}[ -]){3}\d{4}\b", "[CARD]"),
    "accounts-masked": _without(r"\b[A-Z]{2}\d{20}\b", "[IBAN]"),
    "keys-masked": _without(r"\bsk-[\w-]{16,}", "***"),
    "addresses-masked": _without(r"\b\d+\.\d+\.\d+\.\d+\b", "[IP]"),
    "persons-masked": _without(r"\b\d{3}-\d\d-\d{4}\b", "[SSN]"),
    "html-escaped": lambda text: html.escape(text, quote=False),
    "html-unescaped": html.unescape,
    "tags-stripped": _without(r"</?[a-z][^>]*>"),
    "markdown-stripped": _without(r"\*\*|~~|^# "),
    "model-tags-lost": _without(r"<\|[a-z]*\|>"),
    "brackets-lost": _without(r"\[[A-Z_/]+\]"),
    "smart-quotes": lambda text: text.translate(_SMART),
    "plain-quotes": lambda text: text.replace("\u201c", '"').replace("\u201d", '"'),
    "spaces-collapsed": _without(" {2,}", " "),
    "blanks-before-points-lost": _without(r" ([.,])", r"\1"),
    "composed": lambda text: unicodedata.normalize("NFC", text),
    "compatible": lambda text: unicodedata.normalize("NFKC", text),
    "percents-decoded": unquote,
    "plus-a-blank": unquote_plus,
    "backslashes-read": lambda text: text.replace("\\n", "\n"),
    "backslashes-doubled": lambda text: text.replace("\\", "\\\\"),
    "joiners-lost": lambda text: text.replace("\u200d", ""),
    "directions-lost": _without("[\u200e\u200f\u202a-\u202e\u2066-\u2069]"),
    "words-masked": _without("(?i)damn", "****"),
    "repeats-lost": _without(r"\b(\w+)( \1)+\b", r"\1"),
    "variables-filled": lambda text: text.replace("${HOME}", "/root"),
    "dots-joined": lambda text: text.replace("...", "\u2026"),
    "currencies-spelt": _without(r"\$(?=\d)", "USD "),
}


def _asked_for(key: str) -> Callable[[], bool]:
    return lambda: way().asked.get("model") == key


def _in(media_type: str) -> Callable[[], bool]:
    return lambda: way().asked.media_type == media_type


def _sent_on(route: str, field: str, change: Change, where: Callable[[], bool] = lambda: True) -> Fault:
    """Changes a text on its way to the provider."""

    def changed(order: Any) -> Any:
        value = getattr(order, field, None)
        return replace(order, **{field: change(value)}) if isinstance(value, str) and where() else order

    return orders(changed, route)


def _told(change: Change, when: When, *kinds: str) -> Fault:
    """Changes the text of a transcript on its way to the client, or (`kinds`) only that of its details."""

    def rewrite(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
        if not kinds:
            return {**document, "text": change(document.get("text", ""))}
        details = {kind: [_entry(each, change) for each in document[kind]] for kind in kinds if kind in document}
        return {**document, **details}

    return retold(rewrite, when & SERVED)


def _entry(entry: dict[str, Any], change: Change) -> dict[str, Any]:
    return {name: change(value) if isinstance(value, str) else value for name, value in entry.items()}


def _format(*names: str) -> When:
    return sent("response_format", lambda value: value in names)


def _of(route: str, key: str) -> When:
    return on(route) & sent("model", lambda value: value == key)


def _to_provider() -> list[tuple[str, str, Fault]]:
    """Name, requirement, fault: every change at one place, and each place more than once."""
    places: list[tuple[str, str, str, str, Callable[[], bool]]] = [
        ("speech", "input", "input", "provider.speech.texts-untouched", lambda: True),
        ("speech", "instructions", "instructions", "provider.speech.texts-untouched", lambda: True),
        ("speech", "input", "azure-input", "azure.speech.texts", _asked_for(_AZURE["speech"])),
        ("speech", "input", "second-input", "routing.speech.second-model-texts", _asked_for(_SECOND["speech"])),
    ]
    for route in TRANSCRIPTS:
        places += [
            (route, "prompt", "json-prompt", f"provider.{route}.texts-untouched", _in(JSON)),
            (route, "prompt", "form-prompt", f"provider.{route}.texts-untouched", _in(FORM)),
            (route, "prompt", "azure-prompt", f"azure.{route}.texts", _asked_for(_AZURE[route])),
            (route, "prompt", "second-prompt", f"routing.{route}.second-model-texts", _asked_for(_SECOND[route])),
        ]
    found = []
    for number, (name, change) in enumerate(CHANGES.items()):
        route, field, place, kills, where = places[number % len(places)]
        found.append((f"{route}-{place}-{name}", kills, _sent_on(route, field, change, where)))
    # On Azure the text of speech is put into markup, so that it is escaped there and nowhere else.
    escaped = _sent_on("speech", "input", html.escape, _asked_for(_AZURE["speech"]))
    return [*found, ("speech-azure-input-escaped-for-markup", "azure.speech.texts", escaped)]


def _to_client() -> list[tuple[str, str, Fault]]:
    found = []
    for route in TRANSCRIPTS:
        default = _of(route, "whisper-1")
        places = [
            ("form-json", f"{route}.text.untouched", default & AS_FORM & ~_format("verbose_json", "text", "srt", "vtt"), ()),
            ("json-srt", f"{route}.text.untouched", default & AS_JSON & _format("srt"), ()),
            ("segments", f"{route}.text.untouched", default & _format("verbose_json"), ("segments",)),
            ("vtt", f"{route}.text.untouched", default & _format("vtt"), ()),
            ("azure-text", f"azure.{route}.texts", _of(route, _AZURE[route]) & _format("text"), ()),
            ("second", f"routing.{route}.second-model-texts", _of(route, _SECOND[route]), ()),
        ]  # fmt: skip
        names = [name for name in CHANGES if name != "markdown-stripped"]
        for number, name in enumerate(names[TRANSCRIPTS.index(route) :: 2]):
            place, kills, when, kinds = places[number % len(places)]
            found.append((f"{route}-{place}-{name}-for-the-client", kills, _told(CHANGES[name], when, *kinds)))
    return found


_TAGS: dict[str, Change] = {
    "in-small-letters": str.lower,
    "cut-to-two-letters": lambda tag: tag[:2],
    "with-an-underscore": lambda tag: tag.replace("-", "_"),
    "in-canonical-case": lambda tag: tag if "-" not in tag else f"{tag[:3].lower()}{tag[3:].title()}",
}


def _tags() -> list[tuple[str, Fault]]:
    known = {"en", "de", "ja", "fr", "es"}

    def only_known(order: Any) -> Any:
        return order if order.language in known else replace(order, language=None)

    return [
        *((name, _sent_on("transcriptions", "language", change)) for name, change in _TAGS.items()),
        ("in-json-cut", _sent_on("transcriptions", "language", lambda tag: tag[:2], _in(JSON))),
        ("for-azure-cut", _sent_on("transcriptions", "language", lambda tag: tag[:2], _asked_for("azure-stt"))),
        ("unknown-lost", orders(only_known, "transcriptions")),
    ]


def _added(route: str, name: str, value: str, where: Callable[[], bool]) -> Fault:
    """A field of the gateway's own stands in the form that the provider gets."""

    def change(parts: list[Part]) -> list[Part]:
        lacking = way().asked.route == route and where() and all(part.name != name for part in parts)
        return [*parts, Part(name, value.encode())] if lacking else parts

    return heard_calls(change)


def _inventions(route: str) -> list[tuple[str, Fault]]:
    return [
        ("english-unless-told", _added(route, "language", "en", lambda: True)),
        ("english-unless-told-in-json", _added(route, "language", "en", _in(JSON))),
        ("a-prompt-of-its-own", _added(route, "prompt", "Transcribe exactly what is said.", lambda: True)),
        ("a-prompt-of-its-own-for-azure", _added(route, "prompt", "Be exact.", _asked_for(_AZURE[route]))),
    ]


def _first_hour(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "segments": document["segments"][:1000]} if "segments" in document else document


def _cut_text(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "text": document["text"][:65_536]} if "segments" in document else document


_MOST = 8 * 1024 * 1024


class _TwoLengths(H11Protocol):
    """Writes what is left of an answer's length beside its chunks, which h11 itself would not do."""

    def connection_made(self, transport: Any) -> None:
        write = transport.write
        transport.write = lambda data: write(bytes(data).replace(b"x-length:", b"Content-Length:", 1))
        super().connection_made(transport)


def _chunked_too(_: Asked, answer: Answer) -> Answer:
    chunked = answer.without_header("content-length").with_header("transfer-encoding", "chunked")
    return chunked.with_header("x-length", str(len(answer.body)))


_TWO_LENGTHS = answers(_chunked_too, on("speech") & SERVED) | Fault(protocol=_TwoLengths)


def _bug(name: str) -> str:
    """The row of docs/real-bugs.md that a mutant of this name rebuilds."""
    rows = {"azure-input-escaped": "J3", "-masked": "J4", "english-unless-told": "J5"}
    return next((row for part, row in rows.items() if part in name), "")


MUTANTS = (
    *(Mutant(name, kills, fault, _bug(name)) for name, kills, fault in (*_to_provider(), *_to_client())),
    *(Mutant(f"language-tags-{name}", "provider.transcriptions.language-tags", fault) for name, fault in _tags()),
    *(Mutant(f"{route}-{name}", f"provider.{route}.nothing-invented", fault, _bug(name)) for route in TRANSCRIPTS for name, fault in _inventions(route)),
    *(Mutant(f"{route}-first-hour-of-segments", f"{route}.verbose.long", documents(_first_hour, route)) for route in TRANSCRIPTS),
    *(Mutant(f"{route}-text-of-hours-cut", f"{route}.verbose.long", documents(_cut_text, route)) for route in TRANSCRIPTS),
    Mutant("speech-cut-at-8-mb", "speech.provider-bytes.longest", sounds(lambda _, sound: type(sound)(sound.data[:_MOST], sound.media_type))),
    Mutant("speech-with-two-lengths", "speech.content-length.alone", _TWO_LENGTHS),
)  # fmt: skip
