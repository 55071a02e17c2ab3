"""What the answers so far say of the gateway: does it still live, and how long is one more answer worth waiting for?"""

from __future__ import annotations

from conformance.http.exchange import Exchange

_FAILURES_UNTIL_SUSPECT = 4
_SILENCES_UNTIL_WEARY = 20
_WEARY_S = 5.0
_WEARY_SHARE = 0.2


class Health:
    """Counts requests in a row that got no answer, and the time that was lost to silence in all.

    Several failures in a row make the gateway suspect, and whoever sends next has to find out whether it is ``gone``. After
    too much silence the run is weary: it waits only a few seconds for each further answer, and holds no silence against
    anybody. ``timeout_s`` is how long an answer may take.
    """

    def __init__(self, timeout_s: float) -> None:
        self._failures = 0
        self._silent_s = 0.0
        self._enough_s = _SILENCES_UNTIL_WEARY * timeout_s
        self.gone = ""

    def note(self, exchange: Exchange, *, provoked: bool = False) -> None:
        """Count an exchange. Silence that was ``provoked`` is no loss: it was waited for."""
        self._failures = 0 if exchange.answer is not None else self._failures + 1
        if exchange.timed_out and not provoked:
            self._silent_s += exchange.elapsed_s

    def doubt(self) -> None:
        """Make the gateway suspect at once."""
        self._failures = _FAILURES_UNTIL_SUSPECT

    @property
    def suspect(self) -> bool:
        return self._failures >= _FAILURES_UNTIL_SUSPECT

    @property
    def weary(self) -> str:
        """Why the run waits no longer; empty while it does."""
        if self._silent_s < self._enough_s:
            return ""
        return f"the gateway has left requests without an answer for {self._enough_s:.0f} s in all"

    @property
    def problem(self) -> str:
        """Why this run cannot be trusted to have judged all that it planned; empty where it can."""
        return self.gone or self.weary

    def patience_s(self, wanted_s: float) -> float:
        return min(_WEARY_S, _WEARY_SHARE * wanted_s) if self.weary else wanted_s
