"""Methods and paths that the contract does not know."""

from __future__ import annotations

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import decides, each
from conformance.drive.requests import OPERATIONS, valid_body
from conformance.http.exchange import Exchange
from conformance.judge.client.statuses import status_is

_METHODS = ("GET", "PUT", "PATCH", "DELETE")
_WITH_BODY = frozenset({"PUT", "PATCH"})


def _send(case: Case, route: str, method: str) -> Exchange:
    body = valid_body(case, route, "json") if method in _WITH_BODY else None
    return case.send(case.request(route, body, method=method))


@each("route", OPERATIONS, "http.{route}.method-not-allowed")
@pytest.mark.parametrize("method", _METHODS)
def test_another_method_has_the_preferred_status(case: Case, route: str, method: str) -> None:
    exchange = _send(case, route, method)
    case.judge(status_is(exchange, case.contract.statuses("wrong-method-preferred"), because=f"{method} on {route}"))


@each("route", OPERATIONS, "http.{route}.method-refused")
@pytest.mark.parametrize("method", _METHODS)
def test_another_method_is_neither_served_nor_failed(case: Case, route: str, method: str) -> None:
    exchange = _send(case, route, method)
    case.judge(status_is(exchange, case.contract.statuses("wrong-method"), because=f"{method} on {route}"))


@pytest.mark.parametrize("method", ["GET", "POST"])
@decides("http.unknown-path")
def test_an_unknown_path_has_the_preferred_status(case: Case, method: str) -> None:
    body = valid_body(case, "speech", "json") if method == "POST" else None
    exchange = case.send(case.gateway.request(f"/audio/{case.marker}", body, method=method))
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("unknown-path-preferred"),
            because=f"{method} on a path that nothing documents",
        )
    )
