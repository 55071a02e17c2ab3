"""Requests with one fault that the gateway itself can see, as data, and the errors that they lead to.

The form of an error does not depend on which it is.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import replace

from conformance.drive.case import Case
from conformance.drive.requests import OMIT, Make, valid_body, valid_request, with_header, with_model
from conformance.http.bodies import Body, Upload
from conformance.http.exchange import Exchange, Request


def _with_authorization(value: str | None) -> Make:
    return lambda case, route, form: with_header(valid_request(case, route, form), "Authorization", value)


def _cut(case: Case, route: str, form: str) -> Request:
    body = valid_body(case, route, form)
    return case.request(route, Body(body.data[: len(body.data) // 2], body.content_type))


def _climbing_file_name(case: Case, route: str, form: str) -> Request:
    """No model, and a file name that a careless server takes for a path of its own."""
    if case.contract.operations[route].takes_text:
        return with_model(case, route, form, "../../../../../../etc/passwd")
    upload = Upload(b"not audio", "../../../../../../etc/passwd", "audio/wav")
    return valid_request(case, route, form, upload=upload, model=OMIT)


def _another_method(case: Case, route: str, _: str) -> Request:
    return case.request(route, method="DELETE")


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
    "missing-field": lambda case, route, form: with_model(case, route, form, OMIT),
    "wrong-type": lambda case, route, form: with_model(case, route, form, {"a": ["b"]} if form == "json" else ""),
    "unknown-model": lambda case, route, form: with_model(case, route, form, f"no-such-model-{case.marker}"),
    "climbing-name": _climbing_file_name,
    "method": _another_method,
    "unknown-path": _unknown_path,
}


def provoked(case: Case, fault: str, route: str, form: str) -> Exchange:
    """What came of a request with the fault, sent once for all checks of a run that look at the error from their own side.

    Raises Blocked as sending it did.
    """
    return case.shared.get(_Provoked).exchange(case, fault, route, form)


class _Provoked:
    """The exchanges of a run, by fault, operation and encoding. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exchanges: dict[tuple[str, str, str], Future[Exchange]] = {}

    def exchange(self, case: Case, fault: str, route: str, form: str) -> Exchange:
        key = (fault, route, form)
        with self._lock:
            found = self._exchanges.get(key)
            if found is None:
                mine = self._exchanges[key] = Future()
        if found is not None:
            return found.result()
        try:
            mine.set_result(case.send(FAULTS[fault](case, route, form)))
        except BaseException as error:
            mine.set_exception(error)
            raise
        return mine.result()
