"""Many share the lock, one holds it alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

from conformance.drive.locks import SharedLock


def test_many_share_it_at_one_time() -> None:
    lock, meeting = SharedLock(), threading.Barrier(2)

    def share() -> None:
        with lock.shared():
            meeting.wait(timeout=10)

    with ThreadPoolExecutor(2) as pool:
        for sharing in [pool.submit(share) for _ in range(2)]:
            sharing.result()


def test_one_alone_waits_for_those_that_share_and_keeps_others_out() -> None:
    lock, inside, leave, order = SharedLock(), threading.Event(), threading.Event(), list[str]()

    def share() -> None:
        with lock.shared():
            inside.set()
            leave.wait(timeout=10)
            order.append("shared")

    def hold_alone() -> None:
        with lock.exclusive():
            order.append("exclusive")
            late = pool.submit(come_late)
            order.append("still exclusive")
        late.result()

    def come_late() -> None:
        with lock.shared():
            order.append("late")

    with ThreadPoolExecutor(3) as pool:
        sharing = pool.submit(share)
        assert inside.wait(timeout=10)
        holding = pool.submit(hold_alone)
        leave.set()
        sharing.result()
        holding.result()
    assert order == ["shared", "exclusive", "still exclusive", "late"]
