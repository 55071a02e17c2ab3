"""Answers from recorded exchanges, offline; what was not recorded is refused in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_upstreams.faces.refusals import UnexpectedCallError
from mock_upstreams.recordings import asked_by

if TYPE_CHECKING:
    from collections import Counter

    from mock_upstreams.answers import Answer
    from mock_upstreams.arrivals import Arrival
    from mock_upstreams.faces import Face
    from mock_upstreams.recordings import Recording

    Facts = Counter[tuple[str, str]]

__all__ = ["ReplayAnswering"]

_MOST_SHOWN = 60  # characters of a value in a message


class _Take:
    """All recorded answers to one request, in order; the last one is given again and again."""

    def __init__(self, name: str, facts: Facts) -> None:
        self.name = name
        self.facts = facts
        self.answers: list[Answer] = []

    def next(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class ReplayAnswering:
    """Gives the recorded answers. Raises RecordingError where the recording cannot be read whole."""

    keeps_raw = False

    def __init__(self, recording: Recording) -> None:
        self._takes: dict[frozenset[tuple[tuple[str, str], int]], _Take] = {}
        for name, exchange, answer in recording.exchanges():
            facts = exchange.asked.facts()
            self._takes.setdefault(frozenset(facts.items()), _Take(name, facts)).answers.append(answer)

    async def answer(self, arrival: Arrival, face: Face) -> Answer:  # noqa: ARG002 - a recording knows no faces
        """Return the recorded answer. Raises MockProviderError (501) where there is none, naming the nearest."""
        facts = asked_by(arrival).facts()
        take = self._takes.get(frozenset(facts.items()))
        if take is None:
            raise self._miss(facts)
        return take.next()

    async def close(self) -> None:
        """Nothing to end."""

    def _miss(self, facts: Facts) -> UnexpectedCallError:
        nearest = min(self._takes.values(), key=lambda take: _distance(take.facts, facts))
        message = (
            f"No answer to this request was recorded. The nearest is in {nearest.name};"
            f" only there: {_shown(nearest.facts - facts)}; only here: {_shown(facts - nearest.facts)}."
        )
        return UnexpectedCallError(message, status=501, kind="replay_miss", code="replay_miss")


def _distance(there: Facts, here: Facts) -> int:
    return ((there - here) + (here - there)).total()


def _shown(facts: Facts) -> str:
    def short(value: str) -> str:
        return value if len(value) <= _MOST_SHOWN else f"{value[:_MOST_SHOWN]}..."

    return ", ".join(f"{name} = {short(value)}" for name, value in sorted(facts.elements())) or "nothing"
