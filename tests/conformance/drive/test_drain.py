"""A drain: stopped by the declared command, watched while a request is held, and started again whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.drive.case import Case
from conformance.drive.drain import FirstDrain, drain, longest_hold_s
from conformance.drive.warmth import WARM_AFTER_S
from conformance.errors import Blocked
from tests.conformance.drive.live import HoldingProvider, live_case
from tests.conformance.fake_gateway import Reply, Seen

# More than the requests that a drain sends, so that the gateway closes its connections only after the last of them.
_ANSWERED_WHILE_DRAINING = 30


class Stoppable:
    """Serves; once its file is there it answers 503 some times, then closes every connection until the file is gone."""

    def __init__(self, folder: Path, provider: HoldingProvider) -> None:
        self.stopped = folder / "stopped"
        self.forwards = True
        self.drains = True
        self._provider = provider
        self.room = 100
        self.served: list[str] = []
        self._inside = 0
        self.served_when_stopped: list[str] = []
        self._left = _ANSWERED_WHILE_DRAINING
        self._lock = threading.Lock()

    def __call__(self, seen: Seen) -> Reply:
        if self.stopped.exists():
            self.served_when_stopped = self.served_when_stopped or list(self.served)
        if not self.stopped.exists():
            self._left = _ANSWERED_WHILE_DRAINING
        if self.stopped.exists() and self.drains:
            with self._lock:
                self._left -= 1
            return Reply(503) if self._left > 0 else Reply(close_without_answer=True)
        if b'"model"' not in seen.body:
            return Reply(400)
        with self._lock:
            if self._inside >= self.room:
                return Reply(429)
            self._inside += 1
        try:
            return self._serve(seen)
        finally:
            with self._lock:
                self._inside -= 1

    def _serve(self, seen: Seen) -> Reply:
        if self.forwards and any(marker.encode() in seen.body for marker in self._provider.markers):
            self._provider.receive(seen)
        self.served.append(seen.path)
        return Reply()

    def commands(self) -> dict[str, Any]:
        return {"terminate": f"touch {self.stopped}", "start": f"rm {self.stopped}", "drain_s": 0.5}


@pytest.fixture(autouse=True)
def _in_less_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The moments that a busy gateway of several workers is given: this one needs none of them."""
    monkeypatch.setattr("conformance.drive.warmth.WARM_AFTER_S", 0.1)
    shorter = {"drain._PAUSE_S": 0.005, "drain.GRACE_S": 0.01, "drain._LATE_SIGNAL_S": 0.2}
    shorter |= {"restart._PAUSE_S": 0.005, "restart._SLOW_STOP_S": 0.0}
    for name, seconds in shorter.items():
        monkeypatch.setattr(f"conformance.drive.{name}", seconds)


@contextmanager
def stoppable(tmp_path: Path, **commands: str) -> Iterator[tuple[Case, Stoppable]]:
    provider = HoldingProvider()
    gateway = Stoppable(tmp_path, provider)
    with live_case(gateway, provider, lifecycle={**gateway.commands(), **commands}) as case:
        yield case, gateway


def test_new_requests_are_seen_refused_and_the_held_one_finished(tmp_path: Path) -> None:
    with stoppable(tmp_path) as (case, gateway):
        result = drain(case, ["speech"], watch_s=5.0)
        assert not gateway.stopped.exists()
    assert result.held["speech"].exchange.status == 200
    assert {probe.exchange.status for probe in result.fresh} == {503}
    assert [probe.exchange.status for probe in result.kept] == [503] * 5
    assert all(probe.shows_draining for probe in result.fresh)
    assert [probe.at_s for probe in result.fresh] == sorted(probe.at_s for probe in result.fresh)


def test_the_gateway_is_warm_when_it_is_stopped_and_young_again_afterwards(tmp_path: Path) -> None:
    with stoppable(tmp_path) as (case, gateway):
        drain(case, ["speech"], watch_s=5.0)
        since_s = case.gateway.health.up_for_s
    assert since_s < WARM_AFTER_S
    paths = {path.rpartition("/")[2] for path in gateway.served_when_stopped}
    assert paths == {"speech", "transcriptions", "translations"}


def test_the_first_drain_holds_every_operation_and_is_made_once(tmp_path: Path) -> None:
    first = FirstDrain()
    with stoppable(tmp_path) as (case, _):
        result = first.of(case, "speech")
        again = first.of(case.example(), "translations")
    assert again is result
    assert {route: held.exchange.status for route, held in result.held.items()} == dict.fromkeys(
        ("speech", "transcriptions", "translations"), 200
    )


def test_where_there_is_room_for_too_few_each_operation_is_held_by_itself(tmp_path: Path) -> None:
    """And where a second request is refused at any time, a refusal shows nothing."""
    first, alone = FirstDrain(), FirstDrain()
    with stoppable(tmp_path) as (case, gateway):
        gateway.room = 3
        result = first.of(case, "transcriptions")
        gateway.room = 1
        with pytest.raises(Blocked, match="refuses a second request at a time"):
            alone.of(case, "transcriptions")
    assert list(result.held) == ["transcriptions"]
    assert result.held["transcriptions"].exchange.status == 200


def test_what_blocked_the_first_drain_blocks_all_that_ask_for_it(tmp_path: Path) -> None:
    first = FirstDrain()
    with stoppable(tmp_path, terminate="exit 7") as (case, _):
        for _attempt in range(2):
            with pytest.raises(Blocked, match="ended with status 7"):
                first.of(case, "speech")


def test_a_gateway_that_goes_on_serving_is_watched_as_long_as_was_asked(tmp_path: Path) -> None:
    with stoppable(tmp_path) as (case, gateway):
        gateway.drains = False
        result = drain(case, ["transcriptions"], watch_s=0.3)
    assert not any(probe.shows_draining for probe in result.fresh)
    assert result.watched_s == 0.3
    assert result.held["transcriptions"].exchange.status == 200


def test_a_request_that_does_not_reach_the_provider_blocks_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is it waited for a gateway to go down that was not told to."""
    monkeypatch.setattr("conformance.drive.restart._is_gone", lambda _: pytest.fail("it was waited for"))
    with stoppable(tmp_path, start="exit 9") as (case, gateway):
        gateway.forwards = False
        with pytest.raises(Blocked, match="did not get there"):
            drain(case, ["speech"], watch_s=0.1)
        assert not gateway.stopped.exists()


def test_a_command_that_fails_blocks_with_its_status(tmp_path: Path) -> None:
    with stoppable(tmp_path, terminate="exit 7") as (case, _), pytest.raises(Blocked, match="ended with status 7"):
        drain(case, ["speech"], watch_s=0.1)


def test_a_gateway_that_does_not_come_back_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.drive.restart._START_S", 0.2)
    with (
        stoppable(tmp_path, start="true") as (case, _),
        pytest.raises(Blocked, match="started again and does not serve"),
    ):
        drain(case, ["speech"], watch_s=5.0)


def test_a_hold_stays_within_drain_and_time_out(tmp_path: Path) -> None:
    with stoppable(tmp_path) as (case, _):
        assert longest_hold_s(case) == pytest.approx(0.2)
    with live_case(lambda _: Reply()) as case, pytest.raises(Blocked, match="no lifecycle is declared"):
        longest_hold_s(case)
