"""What a gateway says that a call used is the provider's number, or none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.http.exchange import Answer, Exchange, Headers, Request
from conformance.judge.upstream.metering import (
    headers_agree,
    no_zero_in_headers,
    nothing_metered,
    usage_has_a_shape,
    usage_is,
)

TOKENS = {"type": "tokens", "input_tokens": 3, "output_tokens": 0, "total_tokens": 3}
NAMES = {"input_tokens": "x-in", "output_tokens": "x-out", "seconds": "x-seconds"}


def answered(document: Any, status: int = 200, headers: Headers = ()) -> Exchange:
    request = Request("POST", "http://gateway/audio", (), b"")
    return Exchange(request, Answer(status, headers, json.dumps(document).encode()))


@pytest.mark.parametrize(
    ("document", "usage", "right"),
    [
        ({"usage": TOKENS}, TOKENS, True),
        ({"usage": {**TOKENS, "cost": 1}}, TOKENS, True),
        ({"usage": {**TOKENS, "total_tokens": 4}}, TOKENS, False),
        ({}, TOKENS, False),
        ({}, None, True),
        ({"usage": None}, None, True),
        ({"usage": {**TOKENS, "input_tokens": 0, "total_tokens": 0}}, None, False),
    ],
    ids=["same", "more", "other", "lost", "absent", "null", "zero"],
)
def test_absent_usage_is_not_zero(document: dict[str, Any], usage: dict[str, Any] | None, *, right: bool) -> None:
    """Numbers that the provider gave, or none."""
    assert (usage_is(document, usage, answered(document), because="x") is None) is right


@pytest.mark.parametrize(
    ("usage", "right"),
    [
        (TOKENS, True),
        ({"type": "duration", "seconds": 2}, True),
        ({"type": "duration", "seconds": 2.5}, True),
        (None, True),
        ({"type": "duration", "seconds": "2"}, False),
        ({"seconds": 2}, False),
        ({"type": "tokens", "input_tokens": 1}, False),
        ([], False),
    ],
)
def test_usage_has_one_of_two_shapes(usage: Any, *, right: bool) -> None:
    """Tokens or seconds; a transcript without usage is right."""
    document = {"text": "a"} | ({} if usage is None else {"usage": usage})
    assert (usage_has_a_shape(answered(document), because="x") is None) is right


@pytest.mark.parametrize(
    ("headers", "right"),
    [
        ((("x-in", "3"), ("x-out", "0")), True),
        ((("x-in", "3.0"), ("x-out", "0"), ("x-seconds", "9")), True),
        ((("x-in", "3"),), False),
        ((("x-in", "6"), ("x-out", "0")), False),
        ((("x-in", "many"), ("x-out", "0")), False),
    ],
    ids=["same", "spelt-otherwise", "one-lost", "doubled", "no-number"],
)
def test_headers_have_the_numbers_of_the_usage(headers: Headers, *, right: bool) -> None:
    """Those for members that the usage has; of seconds it says nothing here."""
    assert (headers_agree(answered({}, headers=headers), NAMES, TOKENS, because="x") is None) is right


@pytest.mark.parametrize(("value", "right"), [(None, True), ("7", True), ("0", False), ("0.0", False)])
def test_zero_is_not_nothing(value: str | None, *, right: bool) -> None:
    """A gateway may measure by itself; what it does not know it does not tell."""
    exchange = answered({}, headers=() if value is None else (("x-seconds", value),))
    assert (no_zero_in_headers(exchange, NAMES, because="x") is None) is right


@pytest.mark.parametrize(
    ("document", "headers", "right"),
    [
        ({"error": {}}, (), True),
        ({"error": {}, "usage": None}, (("x-in", "0"),), True),
        ({"error": {}, "usage": TOKENS}, (), False),
        ({"error": {}}, (("x-in", "3"),), False),
    ],
    ids=["nothing", "zero", "in-the-body", "in-a-header"],
)
def test_an_error_counts_nothing(document: Any, headers: Headers, *, right: bool) -> None:
    """Neither in its body nor in a header."""
    assert (nothing_metered(answered(document, 500, headers), NAMES, because="x") is None) is right
