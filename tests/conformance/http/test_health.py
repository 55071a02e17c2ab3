"""Silence is counted, but for silence that a check has asked for: it must not cost the checks after it their time."""

from conformance.http.exchange import Exchange, Request
from conformance.http.health import Health

_SILENT = Exchange(Request("POST", "http://127.0.0.1:1/v1"), None, "no whole answer", 10.0, timed_out=True)


def test_a_run_grows_weary_of_silence() -> None:
    health = Health(10.0)
    for _ in range(20):
        assert health.patience_s(10.0) == 10.0
        health.note(_SILENT)

    assert health.patience_s(10.0) < 10.0
    assert health.problem


def test_provoked_silence_makes_no_run_weary() -> None:
    """Though it may be the gateway's end, which a probe will tell."""
    health = Health(10.0)
    for _ in range(100):
        health.note(_SILENT, provoked=True)

    assert health.patience_s(10.0) == 10.0
    assert not health.problem
    assert health.suspect
