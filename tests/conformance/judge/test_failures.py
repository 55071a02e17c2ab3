"""Provider failures: an honest 500 or a visible break is accepted, a whole success, silence and other statuses are not."""

from __future__ import annotations

import pytest

from conformance.contracts import Statuses, TranscriptShape
from conformance.http.exchange import Ending, Exchange, Request, WireAnswer, WireExchange
from conformance.judge.failures import failed, in_time, leads_to, not_relayed, refused
from tests.conformance.judge.answers import URL, answered_json, headed, unanswered
from tests.conformance.judge.calls import call, response
from tests.conformance.judge.findings import says

REQUEST = Request("POST", URL)
FAILURE, REFUSAL = Statuses(("500",)), Statuses(("400", "500"))


def result(status: int | None, ending: Ending = Ending.COMPLETE, *, elapsed_s: float = 0.1) -> WireExchange:
    wire = None if status is None else WireAnswer(status, (), b"x", ending)
    timed_out = wire is None and ending is Ending.SILENT
    answer = wire.answer if wire else None
    return WireExchange(Exchange(REQUEST, answer, None, elapsed_s, timed_out=timed_out), wire)


def test_a_500_is_honest() -> None:
    assert failed(result(500), FAILURE, because="x") is None


@pytest.mark.parametrize("ending", [Ending.CLOSED, Ending.RESET])
def test_a_success_that_visibly_breaks_off_is_honest(ending: Ending) -> None:
    """Who passes audio on as it comes cannot take the status back."""
    assert failed(result(200, ending), FAILURE, because="x") is None


@pytest.mark.parametrize(
    "exchange",
    [
        result(200),
        result(206),
        result(502),
        result(503),
        result(504),
        result(400),
        result(None, Ending.RESET),
        result(None, Ending.SILENT),
        result(200, Ending.SILENT),
        result(500, Ending.SILENT),
        result(502, Ending.CLOSED),
    ],
)
def test_anything_else_is_found(exchange: WireExchange) -> None:
    """A whole success, another status, no answer at all, and an answer that never ends."""
    message, expected, got = says(failed(exchange, FAILURE, because="x"))
    success = exchange.exchange.is_success
    assert message == f"x: {'it is answered as if the provider had not failed' if success else 'wrong status'}"
    assert expected == "status 500 (or a transfer already begun is visibly broken off)"
    assert got.startswith(exchange.exchange.got)


def test_a_whole_success_is_told_from_one_that_broke_off() -> None:
    assert says(failed(result(200), FAILURE, because="x"))[2] == "200 x (the whole answer came)"
    assert says(failed(result(502, Ending.CLOSED), FAILURE, because="x"))[2] == (
        "502 x (the answer did not come whole: the connection was closed)"
    )


def test_a_refusal_is_one_of_the_named_statuses() -> None:
    assert refused(result(400), REFUSAL, because="x") is None
    assert refused(result(500), REFUSAL, because="x") is None
    for wrong in (404, 200, 422):
        assert says(refused(result(wrong), REFUSAL, because="x"))[1:] == (
            "status 400 or 500",
            f"{wrong} x (the whole answer came)",
        )


@pytest.mark.parametrize("wrong", [result(None), result(200, Ending.CLOSED), result(400, Ending.SILENT)])
def test_a_refusal_is_whole(wrong: WireExchange) -> None:
    """No answer, a success that breaks off and one that never ends are none."""
    assert says(refused(wrong, REFUSAL, because="x"))[1] == "status 400 or 500"


def test_time_is_kept_by_an_end_of_any_kind() -> None:
    assert in_time(result(500, elapsed_s=3.9), 4.0, because="x") is None
    assert in_time(result(200, Ending.CLOSED, elapsed_s=3.9), 4.0, because="x") is None
    late = in_time(result(500, elapsed_s=4.14), 4.0, because="x")
    assert says(late) == ("x: no whole response in time", "an end within 4 s", "500 x after 4.1 s")
    assert says(in_time(result(200, Ending.SILENT, elapsed_s=1.0), 4.0, because="x"))[2] == "200 x after 1.0 s"
    assert says(in_time(result(None, Ending.SILENT, elapsed_s=1.0), 4.0, because="x"))[2] == "no answer after 1.0 s"


@pytest.mark.parametrize("exchange", [result(500).exchange, result(200).exchange, unanswered()])
def test_an_answer_of_the_gateways_own_hands_no_redirect_on(exchange: Exchange) -> None:
    assert not_relayed(exchange, because="x") is None


def test_a_redirect_that_is_handed_on_is_found() -> None:
    message, expected, got = says(not_relayed(result(307).exchange, because="x"))
    assert (message, expected, got) == ("x: the redirect was handed on", "no 3xx and no Location", "307, no Location")
    assert says(not_relayed(headed(location="/elsewhere"), because="x"))[2] == "200, Location: /elsewhere"


def test_a_success_is_the_answer_behind_the_redirect() -> None:
    redirect = call(answer=response(b"", 307))
    behind = call(answer=response(b"ID3", content_type="audio/mpeg"))
    assert leads_to(headed(b"ID3"), [redirect, behind], None, because="x") is None
    assert says(leads_to(headed(b"ID3 cut"), [redirect, behind], None, because="x"))[0] == (
        "the audio is not what the provider sent"
    )
    message, expected, _ = says(leads_to(headed(b"ID3"), [redirect], None, because="x"))
    assert message == "x: a success that no provider gave"
    assert expected == "an error, or the answer behind the redirect"


def test_so_is_a_transcript() -> None:
    shape = TranscriptShape(kind="object", media_types=("application/json",))
    behind = [call(answer=response('{"text": "So be it."}'))]
    assert leads_to(answered_json(200, {"text": "So be it."}), behind, shape, because="x") is None
    assert leads_to(answered_json(200, {"text": ""}), behind, shape, because="x") is not None
