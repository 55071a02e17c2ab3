"""Secrets never show, and what is no secret stays readable."""

from __future__ import annotations

import base64
import time

import pytest

from conformance import target as targets
from conformance.http.credentials import in_base64
from conformance.reports.redaction import REDACTED, describe, redact_bytes, redact_credentials, redact_text


def test_a_described_target_shows_no_secret() -> None:
    """Tokens are replaced wherever they stand, in commands too."""
    lifecycle = {"terminate": "stop --key cpeer_secret", "start": "go"}
    target = targets.parse(
        {
            "base_url": "http://127.0.0.1:1/api",
            "token": "cpeer_secret",
            "lifecycle": lifecycle,
            "limited_tokens": {"budget": {"token": "cpeer_spent"}},
        },
        {},
    )

    shown = repr(describe(target))

    assert "cpeer_secret" not in shown
    assert "cpeer_spent" not in shown
    assert "stop --key" in shown


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("x", 'max_upload_mb: "x-request-id" is text', 'max_upload_mb: "x-request-id" is text'),
        ("x", "Bearer x", "Bearer x…redacted"),
        ("test", "Bearer test, /latest/test_2", "Bearer test…redacted, /latest/test_2"),
        ("cpeer_main_1", "acpeer_main_12", "acpee…redacted2"),
    ],
)
def test_a_secret_is_replaced_and_a_short_one_spoils_no_other_word(secret: str, text: str, shown: str) -> None:
    """Long ones go wherever they stand; `x`, as somebody tries it, is no part of `text`."""
    assert redact_text(text, (secret,)) == shown


def test_a_secret_is_replaced_in_bytes_that_are_no_text() -> None:
    """Before they are cut off or spelled out; a short one may be any bytes."""
    assert redact_bytes(b"\xff cpeer_secret \x00", ("cpeer_secret", "x")) == b"\xff cpee\xe2\x80\xa6redacted \x00"
    assert redact_bytes(b"text", ("x",)) == b"text"


def test_headers_that_carry_credentials_show_no_value() -> None:
    headers = [["Authorization", "Bearer k"], ["api-key", "0123456789"], ["Cookie", "a=b"], ["Host", "h"]]
    assert redact_credentials(headers) == [
        ["Authorization", "Bear…redacted"],
        ["api-key", "0123…redacted"],
        ["Cookie", "a=b…redacted"],
        ["Host", "h"],
    ]


@pytest.mark.parametrize("before", ["", "x", "xy", "Bearer "])
def test_a_secret_in_base64_is_a_secret(before: str) -> None:
    """Wherever it begins in what was coded, in either alphabet, in texts and in bodies."""
    secret = "cpeer_\u00ff\u00fe>>>???_0123456789"
    for code in (base64.b64encode, base64.urlsafe_b64encode):
        text = f"x-note: {code(f'{before}{secret}, and more'.encode()).decode()}; 1"
        shown = redact_text(text, (secret,))

        assert shown.startswith("x-note: ")
        assert shown.endswith("; 1")
        assert not any(each in shown for each in in_base64(secret))
        assert REDACTED in shown
        assert redact_bytes(text.encode(), (secret,)) == shown.encode()


def test_a_recording_in_base64_costs_no_time() -> None:
    """Megabytes of the alphabet beside it are not looked at again and again."""
    secret = "cpeer_0123456789"
    text = "A" * 4_000_000 + " " + base64.b64encode(secret.encode()).decode()
    started = time.process_time()

    assert redact_text(text, (secret,)).endswith(f"A {REDACTED}")
    assert time.process_time() - started < 2
