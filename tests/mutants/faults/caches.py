"""Caches in the wrong place: before the token, the limits or the model was looked at, and copies with another's id."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from tests.mutants.caches import cached, of_one_token, same_bytes, same_content, same_fields
from tests.mutants.conditions import AS_FORM, AS_JSON, SERVED, When, asked, header, on, status
from tests.mutants.edge import answers, requests
from tests.mutants.exchange import ROUTES, TRANSCRIPTS, Answer, Asked
from tests.mutants.fault import Fault, Mutant
from tests.mutants.place import LIMITED, TOKEN


def _of(*tokens: str) -> When:
    """Requests under one of these tokens."""
    return header("authorization", lambda value: value.removeprefix("Bearer ") in tokens)


_KNOWN = _of(TOKEN, *LIMITED.values())


def _limited(name: str) -> When:
    return _of(TOKEN, LIMITED[name])


def _before_the_token(route: str) -> list[tuple[str, Fault]]:
    here = on(route)
    return [
        ("bytes-cached-before-the-token", cached(same_bytes, here)),
        ("fields-cached-before-the-token", cached(same_fields, here)),
        ("cached-for-those-without-header", cached(same_bytes, here & (_of(TOKEN) | ~header("authorization")))),
    ]


def _sticky(route: str) -> Fault:
    """Goes on with the model that was last served for the same content, whichever is named next."""
    models: dict[Hashable, Any] = {}

    def remember(request: Asked, answer: Answer) -> Answer:
        models.setdefault(same_content(request), request.get("model"))
        return answer

    def go_on(request: Asked) -> Asked:
        return request.with_fields(model=models[same_content(request)])

    known = asked(lambda request: same_content(request) in models)
    return answers(remember, on(route) & SERVED) | requests(go_on, on(route) & known)


def _free_when_known(name: str) -> Fault:
    """Counts and measures only what it has not served before: the same again is let through to the provider."""
    seen: set[Hashable] = set()

    def remember(request: Asked, answer: Answer) -> Answer:
        seen.add(same_bytes(request))
        return answer

    def free(request: Asked) -> Asked:
        return request.with_header("authorization", f"Bearer {TOKEN}")

    known = _of(LIMITED[name]) & asked(lambda request: same_bytes(request) in seen)
    return answers(remember, on(*ROUTES) & SERVED) | requests(free, on(*ROUTES) & known)


_FREE_WHEN_KNOWN = {
    "rate": "limits.rate.warm",
    "spent": "limits.budget.warm",
    "small": "limits.per-request.characters-warm",
}

MUTANTS = (
    *(Mutant(f"{route}-sticks-to-its-model", f"errors.{route}.unknown-model-warm", _sticky(route)) for route in ROUTES),
    *(Mutant(f"{route}-sticks-to-its-capability", f"errors.{route}.other-capability-warm", _sticky(route)) for route in ROUTES),
    *(Mutant(f"{name}-does-not-count-what-was-served", kills, _free_when_known(name)) for name, kills in _FREE_WHEN_KNOWN.items()),
    Mutant("uploads-not-measured-when-known", "limits.per-request.upload-warm", _free_when_known("small")),
    *(Mutant(f"{route}-{name}", f"authentication.{route}.warm", fault) for route in ROUTES for name, fault in _before_the_token(route)),
    Mutant("json-cached-before-the-token", "authentication.transcriptions.warm", cached(same_bytes, on("transcriptions") & AS_JSON)),
    Mutant("forms-cached-before-the-token", "authentication.translations.warm", cached(same_bytes, on("translations") & AS_FORM)),
    *(Mutant(f"{route}-cached-before-the-model", f"errors.{route}.unknown-model-warm", cached(same_content, on(route) & _KNOWN)) for route in ROUTES),
    *(Mutant(f"{route}-cached-before-the-capability", f"errors.{route}.other-capability-warm", cached(same_content, on(route) & _KNOWN)) for route in ROUTES),
    Mutant("cached-before-the-rate-limit", "limits.rate.warm", cached(same_bytes, on(*ROUTES) & _limited("rate"))),
    Mutant("translations-cached-before-the-rate-limit", "limits.rate.warm", cached(same_fields, on("translations") & _limited("rate"))),
    Mutant("cached-for-the-token-before-its-rate-limit", "limits.rate.speech", cached(of_one_token(same_bytes), on("speech") & _of(LIMITED["rate"]))),
    Mutant("cached-before-the-budget", "limits.budget.warm", cached(same_bytes, on(*ROUTES) & _limited("spent"))),
    Mutant("transcriptions-cached-before-the-budget", "limits.budget.warm", cached(same_fields, on("transcriptions") & _limited("spent"))),
    Mutant("cached-for-the-token-before-its-budget", "limits.budget.spend", cached(of_one_token(same_bytes), on("speech") & _of(LIMITED["spent"]))),
    Mutant("cached-before-the-quota-of-characters", "limits.per-request.characters-warm", cached(same_bytes, on("speech") & _limited("small"))),
    Mutant("cached-by-fields-before-the-quota-of-characters", "limits.per-request.characters-warm", cached(same_fields, on("speech") & _limited("small"))),
    Mutant("cached-before-the-quota-of-bytes", "limits.per-request.upload-warm", cached(same_bytes, on(*TRANSCRIPTS) & _limited("small"))),
    Mutant("cached-by-fields-before-the-quota-of-bytes", "limits.per-request.upload-warm", cached(same_fields, on("translations") & _limited("small"))),
    *(Mutant(f"{route}-copied-to-another-token-with-its-id", f"{route}.request-id.unique", cached(same_bytes, on(route) & _limited("small"), own_ids=False)) for route in ROUTES),
    *(Mutant(f"{route}-refusals-cached", f"robustness.{route}.recovery", cached(same_bytes, on(route), status(401))) for route in ROUTES),
)  # fmt: skip
