"""Faults on a narrow path: only behind one model key, only near a limit, only for what is long, only for one way in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from msgspec.structs import asdict, replace

from tests.mutants.behind import Call, Order, calls, order_fields, orders, recordings, spoken_calls, way
from tests.mutants.conditions import AS_FORM, NO_TOKEN, SERVED, When, asked, audio_of, header, on, sent
from tests.mutants.edge import answers, requests
from tests.mutants.exchange import ABSENT, ROUTES, TRANSCRIPTS, Asked
from tests.mutants.fault import Fault, Mutant
from tests.mutants.place import TOKEN
from tests.mutants.recipes import filled, headed, replies, retold, reworded

_AZURE = {"speech": "azure-tts", "transcriptions": "azure-stt", "translations": "azure-stt"}
_SECOND = {"speech": "tts-1-hd", "transcriptions": "scribe", "translations": "scribe"}
_THEIRS = {"speech": "gpt-4o-mini-tts", "transcriptions": "gpt-4o-transcribe", "translations": "gpt-4o-transcribe"}
_NEAR_THE_LIMIT = 3 * 1024 * 1024


def _of(route: str, key: str) -> When:
    return on(route) & sent("model", lambda value: value == key)


def _format(name: str) -> When:
    return sent("response_format", lambda value: value == name)


def _without(*names: str) -> Any:
    return lambda _, document: {key: value for key, value in document.items() if key not in names}


def _speech_answers(key: str) -> list[tuple[str, Fault]]:
    here = _of("speech", key) & SERVED
    return [
        ("flac-labelled-mpeg", headed("content-type", "audio/mpeg", here & _format("flac"))),
        ("pcm-one-sample-short", answers(lambda _, answer: answer.with_body(answer.body[:-2]), here & _format("pcm"))),
        ("default-without-request-id", headed("x-request-id", None, here & ~sent("response_format"))),
        ("same-request-id", headed("x-request-id", "req_same", here)),
    ]


def _transcript_answers(route: str, key: str) -> list[tuple[str, Fault]]:
    here = _of(route, key)
    verbose = here & SERVED & _format("verbose_json")
    return [
        ("text-trimmed", reworded(str.strip, here & ~sent("response_format", lambda value: value != "json"))),
        ("vtt-without-request-id", retold(_without("request_id"), here & SERVED & _format("vtt"))),
        ("segments-lost", retold(_without("segments"), verbose)),
        ("srt-as-json", filled(here & AS_FORM & _format("srt"), response_format=ABSENT)),
    ]


def _answers(route: str, key: str) -> list[tuple[str, Fault]]:
    found = _speech_answers(key) if route == "speech" else _transcript_answers(route, key)
    # Only where ids are compared: a second model's are among those of any other request.
    return found if key == _AZURE[route] else [each for each in found if each[0] != "same-request-id"]


def _second_field_lost(route: str) -> Fault:
    name = "instructions" if route == "speech" else "prompt"
    return orders(lambda order: replace(order, **{name: None}) if order.model == _THEIRS[route] else order, route)


def _as_client_spelt_for_azure(call: dict[str, Any]) -> dict[str, Any]:
    document = way().asked.document
    spelt = document["model"] == _AZURE["speech"] and "response_format" in document
    return {**call, "response_format": document["response_format"]} if spelt else call


def _let_in(request: Asked) -> Asked:
    return request.with_header("authorization", f"Bearer {TOKEN}")


def _holds_token(value: str) -> bool:
    scheme, _, credentials = value.partition(" ")
    try:
        return scheme == "Basic" and TOKEN in base64.b64decode(credentials).decode()
    except ValueError:
        return False


def _as_json(request: Asked) -> Asked:
    return request.with_header("content-type", "application/json")


def _everywhere(route: str) -> list[tuple[str, str, Fault]]:
    here = on(route)
    suffixed = header("content-type", lambda value: value.endswith("+json"))
    in_other_header = NO_TOKEN & header("x-api-key", lambda value: value == TOKEN)
    return [
        ("token-as-a-password", f"authentication.{route}.other-scheme", requests(_let_in, here & header("authorization", _holds_token))),
        ("token-in-x-api-key", f"authentication.{route}.other-header", requests(_let_in, here & in_other_header)),
        ("json-suffix-will-do", f"http.{route}.content-type-other", requests(_as_json, here & suffixed)),
        ("second-model-field-lost", f"routing.{route}.second-model-fields", _second_field_lost(route)),
    ]  # fmt: skip


def _on_transcripts(route: str) -> list[tuple[str, str, Fault]]:
    return [
        ("upload-cut-near-the-limit", f"limits.body.{route}-under", recordings(lambda data: data[:_NEAR_THE_LIMIT], route)),
        ("long-prompt-cut", f"provider.{route}.prompt-exact", order_fields(route, prompt=lambda value: value[:1000])),
    ]  # fmt: skip


def _language_in_the_prompt(order: Any) -> Any:
    language = way().asked.get("language")
    return replace(order, prompt=f"Language: {language}") if language and not order.prompt else order


_KNOWN_VOICES = {"alloy", "ash", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer"}
_NOT_LISTED = sent("response_format", lambda value: value not in ("mp3", "opus", "aac", "flac", "wav", "pcm"))
_LONG_NAME = AS_FORM & asked(lambda request: request.file and len(request.file.file_name or "") > 255)
_MARKS = (("spaces", " "), ("percent", "%"), ("apostrophe", "'"))
_OTHER_BEARER = header("authorization", lambda value: value.startswith("Bearer") and value.endswith(f"s {TOKEN}"))

_IS_LONG = asked(lambda request: len(request.body) > 600)


def _named(mark: str) -> When:
    """Requests whose file's name has this in it."""
    return asked(lambda request: request.file is not None and mark in (request.file.file_name or ""))


def _all_but(name: str) -> Callable[[Any], Any]:
    """A key of all that is asked but for one field."""

    def key(order: Any) -> Any:
        asked = {field: value for field, value in asdict(order).items() if field != name}
        if "audio" in asked:
            asked["audio"] = hashlib.sha256(b"".join(order.audio.chunks())).digest()
        return tuple(asked.values())

    return key


def _kept(key: Callable[[Any], Any], *routes: str) -> Fault:
    """Answers are kept, and given again to whatever has the same key."""
    answers: dict[Any, Any] = {}

    async def around(where: str, order: Order, call: Call) -> Any:
        if where not in routes:
            return await call(order)
        known = (where, key(order))
        if known not in answers:
            answers[known] = await call(order)
        return answers[known]

    return calls(around)


MUTANTS = (
    Mutant("speech-kept-by-the-first-200-characters", "provider.speech.input-exact", _kept(lambda order: (order.input[:200], order.response_format), "speech")),
    *(Mutant(f"speech-kept-whatever-{name}", "provider.speech.changed-field", _kept(_all_but(name), "speech")) for name in ("voice", "speed", "instructions")),
    *(Mutant(f"{route}-kept-whatever-{name}", f"provider.{route}.changed-field", _kept(_all_but(name), route)) for route in TRANSCRIPTS for name in ("prompt", "temperature")),
    Mutant("transcriptions-kept-whatever-language", "provider.transcriptions.changed-field", _kept(_all_but("language"), "transcriptions")),
    *(Mutant(f"{route}-kept-whatever-model", f"routing.{route}.second-model", _kept(_all_but("model"), route)) for route in ROUTES),
    *(Mutant(f"{route}-kept-by-name-and-size", f"provider.{route}.upload", _kept(lambda order: (order.audio.file_name, order.audio.size), route)) for route in TRANSCRIPTS),
    *(Mutant(f"{route}-azure-{name}", f"azure.{route}.answer", fault) for route in ROUTES for name, fault in _answers(route, _AZURE[route])),
    *(Mutant(f"{route}-second-model-{name}", f"routing.{route}.second-model-answer", fault) for route in ROUTES for name, fault in _answers(route, _SECOND[route])),
    *(Mutant(f"{route}-{name}", kills, fault) for route in ROUTES for name, kills, fault in _everywhere(route)),
    *(Mutant(f"{route}-{name}", kills, fault) for route in TRANSCRIPTS for name, kills, fault in _on_transcripts(route)),
    Mutant("speech-long-instructions-cut", "provider.speech.instructions-exact", order_fields("speech", instructions=lambda value: value[:500])),
    Mutant("speech-long-wav-unlabelled", "speech.content-type.wav", headed("content-type", "application/octet-stream", on("speech") & SERVED & _format("wav") & _IS_LONG)),
    Mutant("speech-new-voices-lost", "provider.speech.voice", order_fields("speech", voice=lambda value: value if value in _KNOWN_VOICES else None)),
    Mutant("speech-voices-in-small-letters", "provider.speech.voice", order_fields("speech", voice=str.lower)),
    *(Mutant(f"speech-{wanted}-without-request-id", "speech.request-id.present", headed("x-request-id", None, on("speech") & SERVED & _format(wanted))) for wanted in ("opus", "pcm")),
    *(Mutant(f"{route}-file-name-with-{name}-refused", f"{route}.file-name.any", replies(400, on(route) & AS_FORM & _named(mark))) for route in TRANSCRIPTS for name, mark in _MARKS),
    *(Mutant(f"{route}-json-file-name-with-spaces-500", f"{route}.file-name.any", replies(500, on(route) & audio_of("fileName", lambda value: " " in str(value)))) for route in TRANSCRIPTS),
    Mutant("speech-input-cut-at-5000", "provider.speech.long-input", order_fields("speech", input=lambda value: value[:5000])),
    Mutant("speech-ignored-format-without-length", "speech.content-length.default", headed("content-length", None, on("speech") & SERVED & _NOT_LISTED)),
    Mutant("speech-marks-lost", "provider.speech.input-exact", order_fields("speech", input=lambda value: value.lstrip("\ufeff"))),
    Mutant("bearers-will-do", "authentication.speech.other-scheme", requests(_let_in, on("speech") & _OTHER_BEARER)),
    Mutant("translations-french-refused", "translations.language.accepted", replies(400, on("translations") & sent("language", lambda value: value != "en"))),
    Mutant("translations-language-in-the-prompt", "provider.translations.language", orders(_language_in_the_prompt, "translations")),
    *(Mutant(f"{route}-long-file-name-500", f"robustness.{route}.form-odd-whole", replies(500, on(route) & _LONG_NAME)) for route in TRANSCRIPTS),
    Mutant("speech-azure-invalid-format-passed-on", "azure.speech.invalid-format", spoken_calls(_as_client_spelt_for_azure)),
)  # fmt: skip
