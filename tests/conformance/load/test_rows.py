"""What an accusation says in Locust's statistics, and what the rows come to."""

from __future__ import annotations

from conformance.http.exchange import Exchange, Finding
from conformance.load.rows import Accusation, never_served, row
from tests.conformance.judge.answers import answered


def accused(exchange: Exchange, message: str = "speech: wrong status", got: str = "") -> str:
    return str(Accusation(Finding(message, "status 200", got or exchange.got, (exchange,)), ("gwkey_4f77aa31",)))


def test_accusations_of_one_kind_are_worded_alike() -> None:
    """Request ids do not make two of one error, nor places and texts two of a wrong text."""
    errors = {
        accused(answered(500, f'{{"error": {{"message": "req_{number}abcdef failed"}}}}')) for number in (17, 4711)
    }
    texts = {
        accused(answered(200, "{}"), f"the text differs from character {place} on", f"'Hello {place}'")
        for place in (3, 30)
    }
    assert errors == {'speech: wrong status: 500 {"error": {"message": "ID failed"}}'}
    assert texts == {"the text differs from character N on: 200, '…'"}


def test_no_secret_is_shown() -> None:
    assert "gwkey_4f77aa31" not in accused(answered(403, '{"error": "the token gwkey_4f77aa31 may not"}'))


def test_what_was_only_held_off_or_failed_is_in_vain() -> None:
    rows = [
        (row("speech mp3"), 3),
        (row("speech wav", held_off=True), 9),
        (row("transcriptions json", held_off=True), 4),
        (row("translations json"), 0),
        (row("refusal of a wrong token", resent=True), 1),
    ]
    assert never_served(rows) == ["transcriptions", "translations"]


def test_a_test_without_any_request_has_shown_nothing() -> None:
    assert never_served([]) == ["a request"]
