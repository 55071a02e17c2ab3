"""Caches in the wrong place: before the token, the limits or the model was looked at, and copies with another's id."""

from __future__ import annotations

from tests.mutants.caches import cached, of_one_token, same_bytes, same_content, same_fields
from tests.mutants.conditions import AS_FORM, AS_JSON, When, header, on, status
from tests.mutants.exchange import ROUTES, TRANSCRIPTS
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


MUTANTS = (
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
