"""Tokens: who is let in that should not be, and who is kept out."""

from __future__ import annotations

from tests.mutants.conditions import AS_FORM, AS_JSON, NO_TOKEN, asked, header, on, status
from tests.mutants.edge import answers, instead, requests
from tests.mutants.exchange import ROUTES, TRANSCRIPTS, Asked, error_answer
from tests.mutants.fault import Mutant
from tests.mutants.place import TOKEN


def _let_in(request: Asked) -> Asked:
    return request.with_header("authorization", f"Bearer {TOKEN}")


def _credentials(request: Asked) -> tuple[str, str]:
    scheme, _, token = (request.header("authorization") or "").partition(" ")
    return scheme.lower(), token.strip()


_OTHER_SCHEME = asked(lambda request: _credentials(request)[0] != "bearer" and _credentials(request)[1] == TOKEN)
_EMPTY = header("authorization", lambda value: value.partition(" ")[2].strip() == "")
_UNKNOWN = asked(lambda request: _credentials(request)[0] == "bearer" and _credentials(request)[1] not in {"", TOKEN})
_PREFIX = asked(lambda request: len(_credentials(request)[1]) > 8 and TOKEN.startswith(_credentials(request)[1]))
_CASELESS = asked(lambda request: _credentials(request)[1].lower() == TOKEN.lower())
_LONGER = asked(lambda request: _credentials(request)[1].startswith(TOKEN))
_IN_QUERY = asked(lambda request: TOKEN.encode() in request.query)

_EVERY_ROUTE = [
    ("served-without-token", "missing", requests, _let_in, NO_TOKEN),
    ("any-token-will-do", "unknown-token", requests, _let_in, _UNKNOWN),
    ("any-scheme-will-do", "other-scheme", requests, _let_in, _OTHER_SCHEME),
    ("empty-token-will-do", "empty-token", requests, _let_in, _EMPTY),
    ("token-compared-by-its-prefix", "near-miss-token", requests, _let_in, _PREFIX),
    ("token-taken-from-query", "query-string", requests, _let_in, NO_TOKEN & _IN_QUERY),
]

_FORMS = [
    ("no-token-403-in-json", "missing", answers, lambda _, answer: answer.with_status(403), status(401) & AS_JSON),
    ("no-token-400-in-forms", "missing", answers, lambda _, answer: answer.with_status(400), status(401) & AS_FORM),
    ("form-token-not-asked", "unknown-token", requests, _let_in, _UNKNOWN & AS_FORM),
]

MUTANTS = (
    *(
        Mutant(f"{route}-{name}", f"authentication.{route}.{requirement}", edge(change, on(route) & when))
        for route in ROUTES
        for name, requirement, edge, change, when in _EVERY_ROUTE
    ),
    *(
        Mutant(f"{route}-{name}", f"authentication.{route}.{requirement}", edge(change, on(route) & when), "H1")
        for route in TRANSCRIPTS
        for name, requirement, edge, change, when in _FORMS
    ),
    Mutant(
        "token-compared-without-case",
        "authentication.speech.near-miss-token",
        requests(_let_in, on("speech") & _CASELESS),
    ),
    Mutant(
        "longer-token-will-do",
        "authentication.transcriptions.near-miss-token",
        requests(_let_in, on("transcriptions") & _LONGER),
    ),
    Mutant(
        "unknown-token-500",
        "authentication.speech.unknown-token",
        answers(lambda _, __: error_answer(500), on("speech") & _UNKNOWN & status(401)),
        "H1",
    ),
    Mutant(
        "scheme-case-matters",
        "authentication.scheme-case",
        instead(lambda _: error_answer(401), header("authorization", lambda value: not value.startswith("Bearer"))),
    ),
    Mutant(
        "odd-token-500",
        "authentication.odd-token",
        instead(lambda _: error_answer(500), header("authorization", lambda value: not value.isascii())),
    ),
    Mutant(
        "long-token-500",
        "authentication.odd-token",
        instead(lambda _: error_answer(500), header("authorization", lambda value: len(value) > 1000)),
    ),
)
