"""Secrets: found wherever they stand, never shown by the finding, never suspected where they are not."""

from __future__ import annotations

import base64

import pytest

from conformance.judge.upstream.secrets import key_withheld, provider_keys, token_withheld
from tests.conformance.judge.answers import answered, answered_json, unanswered
from tests.conformance.judge.calls import azure_call, call, form_call

TOKEN, KEY = "cpeer_client_token", "sk-provider-0123456789"
SERVED = answered(200)


@pytest.mark.parametrize(
    "leaking",
    [
        call(headers=[["authorization", f"Bearer {TOKEN}"]]),
        call(headers=[["x-forwarded-authorization", f"Bearer {TOKEN}"]]),
        call(headers=[["cookie", f"token={TOKEN}; a=b"]]),
        call(query={"api_key": TOKEN}),
        call(path=f"/v1/{TOKEN}/audio/speech"),
        call(fields=[["user", TOKEN]]),
        call(fields=[["metadata", {"tokens": ["x", TOKEN]}]]),
        form_call(file={"name": f"{TOKEN}.wav", "content_type": None, "size": 1, "sha256": ""}),
    ],
)
def test_the_token_is_found_anywhere_in_a_call(leaking: object) -> None:
    assert token_withheld(SERVED, [call(), leaking], TOKEN) is not None  # type: ignore[list-item]


@pytest.mark.parametrize("before", ["", "a", "ab", "user:"])
@pytest.mark.parametrize("after", ["", ":", ":password"])
def test_the_token_is_found_in_base64(before: str, after: str) -> None:
    """As Basic credentials have it, wherever it begins in them."""
    coded = base64.b64encode(f"{before}{TOKEN}{after}".encode()).decode()
    assert token_withheld(SERVED, [call(headers=[["x-client", f"Basic {coded}"]])], TOKEN) is not None


def test_a_call_without_the_token_is_clean() -> None:
    assert token_withheld(SERVED, [call(), azure_call(), form_call()], TOKEN) is None


def test_a_short_token_is_no_accident_only_as_a_word() -> None:
    """A token such as `test` stands in many an ordinary text."""
    assert token_withheld(SERVED, [call(fields=[["input", "testing"]])], "test") is None
    assert token_withheld(SERVED, [call(headers=[["authorization", "Bearer test"]])], "test") is not None


def test_the_providers_keys_are_those_of_its_headers() -> None:
    calls = [call(), azure_call(), call(headers=[["api-key", "short"]]), call(headers=[["authorization", TOKEN]])]
    assert provider_keys(calls, TOKEN) == ("azure-key-0123456789", KEY)


@pytest.mark.parametrize(
    "leaking",
    [
        answered_json(500, {"error": {"message": f"Incorrect API key provided: {KEY}."}}),
        answered(200, b"RIFF" + KEY.encode()),
        answered(200, b"", headers={"X-Upstream-Authorization": f"Bearer {KEY}"}),
    ],
)
def test_a_key_is_found_in_body_and_headers_and_not_repeated(leaking: object) -> None:
    finding = key_withheld(leaking, (KEY,), because="x")  # type: ignore[arg-type]
    assert finding is not None
    assert KEY not in repr(finding)


def test_an_answer_without_the_key_is_clean() -> None:
    """A masked key is none."""
    assert key_withheld(answered(500, "Incorrect API key: sk-p…89"), (KEY,), because="x") is None
    assert key_withheld(unanswered(), (KEY,), because="x") is None
