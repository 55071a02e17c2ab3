"""Silence counts against a budget, but for silence that a check has provoked: it must not cost later checks their time."""

import pytest

from conformance.http.exchange import Answer, Exchange, Request
from conformance.http.health import Health

_REQUEST = Request("POST", "http://127.0.0.1:1/v1")
_SILENT = Exchange(_REQUEST, None, "no whole answer", 10.0, timed_out=True)
_BROKEN = Exchange(_REQUEST, None, "connection broken", broken=True)
_ANSWERED = Exchange(_REQUEST, Answer(500, (), b""))
_SERVED = Exchange(_REQUEST, Answer(200, (), b""))


def test_the_time_out_is_short_once_the_silence_budget_is_exhausted() -> None:
    health = Health(10.0)
    for _ in range(20):
        assert health.timeout_s(10.0) == 10.0
        health.note(_SILENT)

    assert health.timeout_s(10.0) == 2.0
    assert health.timeout_s(60.0) == 5.0
    assert health.problem == "the gateway has left requests without an answer for 200 s in all"


def test_one_that_serves_none_any_more_is_gone_in_the_end() -> None:
    """It may refuse bad requests all the while: they cost it nothing."""
    health = Health(10.0)
    for _ in range(20 + 39):
        health.note(_SILENT)
        health.note(_ANSWERED)
    assert not health.gone
    health.note(_SILENT)
    assert health.gone == "the gateway has left requests without an answer for 200 s in all, and serves none any more"


def test_one_that_still_serves_some_is_not_gone() -> None:
    health = Health(10.0)
    for _ in range(200):
        health.note(_SILENT)
        health.note(_SERVED)
    assert not health.gone


def test_provoked_silence_costs_no_budget() -> None:
    """Though it may be the gateway's end, which a probe decides."""
    health = Health(10.0)
    for _ in range(100):
        health.note(_SILENT, provoked=True)

    assert health.timeout_s(10.0) == 10.0
    assert not health.problem
    assert health.suspect_down


def test_four_failures_in_a_row_make_it_suspect_and_an_answer_of_any_kind_clears_it() -> None:
    health = Health(10.0)
    for _ in range(3):
        health.note(_BROKEN)
    assert not health.suspect_down
    health.note(_BROKEN)
    assert health.suspect_down
    health.note(_ANSWERED)
    assert not health.suspect_down


def test_it_can_be_suspected_at_once() -> None:
    health = Health(10.0)
    health.suspect()
    assert health.suspect_down


def test_a_gateway_that_is_gone_is_the_problem_that_is_named() -> None:
    health = Health(0.0)
    health.gone = "the gateway no longer answers (refused)"
    assert health.silence_exhausted
    assert health.problem == "the gateway no longer answers (refused)"


def test_what_was_served_is_known_by_operation_and_encoding() -> None:
    health = Health(10.0)
    form = Request("POST", "http://127.0.0.1:1/v1", (("Content-Type", "multipart/form-data; boundary=a"),))
    health.note(Exchange(form, Answer(200, (), b"")))
    health.note(_ANSWERED)

    assert health.has_served(Request("POST", form.url, (("content-type", "Multipart/Form-Data; boundary=b"),)))
    assert not health.has_served(_REQUEST)


def test_a_restart_makes_the_process_young_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("conformance.http.health.time.monotonic", lambda: now)
    health = Health(10.0)
    now += 7.0
    assert health.up_for_s == 7.0
    health.restarted()
    now += 1.0
    assert health.up_for_s == 1.0
