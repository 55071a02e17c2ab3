"""Each invalid request has the one fault that its name says, for every operation and encoding."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.drive.invalid_requests import FAULTS
from conformance.http.exchange import Request
from tests.conformance.drive.live import live_case
from tests.conformance.fake_gateway import TOKEN, Reply

PAIRS = [("speech", "json"), ("transcriptions", "json"), ("transcriptions", "multipart"), ("translations", "multipart")]


def made(fault: str, route: str, form: str) -> Request:
    with live_case(lambda _: Reply()) as case:
        return FAULTS[fault](case, route, form)


def document(request: Request) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(request.body)
    return parsed


@pytest.mark.parametrize(("route", "form"), PAIRS)
@pytest.mark.parametrize(("fault", "value"), [("no-token", None), ("unknown-token", "Bearer cpeer_no_such_token")])
def test_only_the_token_is_wrong(fault: str, value: str | None, route: str, form: str) -> None:
    request = made(fault, route, form)
    assert request.header("Authorization") == value
    assert request.url.endswith(f"/audio/{route}")
    assert b"model" in request.body


@pytest.mark.parametrize(("route", "form"), PAIRS)
def test_a_body_that_breaks_off_is_unreadable(route: str, form: str) -> None:
    request = made("unreadable-body", route, form)
    assert request.header("Authorization") == f"Bearer {TOKEN}"
    assert not request.body.endswith((b"}", b"--\r\n"))


@pytest.mark.parametrize("route", ["speech", "transcriptions"])
def test_the_model_is_missing_or_unknown_or_of_another_type(route: str) -> None:
    assert "model" not in document(made("missing-field", route, "json"))
    assert document(made("unknown-model", route, "json"))["model"].startswith("no-such-model-")
    assert document(made("wrong-type", route, "json"))["model"] == {"a": ["b"]}


def test_a_name_that_climbs_is_a_file_name_where_there_is_a_file() -> None:
    """No model beside it, so that nothing is served either."""
    assert document(made("climbing-name", "speech", "json"))["model"] == "../../../../../../etc/passwd"
    transcript = document(made("climbing-name", "transcriptions", "json"))
    assert transcript["audio"]["fileName"] == "../../../../../../etc/passwd"
    assert "model" not in transcript


@pytest.mark.parametrize(("route", "form"), PAIRS)
def test_the_way_in_is_wrong(route: str, form: str) -> None:
    assert made("content-type", route, form).header("Content-Type") == "text/plain"
    assert made("method", route, form).method == "DELETE"
    assert "/audio/" + route + "/mark" in made("unknown-path", route, form).url
