"""An object in a form arrives whole, in whichever way its members are written."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.http.exchange import Exchange, Request
from conformance.judge.upstream.nested import object_arrived
from conformance.mock.calls import RecordedCall

SENT = {"type": "server_vad", "threshold": "0.35"}
EXCHANGE = Exchange(Request("POST", "http://gateway/audio", (), b""))


@pytest.mark.parametrize(
    ("fields", "right"),
    [
        ((("strategy[type]", "server_vad"), ("strategy[threshold]", "0.350")), True),
        ((("strategy", '{"type": "server_vad", "threshold": 0.35, "more": null}'),), True),
        ((("strategy[type]", "server_vad"),), False),
        ((("strategy[type]", "auto"), ("strategy[threshold]", "0.35")), False),
        ((("strategy", "server_vad"),), False),
        ((), False),
    ],
    ids=["members", "json", "one-lost", "one-changed", "a-word", "nothing"],
)
def test_an_object_has_all_its_members(fields: tuple[tuple[str, Any], ...], *, right: bool) -> None:
    """More of them may be, and numbers in any spelling."""
    call = RecordedCall(position=1, method="POST", path="/", fields=fields)
    finding = object_arrived(EXCHANGE, call, "strategy", SENT)
    assert (finding is None) is right
    assert finding is None or (finding.got == "no such field") is (not fields)


def test_a_word_in_its_place_stays_one() -> None:
    """Such as `auto`."""
    calls = [RecordedCall(position=1, method="POST", path="/", fields=(("strategy", word),)) for word in ("auto", "x")]
    found = [object_arrived(EXCHANGE, call, "strategy", "auto") for call in calls]
    assert found[0] is None
    assert found[1] is not None
