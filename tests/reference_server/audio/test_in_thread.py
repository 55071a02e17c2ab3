"""Work in a thread ends before whoever asked for it goes on, cancelled or not."""

from __future__ import annotations

import asyncio
import threading

import pytest

from reference_server.audio.in_thread import in_thread


def test_a_result_and_an_error_come_through() -> None:
    def fails() -> None:
        raise ValueError("damaged")

    assert asyncio.run(in_thread(sum, [1, 2])) == 3
    with pytest.raises(ValueError, match="damaged"):
        asyncio.run(in_thread(fails))


def test_a_cancelled_caller_waits_for_its_thread() -> None:
    """What the caller closes when it is cancelled is not read any more."""
    began, go_on = threading.Event(), threading.Event()
    read: list[str] = []

    def reads() -> None:
        began.set()
        assert go_on.wait(10)
        read.append("to the end")

    async def cancelled() -> list[str]:
        task = asyncio.create_task(in_thread(reads))
        await asyncio.to_thread(began.wait, 10)
        task.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        return list(read)

    assert asyncio.run(cancelled()) == ["to the end"]
