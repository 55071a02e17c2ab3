"""Responds from recorded exchanges, offline; a request that was not recorded is refused with the nearest one named."""

from __future__ import annotations

from collections import Counter

from mock_upstreams.errors import UnexpectedCall
from mock_upstreams.faces import Face
from mock_upstreams.recordings.store import Recording, recorded_request
from mock_upstreams.requests import ReceivedRequest
from mock_upstreams.responses import Response

Facts = Counter[tuple[str, str]]

_MOST_SHOWN = 60  # characters of a value in a message


class _Track:
    """All recorded responses to one request, in order; the last one is repeated."""

    def __init__(self, name: str, facts: Facts) -> None:
        self.name = name
        self.facts = facts
        self.responses: list[Response] = []

    def next(self) -> Response:
        return self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]


class ReplayResponder:
    """Sends the recorded responses. Raises UnusableRecording where the recording cannot be read whole."""

    needs_raw = False

    def __init__(self, recording: Recording) -> None:
        self._tracks: dict[frozenset[tuple[tuple[str, str], int]], _Track] = {}
        for name, exchange, response in recording.exchanges():
            facts = exchange.asked.facts()
            self._tracks.setdefault(frozenset(facts.items()), _Track(name, facts)).responses.append(response)

    def response(self, request: ReceivedRequest, face: Face) -> Response:  # noqa: ARG002 - a recording knows no faces
        """Returns the recorded response. Raises ProviderRefusal (501) where there is none, naming the nearest."""
        facts = recorded_request(request).facts()
        track = self._tracks.get(frozenset(facts.items()))
        if track is None:
            raise self._miss(facts)
        return track.next()

    async def close(self) -> None:
        """Nothing to end."""

    def _miss(self, facts: Facts) -> UnexpectedCall:
        nearest = min(self._tracks.values(), key=lambda track: _distance(track.facts, facts))
        message = (
            f"No response to this request was recorded. The nearest is in {nearest.name};"
            f" only there: {_shown(nearest.facts - facts)}; only here: {_shown(facts - nearest.facts)}."
        )
        return UnexpectedCall(message, status=501, kind="replay_miss", code="replay_miss")


def _distance(there: Facts, here: Facts) -> int:
    return ((there - here) + (here - there)).total()


def _shown(facts: Facts) -> str:
    def short(value: str) -> str:
        return value if len(value) <= _MOST_SHOWN else f"{value[:_MOST_SHOWN]}..."

    return ", ".join(f"{name} = {short(value)}" for name, value in sorted(facts.elements())) or "nothing"
