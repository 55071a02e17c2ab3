"""Held requests are let go once: when a new request gets no answer, or when whoever holds them has seen enough."""

from __future__ import annotations

import threading
import time

from conformance.drive.release import Release


class Held(threading.Event):
    """What stands for a gate: set once it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def release(self) -> None:
        self.times += 1
        self.set()


def test_who_gets_no_answer_lets_go_after_the_latest_time() -> None:
    held = Held()
    release = Release(held, time.monotonic(), 0.05)
    assert held.wait(10)
    let_go = release.held_s
    release()
    assert (held.times, release.held_s) == (1, let_go)
    assert let_go >= 0.05


def test_who_is_answered_lets_go_when_told() -> None:
    held = Held()
    release = Release(held, time.monotonic(), 0.05)
    for _ in range(20):
        release.asks()
        assert not held.wait(0.05)
    release()
    assert held.times == 1
    assert release.held_s >= 1
