"""Requests drawn from openapi.yaml by Schemathesis, judged by what the rulings say of generated cases.

They begin early: one draws at a time, and whoever waits for that should be no worker.
"""

from __future__ import annotations

from dataclasses import replace

from conformance.drive.case import Case
from conformance.drive.marks import each, early
from conformance.drive.requests import OPERATIONS, OPERATIONS_AND_ENCODINGS
from conformance.generated.batch import Sent, exchanges, judge_all
from conformance.generated.reading import Fault, audio_is_ours, faults, is_plain, json_value
from conformance.generated.schemathesis_bridge import Kind
from conformance.http.exchange import Finding
from conformance.judge.client.schema import has_the_shape_of_its_schema
from conformance.judge.client.statuses import replayable, status_is


@early
@each("route, form", OPERATIONS_AND_ENCODINGS, "generated.{route}.never-5xx")
def test_no_drawn_request_is_answered_with_a_5xx(case: Case, route: str, form: str) -> None:
    operation, mocked = case.contract.operations[route], case.mock is not None

    def judge(sent: Sent) -> Finding | None:
        # A real provider may refuse odd values, and its refusal may become a 500: then only plain faults can be judged.
        found = faults(operation, sent.body, sent.model)
        if not found and not (mocked and audio_is_ours(operation, sent.body)):
            return None
        allowed = case.contract.statuses("not-server-error")
        finding = status_is(sent.exchange, allowed, because=f"{route} ({form}): a request drawn from openapi.yaml")
        plainly = is_plain(operation, sent.body)
        return _explained(replayable(finding, allowed), found if plainly else [], route)

    judge_all(case, exchanges(case, route, form, *Kind), judge)


@early
@each("route, form", OPERATIONS_AND_ENCODINGS, "generated.{route}.answers-conform")
def test_every_200_has_the_shape_of_the_schema(case: Case, route: str, form: str) -> None:
    def judge(sent: Sent) -> Finding | None:
        return has_the_shape_of_its_schema(
            sent.exchange, case.contract, route, because=f"{route} ({form}): a drawn request"
        )

    judge_all(case, exchanges(case, route, form, *Kind), judge)


@early
@each("route, form", OPERATIONS_AND_ENCODINGS, "generated.{route}.valid-accepted")
def test_drawn_requests_that_are_valid_are_served(case: Case, route: str, form: str) -> None:
    operation, served = case.contract.operations[route], case.contract.statuses("served")

    def judge(sent: Sent) -> Finding | None:
        doubtful = not audio_is_ours(operation, sent.body) or _is_blank(sent, operation.content_field)
        if doubtful or faults(operation, sent.body, sent.model):
            return None
        finding = status_is(sent.exchange, served, because=f"{route} ({form}): a valid request drawn from openapi.yaml")
        return replayable(finding, served)

    judge_all(case, exchanges(case, route, form, Kind.SURE), judge)


@early
@each("route", OPERATIONS, "generated.{route}.invalid-refused")
def test_drawn_requests_with_one_plain_fault_are_refused(case: Case, route: str) -> None:
    def judge(sent: Sent) -> Finding | None:
        operation = case.contract.operations[route]
        found = faults(operation, sent.body, sent.model)
        if len(found) != 1:
            return None
        allowed = case.contract.statuses(found[0].situation)
        finding = status_is(sent.exchange, allowed, because=f"{route} (json): {found[0].what}")
        return _explained(replayable(finding, allowed), found if is_plain(operation, sent.body) else [], route)

    judge_all(case, exchanges(case, route, "json", Kind.BROKEN), judge)


def _explained(finding: Finding | None, found: list[Fault], route: str) -> Finding | None:
    """The finding, held against the plain requirement where the request has one fault and is plain besides."""
    return replace(finding, plainer=found[0].plainer(route)) if finding and len(found) == 1 else finding


def _is_blank(sent: Sent, field: str) -> bool:
    """Whether the text to speak is white space only: it may be taken or refused (docs/contract/rulings.md#statuses)."""
    value = json_value(sent.body) if sent.form == "json" else {}
    return isinstance(value, dict) and isinstance(value.get(field), str) and not _visible(value[field])


def _visible(text: str) -> bool:
    return any(char.isprintable() and not char.isspace() for char in text)
