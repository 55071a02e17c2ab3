"""Time limits that many requests share: each is held to its own time, and none to another's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps

import pytest

from reference_server.deadlines import Deadlines, TimeLimit


def in_loop(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """A test that runs in an event loop of its own."""

    @wraps(test)
    def run() -> None:
        async def main() -> None:
            await test()

        asyncio.run(main())

    return run


class Watched:
    """Something that is waited for; it notes when it expired."""

    def __init__(self, name: str, expired: list[str]) -> None:
        self.due = 0.0
        self._name = name
        self._expired = expired

    def expire(self) -> None:
        self._expired.append(self._name)


@in_loop
async def test_what_takes_too_long_ends_with_a_timeout() -> None:
    with pytest.raises(TimeoutError), TimeLimit(0.01).applied():
        await asyncio.Event().wait()


@in_loop
async def test_what_is_done_in_time_is_let_be() -> None:
    limit = TimeLimit(0.01)
    for _ in range(3):
        with limit.applied():
            await asyncio.sleep(0)
    await asyncio.sleep(0.03)  # past the end of each


@in_loop
async def test_each_has_its_own_time() -> None:
    """The timer is the first one's, who is over early: the second is held to its own time, not to the first one's."""
    limit, loop = TimeLimit(0.1), asyncio.get_running_loop()

    async def first() -> None:
        with limit.applied():
            await asyncio.sleep(0.05)

    async def second() -> float:
        await asyncio.sleep(0.03)
        began = loop.time()
        with pytest.raises(TimeoutError), limit.applied():
            await asyncio.Event().wait()
        return loop.time() - began

    _, took = await asyncio.gather(first(), second())
    assert 0.09 < took < 1


@in_loop
async def test_a_cancellation_from_elsewhere_goes_on() -> None:
    async def held() -> None:
        with TimeLimit(10).applied():
            await asyncio.Event().wait()

    task = asyncio.create_task(held())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@in_loop
async def test_an_error_within_is_that_error() -> None:
    with pytest.raises(ValueError, match="broken"), TimeLimit(10).applied():
        raise ValueError("broken")


@in_loop
async def test_limits_within_limits_tell_whose_time_is_over() -> None:
    with TimeLimit(10).applied():
        with pytest.raises(TimeoutError), TimeLimit(0.01).applied():
            await asyncio.Event().wait()
        await asyncio.sleep(0)
    current = asyncio.current_task()
    assert current is not None
    assert current.cancelling() == 0


@in_loop
async def test_all_that_is_due_expires_in_the_order_in_which_it_began() -> None:
    deadlines, expired = Deadlines(0.01), list[str]()
    given_up = Watched("given up", expired)
    for each in (Watched("first", expired), given_up, Watched("second", expired)):
        deadlines.begin(each)
    deadlines.end(given_up)
    await asyncio.sleep(0.05)
    assert expired == ["first", "second"]


def test_a_limit_serves_one_event_loop_after_the_other() -> None:
    """What an earlier loop has left behind delays nothing in the next."""
    limit = TimeLimit(0.01)

    async def left_behind() -> None:
        context = limit.applied()
        context.__enter__()

    async def too_long() -> None:
        with limit.applied():
            await asyncio.Event().wait()

    asyncio.run(left_behind())
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(too_long(), 5))
