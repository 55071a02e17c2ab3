"""What a provider let in for being the mock is not held against a gateway that relays keys."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.drive.relayed import seen_by_a_provider_of_keys
from conformance.errors import NotVerified
from conformance.http.exchange import Answer, Exchange, Request
from tests.conformance.drive.stubs import TOKEN, StubProvider, case_of
from tests.conformance.judge.calls import call

SERVED = Exchange(Request("POST", "http://gateway.test/v1/audio/speech", (), b""), Answer(200, (), b""))


def seen(credentials: str, *shown: str) -> Exchange:
    """The exchange, where the provider was shown these values of Authorization under the case's marker."""
    provider = StubProvider()
    case = case_of(lambda _: 200, provider, contract="openai-audio-2026-11", credentials=credentials)
    for value in shown:
        headers: list[list[Any]] = [["authorization", value]]
        provider.journal.append(call(fields=[["input", case.marker]], headers=headers))
    return seen_by_a_provider_of_keys(case, SERVED)


@pytest.mark.parametrize("shown", ["Bearer undefined", f"Bearer Basic {TOKEN}"])
def test_a_key_that_the_gateway_made_up_is_for_no_mock_to_judge(shown: str) -> None:
    with pytest.raises(NotVerified, match="which only the mock takes"):
        seen("relayed", shown)


@pytest.mark.parametrize(
    ("credentials", "shown"),
    [
        ("relayed", [f"Bearer {TOKEN}"]),
        ("relayed", ["Bearer undefined", f"bearer {TOKEN}"]),
        ("relayed", []),
        ("own", ["Bearer sk-of-the-gateway"]),
    ],
    ids=["the-clients", "both", "no-call", "own-keys"],
)
def test_a_gateway_that_lets_in_whom_it_should_not_is_judged(credentials: str, shown: list[str]) -> None:
    """One that finds the client's key where it should not look, one that answers by itself, one that has keys of its own."""
    assert seen(credentials, *shown) is SERVED
