"""Speech: its fields, and the answer's labels."""

from __future__ import annotations

import gzip
import hashlib

from tests.mutants.conditions import SERVED, When, asked, header, lacks, on, sent, status
from tests.mutants.edge import answers, instead, requests
from tests.mutants.exchange import Answer, Asked, error_answer
from tests.mutants.fault import Fault, Mutant

FORMATS = ("mp3", "opus", "aac", "flac", "wav", "pcm")
MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
_SPEECH = on("speech")
_OK = _SPEECH & SERVED


def _is(*kinds: type) -> object:
    return lambda value: type(value) in kinds


def _not_text(value: object) -> bool:
    return value is not None and not isinstance(value, str)


def _answered(code: int, when: When) -> Fault:
    return instead(lambda _: error_answer(code), _SPEECH & when)


def _defaulted(field: str, value: object, when: When) -> Fault:
    return requests(lambda request: request.with_fields(**{field: value}), _SPEECH & when)


def _as_text(field: str) -> Fault:
    def change(request: Asked) -> Asked:
        value = request.get(field)
        return request.with_fields(**{field: str(value[0] if isinstance(value, list) and value else value)})

    return requests(change, _SPEECH & sent(field, lambda value: not isinstance(value, str)))


def _labelled(media_type: str, asked_format: str) -> Fault:
    when = sent("response_format", lambda value: value == asked_format)
    return answers(lambda _, answer: answer.with_header("content-type", media_type), _OK & when)


def _unsized(when: When) -> Fault:
    return answers(lambda _, answer: answer.without_header("content-length"), _OK & when)


def _oversized(_: Asked, answer: Answer) -> Answer:
    return answer.with_header("content-length", str(len(answer.body) + 1))


def _squeezed(_: Asked, answer: Answer) -> Answer:
    """Compressed on the way out, by something that keeps no length."""
    packed = answer.with_body(gzip.compress(answer.body)).without_header("content-length")
    return packed.with_header("content-encoding", "gzip")


_TAKES_GZIP = header("accept-encoding", lambda value: "gzip" in value)


def _wanted(name: str) -> When:
    return sent("response_format", lambda value: value == name)


_UNASKED = lacks("response_format")
_UNLISTED = sent("response_format", lambda v: isinstance(v, str) and v != "" and v.strip(". ").lower() not in FORMATS)
_SPELLING = sent(
    "response_format", lambda v: isinstance(v, str) and v not in FORMATS and v.strip(". ").lower() in FORMATS
)
_ODD_TYPE = sent("response_format", _not_text)
_KNOWN = {"model", "input", "voice", "response_format", "speed", "instructions"}
_EXTRA = asked(lambda request: isinstance(request.document, dict) and set(request.document) - _KNOWN)


def _honoured(request: Asked) -> Asked:
    return request.with_fields(response_format=request.get("response_format").strip(". ").lower())


def _named_as_asked(request: Asked, answer: Answer) -> Answer:
    return answer.with_header("content-type", MEDIA_TYPES.get(request.get("response_format"), "audio/mpeg"))


_FIELDS = (
    Mutant("model-defaulted", "speech.model.missing", _defaulted("model", "tts-1", lacks("model"))),
    Mutant("model-missing-422", "speech.model.missing", _answered(422, lacks("model")), "G19"),
    Mutant("null-model-defaulted", "speech.model.null", _defaulted("model", "tts-1", sent("model", _is(type(None))))),
    Mutant("empty-model-defaulted", "speech.model.empty", _defaulted("model", "tts-1", sent("model", _is(str)) & sent("model", lambda v: not v)), "C30"),
    Mutant("mistyped-model-422", "speech.model.type", _answered(422, sent("model", _not_text)), "G19"),
    Mutant("listed-model-unwrapped", "speech.model.type", _as_text("model")),
    Mutant("input-missing-422", "speech.input.missing", _answered(422, lacks("input")), "G19"),
    Mutant("null-input-spoken", "speech.input.null", _defaulted("input", "None", sent("input", _is(type(None))))),
    Mutant("empty-input-spoken", "speech.input.empty", _defaulted("input", " ", sent("input", lambda v: v == "")), "G2"),
    Mutant("empty-input-200-error", "speech.input.empty", answers(lambda _, answer: answer.with_status(200), _SPEECH & status(400) & sent("input", lambda v: v == "")), "G2"),
    Mutant("number-input-spoken", "speech.input.type", _as_text("input")),
    Mutant("voice-required", "speech.voice.absent", _answered(400, lacks("voice"))),
    Mutant("mistyped-voice-500", "speech.voice.type", _answered(500, sent("voice", _not_text))),
    Mutant("mistyped-speed-500", "speech.speed.type", _answered(500, sent("speed", _is(str)))),
    Mutant("mistyped-speed-422", "speech.speed.type", _answered(422, sent("speed", _is(str, list, dict)))),
    Mutant("mistyped-instructions-500", "speech.instructions.type", _answered(500, sent("instructions", _not_text))),
    Mutant("null-voice-500", "speech.optional-null", _answered(500, sent("voice", _is(type(None))))),
    Mutant("null-speed-422", "speech.optional-null", _answered(422, sent("speed", _is(type(None))))),
    Mutant("empty-voice-500", "speech.optional-empty", _answered(500, sent("voice", lambda v: v == "")), "G2"),
    Mutant("whole-speed-refused", "speech.speed.accepted", _answered(400, sent("speed", _is(int)))),
    Mutant("speed-over-two-422", "speech.speed.range", _answered(422, sent("speed", lambda v: isinstance(v, (int, float)) and 2 < v <= 4)), "D7"),
    Mutant("absurd-speed-500", "speech.speed.out-of-range", _answered(500, sent("speed", lambda v: isinstance(v, (int, float)) and v > 4))),
    Mutant("foreign-instructions-refused", "speech.instructions.accepted", _answered(400, sent("instructions", lambda v: isinstance(v, str) and not v.isascii()))),
    Mutant("surrogate-escapes-refused", "speech.input.escaped", _answered(400, asked(lambda request: b"\\ud8" in request.body.lower()))),
    Mutant("emoji-500", "speech.input.scripts", _answered(500, sent("input", lambda v: isinstance(v, str) and any(ord(c) > 0xFFFF for c in v)))),
    Mutant("input-counted-in-bytes", "speech.input.long", _answered(400, sent("input", lambda v: isinstance(v, str) and len(v.encode("utf-8", "replace")) > 4096))),
    Mutant("input-of-4096-refused", "speech.input.long", _answered(400, sent("input", lambda v: isinstance(v, str) and len(v) > 4095))),
    Mutant("extra-field-refused", "speech.extra-field.ignored", _answered(400, _EXTRA)),
    Mutant("extra-field-500", "speech.extra-field.survived", _answered(500, _EXTRA)),
    Mutant("unlisted-format-refused", "speech.response-format.unlisted", _answered(400, _UNLISTED), "D9"),
    Mutant("unlisted-format-wav", "speech.response-format.unlisted", _defaulted("response_format", "wav", _UNLISTED), "D5"),
    Mutant("misspelt-format-honoured", "speech.response-format.spelling", requests(_honoured, _SPEECH & _SPELLING)),
    Mutant("empty-format-refused", "speech.response-format.empty", _answered(400, sent("response_format", lambda v: v == ""))),
    Mutant("null-format-500", "speech.response-format.null", _answered(500, sent("response_format", _is(type(None))))),
    Mutant("mistyped-format-422", "speech.response-format.other-type", _answered(422, _ODD_TYPE)),
    Mutant("listed-format-honoured", "speech.response-format.other-type", _defaulted("response_format", "flac", _ODD_TYPE)),
)  # fmt: skip

_LABELS = (
    *(Mutant(f"{name}-labelled-mpeg", f"speech.content-type.{name}", _labelled("audio/mpeg", name), "E1") for name in FORMATS[1:]),
    Mutant("mp3-labelled-octets", "speech.content-type.mp3", _labelled("application/octet-stream", "mp3"), "E3"),
    Mutant("pcm-labelled-wav", "speech.content-type.pcm", _labelled("audio/wav", "pcm"), "E2"),
    Mutant("default-unlabelled", "speech.content-type.default", answers(lambda _, answer: answer.without_header("content-type"), _OK & _UNASKED)),
    Mutant("default-labelled-wav", "speech.content-type.default", answers(lambda _, answer: answer.with_header("content-type", "audio/wav"), _OK & _UNASKED), "E2"),
    Mutant("default-always-mpeg", "speech.content-type.provider-default", answers(lambda _, answer: answer.with_header("content-type", "audio/mpeg"), _OK & _UNASKED), "E1"),
    Mutant("label-by-what-was-asked", "speech.content-type.provider-other-format", answers(_named_as_asked, _OK), "D6"),
    *(Mutant(f"{name}-without-length", f"speech.content-length.{name}", _unsized(_wanted(name))) for name in FORMATS),
    Mutant("default-without-length", "speech.content-length.default", _unsized(_UNASKED)),
    Mutant("length-one-too-many", "speech.content-length.default", answers(_oversized, _OK & _UNASKED), "E11"),
    Mutant("flac-length-one-too-many", "speech.content-length.flac", answers(_oversized, _OK & _wanted("flac")), "E11"),
    Mutant("long-speech-without-length", "speech.content-length.long", answers(lambda _, answer: answer if len(answer.body) < 300_000 else answer.without_header("content-length"), _OK)),
    Mutant("speech-compressed-without-length", "speech.content-length.compressible", answers(_squeezed, _OK & _TAKES_GZIP)),
    Mutant("speech-without-request-id", "speech.request-id.present", answers(lambda _, answer: answer.without_header("x-request-id"), _OK)),
    Mutant("speech-with-empty-request-id", "speech.request-id.present", answers(lambda _, answer: answer.with_header("x-request-id", ""), _OK)),
    Mutant("speech-request-id-constant", "speech.request-id.unique", answers(lambda _, answer: answer.with_header("x-request-id", "req_1"), _OK)),
    Mutant("speech-request-id-from-content", "speech.request-id.unique", answers(lambda request, answer: answer.with_header("x-request-id", hashlib.sha1(request.body).hexdigest()), _OK)),
    Mutant("speech-request-id-in-pairs", "speech.request-id.unique", answers(lambda request, answer: answer.with_header("x-request-id", f"req_{request.number // 2}"), _OK)),
)  # fmt: skip

MUTANTS = (*_FIELDS, *_LABELS)
