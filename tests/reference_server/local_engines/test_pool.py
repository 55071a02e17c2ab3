"""Engines in processes of their own: what they cannot reach, what their death costs, and when a call ends."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from reference_server.refusals import Reason
from reference_server.upstreams import ProviderFailed, ProviderRefused
from reference_server.upstreams.local_engines import Audio, Engine, Failed, Pool, Refused, Reply, SynthesisCall
from tests.servers import CHECKOUT

MODULE = "tests.reference_server.local_engines.toy_engine:Toy"
Result = TypeVar("Result")


@contextlib.asynccontextmanager
async def _pool(size: int = 1, memory_mb: int = 512) -> AsyncIterator[Pool]:
    engine = Engine(MODULE, {"greeting": "Hello."}, (str(CHECKOUT / "tests"),), memory_mb * 1024 * 1024)
    pool = Pool(engine, size)
    try:
        yield pool
    finally:
        await pool.close()


def _with_pool(act: Callable[[Pool], Awaitable[Result]], size: int = 1) -> Result:
    async def run() -> Result:
        async with asyncio.timeout(60), _pool(size) as pool:
            return await act(pool)

    return asyncio.run(run())


async def _do(pool: Pool, text: str) -> Reply:
    return await pool.call(SynthesisCall(text, "en-US", None, "mp3"))


def _done(text: str) -> Reply:
    return _with_pool(lambda pool: _do(pool, text))


async def _value(pool: Pool, text: str) -> str:
    reply = await _do(pool, text)
    assert isinstance(reply, Audio), reply
    return reply.data.decode()


def _stands(folder: str) -> bool:
    return Path(folder).is_dir()


def _confined() -> bool:
    """Whether this system confines files: asked of a process that tries."""
    return isinstance(_done("write /dev/shm/audio-engine-probe"), Failed)


needs_landlock = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="files are confined by Linux' Landlock"
)


def test_calls_are_answered_one_after_the_other_by_the_same_process() -> None:
    """Starting one is dear, so it stays; two calls at a time need two."""

    async def act(pool: Pool) -> None:
        assert await _value(pool, "greet") == "Hello."
        first, second = [await _value(pool, "pid") for _ in range(2)]
        assert first == second != str(os.getpid())
        assert len({*await asyncio.gather(*(_value(pool, "pid") for _ in range(2)))}) == 1

    _with_pool(act)


def test_a_crash_costs_one_call() -> None:
    """The call fails with the signal's name for the log, and the next is served, again and again."""

    async def act(pool: Pool) -> None:
        for _ in range(3):
            with pytest.raises(ProviderFailed, match="SIGSEGV"):
                await _do(pool, "crash")
            assert await _value(pool, "greet") == "Hello."

    _with_pool(act)


def test_a_call_that_is_given_up_ends_its_process_and_folder() -> None:
    """A time-out is a cancelled call; nothing of it stays, and the next call is served."""

    async def act(pool: Pool) -> None:
        pid, folder = int(await _value(pool, "pid")), await _value(pool, "folder")
        assert _stands(folder)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await _do(pool, "hang")
        assert not _stands(folder)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert await _value(pool, "greet") == "Hello."

    _with_pool(act)


def test_other_calls_go_on_beside_one_that_hangs() -> None:
    """With two processes one is still free."""

    async def act(pool: Pool) -> None:
        hanging = asyncio.create_task(_do(pool, "hang"))
        assert [await _value(pool, "greet") for _ in range(3)] == ["Hello."] * 3
        hanging.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hanging

    _with_pool(act, size=2)


def test_too_many_that_wait_are_refused_at_once() -> None:
    """429 and when to try again, instead of holding their recordings until their time is over."""

    async def act(pool: Pool) -> None:
        waiting = [asyncio.create_task(_do(pool, "hang")) for _ in range(33)]
        await asyncio.sleep(0)
        with pytest.raises(ProviderRefused) as caught:
            await _do(pool, "greet")
        assert (caught.value.status, caught.value.retry_after) == (429, "1")
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert await _value(pool, "greet") == "Hello."

    _with_pool(act)


def test_what_an_engine_raises_is_told_apart() -> None:
    """A reason that lies in the request is a refusal, anything else a failure; both leave the process alive."""
    assert _done("refuse") == Refused(Reason.INPUT_UNSPEAKABLE)
    assert isinstance(_done("nonsense"), Failed)


def test_what_an_engine_prints_is_no_reply() -> None:
    """Native code writes to standard output as it likes."""
    assert _done("print \\x00\\x00 noise") == Audio(b"None")


def test_memory_is_bounded() -> None:
    """Over the bound the engine gets a MemoryError."""
    reply = _done("allocate 600")
    assert isinstance(reply, Failed)
    assert "MemoryError" in reply.problem
    assert _done("allocate 16") == Audio(str(16 * 1024 * 1024).encode())


def test_no_key_of_the_environment_is_known_to_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the environment it gets what it needs to start."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    reply = _done("environment")
    assert isinstance(reply, Audio)
    assert "PYTHONPATH" in reply.data.decode()
    assert "OPENAI_API_KEY" not in reply.data.decode()


@needs_landlock
def test_no_file_outside_its_folder_can_be_touched(tmp_path: Path) -> None:
    """Not written, emptied, removed, made or read, by an absolute or a relative path; its own folder is small."""
    if not _confined():
        pytest.skip("this kernel has no Landlock")
    file = tmp_path / "precious.wav"
    file.write_text("precious")
    relative = os.path.relpath(file, "/tmp/audio-engine-x")
    for act in (f"write {file}", f"write {relative}", f"remove {file}", f"read {file}", f"write {tmp_path}/new.wav"):
        reply = _done(act)
        assert isinstance(reply, Failed), act
        assert "PermissionError" in reply.problem or "FileNotFound" in reply.problem, (act, reply.problem)
    assert file.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [file]
    assert _done("write inside.wav") == Audio(b"11")
    assert isinstance(_done("fill large.wav"), Failed)


@needs_landlock
def test_no_connection_can_be_made() -> None:
    """An engine has nobody to talk to."""
    if not _confined():
        pytest.skip("this kernel has no Landlock")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        reply = _done(f"connect {listener.getsockname()[1]}")
    assert isinstance(reply, Failed)
    assert "PermissionError" in reply.problem
