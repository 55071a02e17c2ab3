"""Blame: which requirement explains best that a drawn request failed.

A request that was drawn is odd in several ways at once, and sent in an odd way besides: in a crowd, in chunks, in another
spelling. So what failed is sent again by itself, in the plainest way. Where it holds then, the odd way is to blame. Where
it fails all the same it is made small, and what is left says which plain requirement is broken: `EXPLANATIONS`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from conformance.contracts import Contract
from conformance.drive.case import Case
from conformance.errors import CheckStopped
from conformance.generated.meaning import Draft, call_of, meaning, understood
from conformance.http.exchange import Finding
from conformance.judge.upstream.fields import differing_parts

_MOST_TRIES = 40
_SHRINKING_S = 5.0
Text = TypeVar("Text", str, bytes)
_ORDINARY = Draft()
_UPLOAD, _FILE_NAME, _ANY = "upload", "file name", "*"
# What the plain requirements ask with. Where a field is refused with another value only, they are kept.
_PLAIN_VALUES: Mapping[str, object] = {
    "speed": 1,
    "instructions": "Speak calmly.",
    "language": "en",
}


class Symptom(StrEnum):
    """What went wrong with a plain valid request: it was not served, the call was another, or the answer was."""

    STATUS = "status"
    CALL = "call"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Explanation:
    """The requirements that are broken where `part` of a request shows a symptom, the plainest first.

    `part` is a field, the upload, its file name, or `*` for whatever no other explanation names. `{route}` stands for the
    operation; what a contract lacks, or a run does not judge, is passed over.
    """

    symptom: Symptom
    part: str
    requirements: tuple[str, ...]


EXPLANATIONS = (
    Explanation(Symptom.STATUS, "speed", ("{route}.speed.accepted",)),
    Explanation(Symptom.STATUS, "odd speed", ("{route}.speed.range",)),
    Explanation(Symptom.STATUS, "instructions", ("{route}.instructions.accepted", "generated.{route}.text")),
    Explanation(Symptom.STATUS, "odd instructions", ("generated.{route}.text",)),
    Explanation(Symptom.STATUS, "input", ("generated.{route}.text",)),
    # Every request has a prompt: one that fails only by what stands around its marker fails by that text.
    Explanation(Symptom.STATUS, "prompt", ("generated.{route}.text", "{route}.prompt.accepted")),
    Explanation(Symptom.STATUS, "language", ("{route}.language.accepted",)),
    Explanation(Symptom.STATUS, "temperature", ("{route}.temperature.accepted",)),
    Explanation(Symptom.STATUS, "timestamp_granularities", ("{route}.granularities.accepted",)),
    Explanation(Symptom.STATUS, _FILE_NAME, ("{route}.file-name.any", "generated.{route}.file-name")),
    Explanation(Symptom.STATUS, _UPLOAD, ("generated.{route}.upload",)),
    Explanation(Symptom.STATUS, _ANY, ("generated.{route}.valid-accepted",)),
    Explanation(Symptom.CALL, "input", ("provider.{route}.input-exact", "generated.{route}.text")),
    Explanation(Symptom.CALL, "instructions", ("provider.{route}.instructions-exact", "generated.{route}.text")),
    Explanation(Symptom.CALL, "prompt", ("provider.{route}.prompt-exact", "generated.{route}.text")),
    Explanation(Symptom.CALL, "voice", ("provider.{route}.voice",)),
    Explanation(Symptom.CALL, "speed", ("provider.{route}.speed",)),
    Explanation(Symptom.CALL, "response_format", ("provider.{route}.response-format",)),
    Explanation(Symptom.CALL, "language", ("provider.{route}.language",)),
    Explanation(Symptom.CALL, "temperature", ("provider.{route}.temperature",)),
    Explanation(Symptom.CALL, "timestamp_granularities", ("provider.{route}.granularities",)),
    Explanation(Symptom.CALL, _UPLOAD, ("provider.{route}.upload-awkward", "generated.{route}.upload")),
    Explanation(Symptom.CALL, _ANY, ("generated.{route}.text",)),
    Explanation(Symptom.ANSWER, _ANY, ("{route}.text.exact", "{route}.provider-bytes.wav", "generated.{route}.text")),
)


@dataclass(frozen=True, slots=True)
class Plainly:
    """The plainest way to send a drawn request: its ordinary body in one encoding, by itself."""

    route: str
    form: str
    draft: Draft


@dataclass(frozen=True, slots=True)
class _Failure:
    """How a request fails that is sent plainly: its symptom, the parts that show it, and the evidence."""

    plainly: Plainly
    symptom: Symptom
    parts: tuple[str, ...]
    finding: Finding


def blamed(case: Case, found: Iterable[Finding | None], plainly: Plainly) -> list[Finding]:
    """What a drawn request failed by, or, where it fails plainly too, the finding of the smallest request that does.

    Such a finding names the requirements that explain it (`Finding.plainer`). Raises Blocked where a plain valid request is
    not served at all.
    """
    real = [finding for finding in found if finding is not None]
    if not real:
        return []
    failure = _tried(case, plainly)
    return [_explained(case.contract, _smallest(case, failure))] if failure else real


def _tried(case: Case, plainly: Plainly) -> _Failure | None:
    """Sends the request plainly; None where it is understood."""
    meant = meaning(case.example(), plainly.route, plainly.draft)
    exchange = case.send(meant.request(meant.body(plainly.form)))
    because = f"{plainly.route} ({plainly.form}), sent plainly and by itself"
    found = understood(meant, exchange, because=because)
    finding = next((each for each in found if each is not None), None)
    if finding is None:
        return None
    finding = meant.case.evidenced(finding)
    parts = tuple(_drawn(case.contract, plainly))
    if not case.is_served(exchange):
        return _Failure(plainly, Symptom.STATUS, parts, finding)
    if found[0] is None:
        return _Failure(plainly, Symptom.ANSWER, parts, finding)
    call = call_of(meant)
    differing = differing_parts(exchange, call, meant.fields, meant.upload) if call else list(parts)
    return _Failure(plainly, Symptom.CALL, tuple(differing), finding)


def _smallest(case: Case, failure: _Failure) -> _Failure:
    """Leaves out of the request whatever it fails without, too, in bounded time."""
    until, tries, shrunk = time.monotonic() + _SHRINKING_S, 0, True
    while shrunk:
        shrunk = False
        for draft in _smaller(failure.plainly.draft):
            if tries >= _MOST_TRIES or time.monotonic() > until:
                return failure
            tries += 1
            try:
                smaller = _tried(case, replace(failure.plainly, draft=draft))
            except CheckStopped:
                return failure
            if smaller and smaller.symptom is failure.symptom:
                failure, shrunk = smaller, True
                break
    return failure


def _smaller(draft: Draft) -> Iterator[Draft]:
    """The draft without one of its fields or with less of a text, the greatest steps first."""
    yield from _with_less_fields(draft)
    if draft.file_name != _ORDINARY.file_name:
        yield replace(draft, file_name=_ORDINARY.file_name)
    for content in _halves(draft.content):
        yield replace(draft, content=content)
    for before in _halves(draft.before):
        yield replace(draft, before=before)
    for after in _halves(draft.after):
        yield replace(draft, after=after)
    words = dict(draft.fields).get("instructions", "")
    for part in _halves(words):
        if part.strip():
            yield replace(draft, fields=tuple({**dict(draft.fields), "instructions": part}.items()))


def _with_less_fields(draft: Draft) -> Iterator[Draft]:
    """The draft without one of its fields, and then with a plain value for one."""
    for name, _ in draft.fields:
        if name != "response_format":  # which costs the provider little as it is
            yield replace(draft, fields=tuple(pair for pair in draft.fields if pair[0] != name))
    for name, value in draft.fields:
        if _is_odd(name, value):
            yield replace(draft, fields=tuple({**dict(draft.fields), name: _PLAIN_VALUES[name]}.items()))


def _is_odd(name: str, value: object) -> bool:
    """Whether no plain requirement asks with such a value."""
    if name == "instructions" and isinstance(value, str):
        return not (value.isascii() and value.isprintable())
    return name in _PLAIN_VALUES and value != _PLAIN_VALUES[name]


def _halves(text: Text) -> Iterator[Text]:
    """Nothing, either half, and all but either end."""
    if text:
        yield text[:0]
    middle = len(text) // 2
    if middle:
        yield from (text[:middle], text[middle:])
    if middle > 1:
        yield from (text[1:], text[:-1])


def _drawn(contract: Contract, plainly: Plainly) -> Iterator[str]:
    """The parts of a request that are not as in every other."""
    operation, draft = contract.operations[plainly.route], plainly.draft
    for name, value in draft.fields:
        if name != "response_format":
            yield f"odd {name}" if _is_odd(name, value) else name
    if draft.before or draft.after:
        yield operation.content_field if operation.takes_text else "prompt"
    if draft.content:
        yield _UPLOAD
    if draft.file_name != _ORDINARY.file_name:
        yield _FILE_NAME


def _explained(contract: Contract, failure: _Failure) -> Finding:
    """The finding with the requirements that explain it."""
    rules = [each for each in EXPLANATIONS if each.symptom is failure.symptom]
    # What is refused only together breaks no requirement of one part alone; a call shows which part it spoils.
    together = failure.symptom is Symptom.STATUS and len(failure.parts) > 1
    parts = (_ANY,) if together else (*failure.parts, _ANY)
    named = [name for part in parts for each in rules if each.part == part for name in each.requirements]
    filled = (name.format(route=failure.plainly.route) for name in named)
    known = tuple(dict.fromkeys(name for name in filled if name in contract.catalogue.by_id))
    return replace(failure.finding, plainer=known)
