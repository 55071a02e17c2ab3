"""Measures how quick a gateway is when nothing else is asked of it: a few valid requests, one after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from conformance.drive.case import Case
from conformance.drive.requests import marker_in_text, valid_request
from conformance.http.connection import Connection
from conformance.http.exchange import Request, is_success
from conformance.http.raw import in_pieces
from conformance.reports.measurements import MeasurementReport, Sample, measurement_of
from conformance.samples.sizes import text_of, wav_of

_REQUESTS = 5
_LARGE_TEXT = 400
_LARGE_UPLOAD = 1_000_000


def measurements(new_case: Callable[[], Case]) -> Iterator[MeasurementReport]:
    """The times of each operation, for a small and a large recording; of what is not served, none."""
    for route in new_case().contract.operations:
        for size, make in (("small", _small), ("large", _large)):
            samples = tuple(_samples(new_case, partial(make, route=route)))
            if samples:
                yield measurement_of(route, size, samples)


def _small(case: Case, route: str) -> Request:
    return valid_request(case, route, **marker_in_text(case, route))


def _large(case: Case, route: str) -> Request:
    operation = case.contract.operations[route]
    if operation.takes_text:
        return valid_request(case, route, **{operation.content_field: text_of(_LARGE_TEXT, case.marker)})
    return valid_request(case, route, upload=wav_of(_LARGE_UPLOAD, case.marker), **marker_in_text(case, route))


def _samples(new_case: Callable[[], Case], make: Callable[[Case], Request]) -> Iterator[Sample]:
    """One for each request after the first, which finds caches and connections cold; ends where one is not served."""
    case = new_case()
    endpoint = case.gateway.endpoint
    try:
        connection = Connection(endpoint, case.gateway.timeout_s)
    except OSError:
        return
    with connection:
        for number in range(_REQUESTS + 1):
            case = new_case()
            request = make(case)
            data = b"".join(in_pieces(request, endpoint, close=False))
            case.gateway.wait_for_limits()
            started = time.monotonic()
            connection.send(data)
            connection.await_bytes()
            first_s = time.monotonic() - started
            answer = connection.read_answer()
            last_s = time.monotonic() - started
            if answer is None or not is_success(answer.status) or connection.lost:
                return
            if number:
                yield Sample(first_s, last_s, _provider_s(case), max(len(request.body), len(answer.body)))


def _provider_s(case: Case) -> float | None:
    """What the provider took for the one call of a case; None where there was none, or more, or it does not tell."""
    calls = case.provider.calls(marker=case.marker) if case.mock else []
    return calls[0].took_s if len(calls) == 1 else None
