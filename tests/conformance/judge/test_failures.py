"""Provider failures: an honest 500 or a visible break is accepted, a whole success, silence and other statuses are not."""

from __future__ import annotations

import pytest

from conformance.http.exchange import Ending, Exchange, Request, WireAnswer, WireExchange
from conformance.judge.failures import failed, in_time, refused
from tests.conformance.judge.answers import URL

REQUEST = Request("POST", URL)


def told(status: int | None, ending: Ending = Ending.COMPLETE, *, elapsed_s: float = 0.1) -> WireExchange:
    wire = None if status is None else WireAnswer(status, (), b"x", ending)
    timed_out = wire is None and ending is Ending.SILENT
    answer = wire.answer if wire else None
    return WireExchange(Exchange(REQUEST, answer, None, elapsed_s, timed_out=timed_out), wire)


def test_a_500_is_honest() -> None:
    assert failed(told(500), because="x") is None


@pytest.mark.parametrize("ending", [Ending.CLOSED, Ending.RESET])
def test_a_success_that_visibly_breaks_off_is_honest(ending: Ending) -> None:
    """Who passes audio on as it comes cannot take the status back."""
    assert failed(told(200, ending), because="x") is None


@pytest.mark.parametrize(
    "exchange",
    [
        told(200),
        told(206),
        told(502),
        told(503),
        told(504),
        told(400),
        told(None, Ending.RESET),
        told(None, Ending.SILENT),
        told(200, Ending.SILENT),
        told(500, Ending.SILENT),
        told(502, Ending.CLOSED),
    ],
)
def test_anything_else_is_found(exchange: WireExchange) -> None:
    """A whole success, another status, no answer at all, and an answer that never ends."""
    assert failed(exchange, because="x") is not None


def test_a_refusal_is_one_of_the_named_statuses() -> None:
    assert refused(told(400), 400, 500, because="x") is None
    assert refused(told(500), 400, 500, because="x") is None
    for wrong in (told(404), told(200), told(422), told(None), told(200, Ending.CLOSED), told(400, Ending.SILENT)):
        assert refused(wrong, 400, 500, because="x") is not None


def test_time_is_kept_by_an_end_of_any_kind() -> None:
    assert in_time(told(500, elapsed_s=3.9), 4.0, because="x") is None
    assert in_time(told(200, Ending.CLOSED, elapsed_s=3.9), 4.0, because="x") is None
    assert in_time(told(500, elapsed_s=4.1), 4.0, because="x") is not None
    assert in_time(told(200, Ending.SILENT, elapsed_s=1.0), 4.0, because="x") is not None
    assert in_time(told(None, Ending.SILENT, elapsed_s=1.0), 4.0, because="x") is not None
