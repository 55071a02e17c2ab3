"""Many go together, one goes alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

from conformance.drive.locks import Turns


def test_whoever_is_together_is_so_at_one_time() -> None:
    turns, meeting = Turns(), threading.Barrier(2)

    def attend() -> None:
        with turns.together():
            meeting.wait(timeout=10)

    with ThreadPoolExecutor(2) as pool:
        for attending in [pool.submit(attend) for _ in range(2)]:
            attending.result()


def test_whoever_is_alone_waits_for_the_others_and_keeps_them_out() -> None:
    turns, inside, leave, seen = Turns(), threading.Event(), threading.Event(), list[str]()

    def stay() -> None:
        with turns.together():
            inside.set()
            leave.wait(timeout=10)
            seen.append("together")

    def go_alone() -> None:
        with turns.alone():
            seen.append("alone")
            late = pool.submit(come_late)
            seen.append("still alone")
        late.result()

    def come_late() -> None:
        with turns.together():
            seen.append("late")

    with ThreadPoolExecutor(3) as pool:
        staying = pool.submit(stay)
        assert inside.wait(timeout=10)
        going = pool.submit(go_alone)
        leave.set()
        staying.result()
        going.result()
    assert seen == ["together", "alone", "still alone", "late"]
