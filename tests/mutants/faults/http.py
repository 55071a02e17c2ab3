"""HTTP: media types, bodies that cannot be read, methods, paths, framing, and what errors look like."""

from __future__ import annotations

import json

from tests.mutants.behind import misreports, way
from tests.mutants.conditions import AS_FORM, AS_JSON, asked, header, lacks, on, path_of, sent, status
from tests.mutants.edge import answers, instead, requests
from tests.mutants.exchange import ABSENT, BASE_PATH, ROUTES, TRANSCRIPTS, Answer, Asked
from tests.mutants.fault import Fault, Mutant
from tests.mutants.recipes import filled, headed, replies, restated, retold, transcript

_NO_TYPE = ~header("content-type")
_JSON_BROKEN = AS_JSON & asked(lambda request: request.body and request.document is ABSENT)
_NOT_UTF8 = AS_JSON & asked(lambda request: not _is_utf8(request.body))
_NO_OBJECT = AS_JSON & asked(lambda request: request.document is not ABSENT and not isinstance(request.document, dict))
_EMPTY = asked(lambda request: not request.body)
_PARAMETERS = AS_JSON & header("content-type", lambda value: ";" in value)
_UPPER = header("content-type", lambda value: value.partition(";")[0] != value.partition(";")[0].lower())
_FORM_BROKEN = AS_FORM & asked(lambda request: request.body and not request.parts)
_NO_BOUNDARY = AS_FORM & header("content-type", lambda value: "boundary=" not in value)
_OTHER_TYPES = header("content-type") & ~AS_JSON & ~AS_FORM
_METHODS = asked(lambda request: request.method in {"GET", "PUT", "PATCH", "DELETE"})


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _as_json(request: Asked) -> Asked:
    return request.with_header("content-type", "application/json")


def _of(route: str) -> list[tuple[str, str, Fault, str]]:
    here = on(route)
    return [
        ("no-content-type-taken-for-json", "content-type-absent", requests(_as_json, here & _NO_TYPE), ""),
        ("no-content-type-415", "content-type-absent", replies(415, here & _NO_TYPE), ""),
        ("content-type-415", "content-type-other", restated(415, here & _OTHER_TYPES & status(400)), "C22"),
        ("content-type-not-looked-at", "content-type-other", requests(_as_json, here & _OTHER_TYPES), ""),
        ("charset-refused", "content-type-spelling", replies(400, here & _PARAMETERS), ""),
        ("content-type-case-matters", "content-type-spelling", replies(400, here & _UPPER), ""),
        ("broken-json-500", "json-malformed", replies(500, here & _JSON_BROKEN), ""),
        ("json-not-utf8-500", "json-malformed", replies(500, here & _NOT_UTF8), ""),
        ("json-list-500", "json-no-object", replies(500, here & _NO_OBJECT), ""),
        ("json-list-422", "json-no-object", replies(422, here & _NO_OBJECT), ""),
        ("empty-body-500", "empty-body", replies(500, here & _EMPTY), ""),
        ("get-served", "method-refused", instead(lambda _: transcript(), path_of(route) & asked(lambda r: r.method == "GET")), ""),
        ("delete-500", "method-refused", replies(500, path_of(route) & asked(lambda r: r.method == "DELETE")), ""),
        ("methods-404", "method-not-allowed", replies(404, path_of(route) & _METHODS), "H8"),
    ]  # fmt: skip


_FORMS = (
    ("broken-form-500", "multipart-malformed", lambda here: replies(500, here & _FORM_BROKEN), "C13"),
    ("no-boundary-500", "multipart-malformed", lambda here: replies(500, here & _NO_BOUNDARY), "C11"),
)


def _plain(_: Asked, answer: Answer) -> Answer:
    return answer.with_body(b"Bad Request", "text/plain")


def _page(_: Asked, answer: Answer) -> Answer:
    return answer.with_body(b"<html><h1>Error</h1></html>", "text/html")


def _bare(_: Asked, answer: Answer) -> Answer:
    return answer.with_body(json.dumps({"detail": answer.document["error"]["message"]}).encode())


def _message_lost(_: Asked, document: dict[str, object]) -> dict[str, object]:
    return {"error": {**document["error"], "message": ""}}  # type: ignore[dict-item]


def _pydantic(_: Asked, answer: Answer) -> Answer:
    return answer.with_document({"detail": [{"loc": ["body", "input"], "msg": "field required", "type": "missing"}]})


_ANY = path_of(*ROUTES)
_UNKNOWN_MODEL = (
    status(400, 404)
    & sent("model")
    & asked(lambda request: str(request.get("model")) not in {"", "tts-1", "whisper-1"})
)
_ENVELOPES = (
    ("no-token-error-in-html", "no-token", answers(_page, status(401) & ~header("authorization")), "H1"),
    ("unknown-token-error-plain", "unknown-token", answers(_plain, status(401) & header("authorization")), "G13"),
    ("unreadable-body-error-bare", "unreadable-body", answers(_bare, _ANY & status(400) & (_JSON_BROKEN | _FORM_BROKEN | _NO_BOUNDARY)), "G13"),
    ("content-type-error-plain", "content-type", answers(_plain, _ANY & status(400) & (_OTHER_TYPES | _NO_TYPE)), "G13"),
    ("missing-field-error-a-list", "missing-field", answers(_pydantic, on("speech") & status(400) & lacks("input")), "G14"),
    ("wrong-type-error-a-list", "wrong-type", answers(_pydantic, _ANY & status(400) & AS_JSON & ~_JSON_BROKEN), "G19"),
    ("unknown-model-error-plain", "unknown-model", answers(_plain, _ANY & _UNKNOWN_MODEL), "G13"),
    ("climbing-name-error-plain", "climbing-name", answers(_plain, _ANY & status(400, 404) & sent("model", lambda v: "/" in str(v) or "\\" in str(v))), ""),
    ("method-error-plain", "method", answers(_plain, status(405)), "G13"),
    ("unknown-path-error-in-html", "unknown-path", answers(_page, status(404)), "G17"),
    ("budget-error-plain", "limit", answers(_plain, _ANY & status(429)), "G13"),
    ("too-large-error-in-html", "body-size", answers(_page, status(413)), "G13"),
    ("provider-failure-in-html", "provider-failure", answers(_page, status(500)), "G13"),
    ("message-empty", "missing-field", retold(_message_lost, _ANY & status(400)), "G12"),
)  # fmt: skip
_ERRORS = status(*range(400, 600))

_SECRETS = (
    ("trace-in-500s", "security.stack-trace", "Traceback (most recent call last):\n  File \"app.py\", line 12, in speech\nKeyError: 'input'"),
    ("java-trace-in-errors", "security.stack-trace", "java.lang.NullPointerException\n\tat com.acme.Audio.speech(Audio.java:42)\n\tat com.acme.Main.run(Main.java:7)"),
    ("go-trace-in-errors", "security.stack-trace", "panic: nil map\n\ngoroutine 18 [running]:\nmain.speech(0xc000)\n\t/srv/gateway/main.go:88 +0x1d"),
    ("path-in-errors", "security.server-path", "cannot open /srv/gateway/app/handlers/speech.py"),
    ("windows-path-in-errors", "security.server-path", "C:\\inetpub\\gateway\\Audio.cs: line 12"),
    ("key-in-errors", "security.provider-key", "Incorrect API key provided: sk-proj-9fK2mQ7xLw3TzR8vBn4Y"),
)  # fmt: skip


def _saying(message: str) -> Fault:
    return answers(lambda _, answer: _said(answer, message), on("speech") & status(400))


def _said(answer: Answer, message: str) -> Answer:
    return answer.with_document({"error": {"message": message, "type": "server_error", "param": None, "code": None}})


_STAINLESS = asked(lambda request: any(name.startswith("x-stainless") for name, _ in request.headers))


def _repeating(_: Asked, answer: Answer) -> Answer:
    return _said(answer, f"The provider said: {way().told[-1].body.decode('utf-8', 'replace')}")


def _known_to(route: str) -> str:
    return "tts-1" if route == "speech" else "whisper-1"


_SPEECH_MODELS, _HEARING_MODELS = {"tts-1", "tts-1-hd", "azure-tts"}, {"whisper-1", "scribe", "azure-stt"}
_OURS = _SPEECH_MODELS | _HEARING_MODELS | {"azure-mute", "azure-deaf"}


def _models(route: str) -> list[tuple[str, str, Fault]]:
    here = on(route)
    strange = here & sent("model", lambda v: isinstance(v, str) and v != "" and v not in _OURS)
    others = _HEARING_MODELS if route == "speech" else _SPEECH_MODELS
    crossed = here & sent("model", lambda v: v in others)
    own = {"model": _known_to(route)}
    return [
        ("unknown-model-defaulted", "unknown-model", filled(strange, **own)),
        ("unknown-model-500", "unknown-model", replies(500, strange)),
        ("unknown-model-404", "unknown-model-status", restated(404, strange & status(400))),
        ("other-capability-defaulted", "other-capability", filled(crossed, **own)),
        ("other-capability-500", "other-capability", replies(500, crossed)),
        ("other-capability-404", "other-capability-status", restated(404, crossed & status(400))),
    ]


MUTANTS = (
    *(Mutant(f"{route}-{name}", f"http.{route}.{kills}", fault, bug) for route in ROUTES for name, kills, fault, bug in _of(route)),
    *(Mutant(f"{route}-{name}", f"http.{route}.{kills}", make(on(route)), bug) for route in TRANSCRIPTS for name, kills, make, bug in _FORMS),
    *(Mutant(f"{route}-{name}", f"errors.{route}.{kills}", fault) for route in ROUTES for name, kills, fault in _models(route)),
    *(Mutant(name, f"errors.envelope.{kills}", fault, bug) for name, kills, fault, bug in _ENVELOPES),
    *(Mutant(name, kills, _saying(message), "G14") for name, kills, message in _SECRETS),
    Mutant("unknown-path-200", "http.unknown-path", instead(lambda _: transcript(), asked(lambda r: r.path.startswith(BASE_PATH) and not r.route)), "H6"),
    *(Mutant(f"{route}-known-clients-refused", f"{route}.client-headers", replies(400, on(route) & _STAINLESS)) for route in ROUTES),
    Mutant("provider-refusal-repeated", "security.provider-key-repeated", misreports(lambda told: told.status >= 400, _repeating, path_of(*ROUTES)), "G12"),
    Mutant("errors-without-request-id", "errors.request-id.present", headed("x-request-id", None, _ERRORS)),
    Mutant("401-without-request-id", "errors.request-id.present", headed("x-request-id", None, status(401))),
    Mutant("errors-request-id-constant", "errors.request-id.unique", headed("x-request-id", "req_error", _ERRORS)),
)  # fmt: skip
