"""The list of models, where a gateway has one: its shape, that the keys which are served are in it, and one by itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from conformance.drive.case import Case
from conformance.drive.marks import decides
from conformance.drive.requests import with_header
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.models import lists_models, model_members

_LIST = "the list of models"


def _get(case: Case, name: str = "", *, authorised: bool = True) -> Exchange:
    """The list, or the model of this name."""
    one = f"/{quote(name, safe='')}" if name else ""
    request = case.gateway.request(f"{case.contract.model_list}{one}", method="GET")
    return case.send(request if authorised else with_header(request, "Authorization", None))


def _listed(case: Case) -> tuple[Exchange, list[Any]]:
    exchange = case.succeeded(_get(case))
    found = exchange.answer.document().get("data") if exchange.answer else None
    return exchange, found if isinstance(found, list) else []


@decides("models.list")
def test_the_list_is_one(case: Case) -> None:
    case.judge(lists_models(case.succeeded(_get(case)), because=_LIST))


@decides("models.list.members")
def test_each_model_has_its_members(case: Case) -> None:
    exchange, found = _listed(case)
    case.judge(*(model_members(exchange, each, because=_LIST) for each in found[:50]))


@decides("models.list.served")
def test_the_keys_that_are_served_are_listed(case: Case) -> None:
    """Those that the target declares: others may be known by chance."""
    exchange, found = _listed(case)
    listed = {each.get("id") for each in found if isinstance(each, dict)}
    models = case.target.models
    lacking = [key for key in (*models.speech, *models.transcription) if key not in listed]
    wrong = Finding(f"{_LIST}: keys that are served are not in it", ", ".join(lacking), "not listed", (exchange,))
    case.judge(wrong if lacking else None)


@decides("models.list.no-key")
def test_the_list_asks_for_a_key(case: Case) -> None:
    case.judge(case.answered(_get(case, authorised=False), "invalid-token", because=f"{_LIST} without a key"))


@decides("models.retrieve")
def test_one_model_is_found_by_its_id(case: Case) -> None:
    _, found = _listed(case)
    name = next((each["id"] for each in found if isinstance(each, dict) and isinstance(each.get("id"), str)), "")
    exchange, because = _get(case, name), f"the model {name}"
    wrong = case.answered(exchange, "served", because=because)
    document = exchange.answer.document() if exchange.answer else {}
    other = Finding(f"{because}: another came", f"id {name}", f"id {document.get('id')!r}", (exchange,))
    case.judge(wrong or (None if document.get("id") == name else other))


@decides("models.retrieve.unknown")
def test_a_model_that_is_not_there_is_not_found(case: Case) -> None:
    exchange = _get(case, f"no-such-{case.marker}")
    case.judge(case.answered(exchange, "unknown-model", because="a model that does not exist"))
