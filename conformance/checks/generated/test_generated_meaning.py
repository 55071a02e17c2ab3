"""Generated meanings: spellings of JSON, texts of any kind, both forms of one request, and many requests at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from hypothesis import strategies as st

from conformance.drive.case import Case
from conformance.drive.marks import decides, each
from conformance.drive.requests import OPERATIONS, OPERATIONS_AND_ENCODINGS, TRANSCRIPT_OPERATIONS
from conformance.errors import Blocked, NotForwarded
from conformance.generated.blame import Plainly, blamed
from conformance.generated.meaning import Draft, call_of, meaning, understood
from conformance.generated.search import search
from conformance.generated.spelling import Spelling, spellings, write
from conformance.generated.strategies import contents, fields_of, texts
from conformance.http.bodies import JSON_TYPE, Body
from conformance.http.exchange import Finding
from conformance.judge.upstream.fields import same_call

_AT_ONCE = 8
# Recordings in which the mock hears several words: no two transcripts of a crowd are the same, so none may change places.
_WORDS_S = 3.0


@each("route", OPERATIONS, "generated.{route}.json-spelling")
def test_spellings_of_the_json_body_do_not_matter(case: Case, route: str) -> None:
    mocked = case.mock is not None
    drafts = st.builds(
        Draft,
        fields=fields_of(case.contract.operations[route], mocked=mocked),
        after=texts() if mocked else st.just(' 狐 é 🦊 " \\'),
    )

    def probe(case: Case, drawn: tuple[Draft, Spelling]) -> list[Finding]:
        draft, spelling = drawn
        meant = meaning(case, route, draft)
        exchange = case.send(meant.request(Body(write(meant.document, spelling).encode(), JSON_TYPE)))
        found = understood(meant, exchange, because=f"{route}: the same JSON, spelled in another way")
        return blamed(case, found, Plainly(route, "json", draft))

    search(case, st.tuples(drafts, spellings()), probe, share=0.8)


def _worded(case: Case, route: str) -> st.SearchStrategy[Draft]:
    """Drafts with text of any kind wherever the operation takes free text."""
    operation = case.contract.operations[route]
    drafts = st.builds(Draft, fields=fields_of(operation, mocked=True), before=texts(), after=texts())
    if not operation.takes_text:
        return drafts
    wordings = texts().filter(lambda text: bool(text.strip()))
    return st.builds(lambda draft, words: replace(draft, fields=_with(draft, words)), drafts, wordings)


def _with(draft: Draft, instructions: str) -> tuple[tuple[str, object], ...]:
    return tuple({**dict(draft.fields), "instructions": instructions}.items())


@each("route, form", OPERATIONS_AND_ENCODINGS, "generated.{route}.text")
def test_text_of_any_kind_arrives_unchanged(case: Case, route: str, form: str) -> None:
    def probe(case: Case, draft: Draft) -> list[Finding]:
        meant = meaning(case, route, draft)
        exchange = case.send(meant.request(meant.body(form)))
        found = understood(meant, exchange, because=f"{route} ({form}): text of any kind")
        return blamed(case, found, Plainly(route, form, draft))

    search(case, _worded(case, route), probe, share=0.6)


@each("route", TRANSCRIPT_OPERATIONS, "generated.{route}.forms-agree")
def test_both_forms_lead_to_the_same_call(case: Case, route: str) -> None:
    drafts = st.builds(
        Draft, fields=fields_of(case.contract.operations[route], mocked=True), after=texts(), content=contents(60)
    )

    def probe(case: Case, draft: Draft) -> list[Finding | None]:
        meant = meaning(case, route, draft)
        as_form = case.succeeded(case.send(meant.request(meant.body("multipart"))))
        first = call_of(meant)
        exchange = case.succeeded(case.send(meant.request(meant.body("json"))))
        second = call_of(meant, since=first.position) if first else None
        if first is None or second is None:
            raise NotForwarded(exchange)
        return [same_call(as_form, first, exchange, second)]

    search(case, drafts, probe, share=0.4)


def _one_of_many(plainly: Plainly) -> str:
    return f"{plainly.route} ({plainly.form}), one of {_AT_ONCE} requests at once"


def _longer(draft: Draft) -> Draft:
    return replace(draft, seconds=_WORDS_S)


@decides("generated.concurrency")
def test_requests_of_all_kinds_at_once_get_their_own_answers(case: Case) -> None:
    """What fails in the crowd is sent again by itself, one by one: the crowd is to blame only where it holds then.

    What is held off by a limit on how many there may be is no failure. An operation that serves nothing is passed over.
    """
    held_off = case.contract.statuses("held-off")

    def probe(case: Case, drawn: tuple[Plainly, ...]) -> list[Finding]:
        crowd = [meaning(case.example(), plainly.route, plainly.draft) for plainly in drawn]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            forms = [plainly.form for plainly in drawn]
            exchanges = list(pool.map(lambda meant, form: case.send(meant.request(meant.body(form))), crowd, forms))
        # Judged when all are answered: what judging sends must not be part of the crowd.
        found: list[Finding] = []
        blocked: list[Blocked] = []
        for plainly, meant, exchange in zip(drawn, crowd, exchanges, strict=True):
            if exchange.status not in held_off:
                try:
                    found += blamed(case, understood(meant, exchange, because=_one_of_many(plainly)), plainly)
                except Blocked as reason:
                    blocked.append(reason)
        if len(blocked) == len(drawn):
            raise blocked[0]
        return found

    kinds = [
        st.builds(Plainly, st.just(route), st.just(form), _worded(case, route).map(_longer))
        for route, form in OPERATIONS_AND_ENCODINGS
        if case.contract.has(route, form)
    ]
    search(case, st.lists(st.one_of(kinds), min_size=_AT_ONCE, max_size=_AT_ONCE).map(tuple), probe, share=0.2)
