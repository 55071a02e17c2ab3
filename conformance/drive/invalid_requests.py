"""Requests with one fault that the gateway itself can see, as data: what an error looks like does not depend on which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.drive.case import ROUTES, Case
from conformance.drive.routes import valid_body, valid_request, with_header
from conformance.http.bodies import Body, Upload, json_body
from conformance.http.exchange import Request

Make = Callable[[Case, str, str], Request]


def with_model(case: Case, route: str, form: str, model: object) -> Request:
    """A request that is valid but for its model; ``...`` leaves the model out."""
    if route == "speech":
        return case.gateway.request(ROUTES[route], json_body(case.speech_fields(model=model)))
    return case.gateway.request(ROUTES[route], case.transcript_body(form, model=model))


def _with_authorization(value: str | None) -> Make:
    return lambda case, route, form: with_header(valid_request(case, route, form), "Authorization", value)


def _cut(case: Case, route: str, form: str) -> Request:
    body = valid_body(case, route, form)
    return case.gateway.request(ROUTES[route], Body(body.data[: len(body.data) // 2], body.content_type))


def _climbing_file_name(case: Case, route: str, form: str) -> Request:
    """No model, and a file name that a careless server takes for a path of its own."""
    if route == "speech":
        return with_model(case, route, form, "../../../../../../etc/passwd")
    upload = Upload(b"not audio", "../../../../../../etc/passwd", "audio/wav")
    return case.gateway.request(ROUTES[route], case.transcript_body(form, upload, model=...))


def without_content(case: Case, route: str, form: str) -> Request:
    """Speech with no text, a transcript with no recording."""
    if route == "speech":
        return case.gateway.request(ROUTES[route], json_body(case.speech_fields(input=...)))
    return case.gateway.request(ROUTES[route], case.transcript_body(form, None))


def _another_method(case: Case, route: str, _: str) -> Request:
    return case.gateway.request(ROUTES[route], method="DELETE")


def _unknown_path(case: Case, route: str, form: str) -> Request:
    request = valid_request(case, route, form)
    return replace(request, url=f"{request.url}/{case.marker}")


FAULTS: dict[str, Make] = {
    "no-token": _with_authorization(None),
    "unknown-token": _with_authorization("Bearer cpeer_no_such_token"),
    "unreadable-body": _cut,
    "content-type": lambda case, route, form: with_header(
        valid_request(case, route, form), "Content-Type", "text/plain"
    ),
    "missing-field": lambda case, route, form: with_model(case, route, form, ...),
    "wrong-type": lambda case, route, form: with_model(case, route, form, {"a": ["b"]} if form == "json" else ""),
    "unknown-model": lambda case, route, form: with_model(case, route, form, f"no-such-model-{case.marker}"),
    "climbing-name": _climbing_file_name,
    "method": _another_method,
    "unknown-path": _unknown_path,
}
