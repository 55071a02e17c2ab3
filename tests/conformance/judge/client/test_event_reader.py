"""Events are read while they come, wherever they are cut, and nothing of them is kept."""

from __future__ import annotations

import pytest

from conformance.judge.client.event_reader import EventReader

BODY = 'data: {"type": "a", "text": "Grüße"}\r\n\r\n: still here\n\ndata: {"type": "b"}\n\ndata: [DONE]\n\n'.encode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_of_any_size_give_the_same_events(size: int) -> None:
    """Cut within characters, line ends and events."""
    reader = EventReader()
    found = [event for at in range(0, len(BODY), size) for event in reader.take(BODY[at : at + size])]
    assert [event["type"] for event in found] == ["a", "b"]
    assert found[0]["text"] == "Grüße"
    assert (reader.rest, reader.problem) == (b"", "")


def test_what_is_no_event_is_told() -> None:
    """The first problem stays, whatever comes later."""
    reader = EventReader()
    assert reader.take(b"data: {oops}\n\n") == ()
    assert [event["type"] for event in reader.take(b'data: {"type": "c"}\n\ndata: ')] == ["c"]
    assert reader.problem.startswith("data that is no JSON object")
    assert reader.rest == b"data: "
