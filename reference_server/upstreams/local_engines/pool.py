"""A pool of processes that an engine runs in, so that no call of it can stop, freeze or harm the gateway.

A call that is cancelled (its time is over, its client is gone) ends its process, and so does an engine that crashes: it
costs that one call, and the next one starts a new process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from reference_server.logs import log
from reference_server.upstreams.local_engines.messages import LENGTH, Call, Ready, Reply, framed
from reference_server.upstreams.protocol import ProviderFailed, ProviderRefused

_MODULE = "reference_server.upstreams.local_engines.worker"
# Calls that wait for a process; a further one is refused with 429, for it would hold its recording for nothing.
_MOST_WAITING = 32
_STOP_S = 2.0
_READ_AHEAD_BYTES = 1024 * 1024
# What a process may know of the environment: no keys.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "OMP_NUM_THREADS", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Engine:
    """What the processes of a pool run: a class, as `module:Class`, whose `answer` takes a call and gives a reply.

    `options` are given to the class. `readable` are folders and files beside Python's libraries that it needs, and
    `memory_bytes` is the address space that it may have.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    readable: tuple[str, ...] = ()
    memory_bytes: int = 1 << 30


class Pool:
    """At most `size` processes, each started when it is first needed. Used within one event loop."""

    def __init__(self, engine: Engine, size: int) -> None:
        self._engine = engine
        self._free = asyncio.Semaphore(size)
        self._idle: list[_Process] = []
        self._waiting = 0

    async def call(self, call: Call) -> Reply:
        """The engine's reply. Raises ProviderFailed when its process ends, ProviderRefused (429) when too many wait."""
        if self._waiting >= _MOST_WAITING:
            raise ProviderRefused(429, retry_after="1")
        async with self._process() as process:
            return await process.call(call)

    @contextlib.asynccontextmanager
    async def _process(self) -> AsyncIterator[_Process]:
        """A process for one call; it goes back to the pool only when the call came to its end."""
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        process: _Process | None = None
        try:
            process = self._idle.pop() if self._idle else await _Process.start(self._engine)
            yield process
            self._idle.append(process)
        except BaseException:
            if process is not None:
                await process.kill()
            raise
        finally:
            self._free.release()

    async def close(self) -> None:
        """Ends the processes that are idle; busy ones end with their calls."""
        while self._idle:
            await self._idle.pop().kill()


class _Process:
    """One running process, with a temporary folder of its own."""

    def __init__(self, process: asyncio.subprocess.Process, folder: str) -> None:
        self._process = process
        self._folder = folder

    @classmethod
    async def start(cls, engine: Engine) -> _Process:
        folder = tempfile.mkdtemp(prefix="audio-engine-")
        try:
            process = cls(await _spawned(engine, folder), folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        try:
            ready = msgspec.msgpack.decode(await process._receive(), type=Ready)
        except BaseException:
            await process.kill()
            raise
        if not ready.confined:
            log("warning", "engine can reach files: this system has no Landlock", engine=engine.name)
        return process

    async def call(self, call: Call) -> Reply:
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(ConnectionError):  # that it ended shows when no reply comes
            stdin.write(framed(call))
            await stdin.drain()
        reply: Reply = msgspec.msgpack.decode(await self._receive(), type=Reply)
        return reply

    async def kill(self) -> None:
        """Ends the process at once and removes its folder; shielded, for it is called when a call was cancelled."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(self._process.wait()), _STOP_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _receive(self) -> bytes:
        stdout = self._process.stdout
        assert stdout is not None
        try:
            (length,) = LENGTH.unpack(await stdout.readexactly(LENGTH.size))
            return await stdout.readexactly(length)
        except asyncio.IncompleteReadError:
            status = await self._process.wait()
            raise ProviderFailed(f"the engine's process ended: {_in_words(status)}") from None


async def _spawned(engine: Engine, folder: str) -> asyncio.subprocess.Process:
    options = {**engine.options, "readable": engine.readable, "memory_bytes": engine.memory_bytes}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-B", "-m", _MODULE, engine.name, folder, json.dumps(options),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env=_environment(), start_new_session=True, limit=_READ_AHEAD_BYTES,
    )  # fmt: skip


def _in_words(status: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(-status).name if status < 0 else f"status {status}"
    return f"status {status}"


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    path = os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry)
    return {**kept, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1", "OPENBLAS_NUM_THREADS": "1"}
