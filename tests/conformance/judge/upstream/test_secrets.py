"""Secrets: found wherever they stand, never shown by the finding, never suspected where they are not."""

from __future__ import annotations

import base64

import msgspec
import pytest

from conformance import target as targets
from conformance.http.exchange import Exchange
from conformance.judge.upstream.secrets import key_withheld, provider_keys, token_withheld
from conformance.mock.calls import RecordedCall
from conformance.reports.records import Evidence
from tests.conformance.judge.answers import answered, answered_json, unanswered
from tests.conformance.judge.calls import azure_call, call, form_call
from tests.conformance.judge.findings import says

TOKEN, KEY = "cpeer_client_token", "sk-provider-0123456789"
SERVED = answered(200)
TARGET = targets.parse({"base_url": "http://gateway.test/v1", "token": TOKEN}, {})


@pytest.mark.parametrize(
    ("leaking", "place"),
    [
        (call(headers=[["authorization", f"Bearer {TOKEN}"]]), "its header authorization"),
        (call(headers=[["x-forwarded-authorization", f"Bearer {TOKEN}"]]), "its header x-forwarded-authorization"),
        (call(headers=[["cookie", f"token={TOKEN}; a=b"]]), "its header cookie"),
        (call(query={"api_key": TOKEN}), "its query, api_key"),
        (call(path=f"/v1/{TOKEN}/audio/speech"), "its path"),
        (call(fields=[["user", TOKEN]]), "its field user"),
        (call(fields=[["metadata", {"tokens": ["x", TOKEN]}]]), "its field metadata"),
        (form_call(file={"name": f"{TOKEN}.wav", "content_type": None, "size": 1, "sha256": ""}), "its file's name"),
    ],
)
def test_the_token_is_found_anywhere_in_a_call(leaking: RecordedCall, place: str) -> None:
    finding = token_withheld(SERVED, [call(), leaking], TOKEN)
    message = f"the client's token reached the provider ({place})"
    assert says(finding) == (message, "no token of the client's", f"it stands in {place}")
    assert finding
    assert finding.upstream == (leaking,)


@pytest.mark.parametrize("before", ["", "a", "ab", "user:"])
@pytest.mark.parametrize("after", ["", ":", ":password"])
def test_the_token_is_found_in_base64(before: str, after: str) -> None:
    """As Basic credentials have it, wherever it begins in them."""
    coded = base64.b64encode(f"{before}{TOKEN}{after}".encode()).decode()
    finding = token_withheld(SERVED, [call(headers=[["x-client", f"Basic {coded}"]])], TOKEN)
    assert says(finding)[2] == "it stands in its header x-client"


def test_a_call_without_the_token_is_clean() -> None:
    assert token_withheld(SERVED, [call(), azure_call(), form_call()], TOKEN) is None


def test_a_short_token_is_no_accident_only_as_a_word() -> None:
    """A token such as `test` stands in many an ordinary text."""
    assert token_withheld(SERVED, [call(fields=[["input", "testing"]])], "test") is None
    leaking = call(headers=[["authorization", "Bearer test"]])
    assert says(token_withheld(SERVED, [leaking], "test"))[2] == "it stands in its header authorization"


def test_the_providers_keys_are_those_of_its_headers() -> None:
    calls = [call(), azure_call(), call(headers=[["api-key", "short"]]), call(headers=[["authorization", TOKEN]])]
    assert provider_keys(calls, TOKEN) == ("azure-key-0123456789", KEY)


@pytest.mark.parametrize(
    ("leaking", "place"),
    [
        (answered_json(500, {"error": {"message": f"Incorrect API key provided: {KEY}."}}), "the body"),
        (answered(200, b"RIFF" + KEY.encode()), "the body"),
        (answered(200, b"\xff" + KEY.encode()), "the body"),
        (answered(200, b"x" * 1985 + KEY.encode()), "the body"),
        (answered(200, headers={"X-Upstream-Authorization": f"Bearer {KEY}"}), "the header X-Upstream-Authorization"),
    ],
)
def test_a_key_is_found_in_body_and_headers_and_no_report_shows_it(leaking: Exchange, place: str) -> None:
    """Whole, cut off where a body is long, or spelled out where a body is no text. The call that it came from is named."""
    finding = key_withheld(leaking, (KEY,), because="x", calls=[call()])
    message = f"x: the provider's key reached the client ({place})"
    assert says(finding) == (message, "no key of the provider's", f"it stands in {place}")
    assert finding
    assert finding.secrets == (KEY,)
    assert finding.upstream == (call(),)
    reported = msgspec.json.encode(Evidence(TARGET, None).describe(finding, "c", "r")).decode()
    assert KEY[11:15] not in reported
    assert KEY[11:15].encode().hex(" ") not in reported


def test_an_answer_without_the_key_is_clean() -> None:
    """A masked key is none."""
    assert key_withheld(answered(500, "Incorrect API key: sk-p…89"), (KEY,), because="x") is None
    assert key_withheld(unanswered(), (KEY,), because="x") is None
