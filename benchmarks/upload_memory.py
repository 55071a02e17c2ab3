"""How much memory does the gateway take when many large recordings arrive at once, and when one comes that is far too large?

    python -m benchmarks.upload_memory [--uploads 64] [--mib 25] [--workers 1] [--seed 7] [--huge-gb 2]

Many: all uploads at once, as forms and again as JSON with base64, before a provider in another process that answers nobody
until it holds them all, so that every upload is in the gateway at the same time. Each recording is different, and the
provider knows a text for each by its SHA-256: the right text is proof that the right bytes arrived whole.

Huge: one upload that is announced, one that comes in chunks, one in base64. Each must be answered 413 while it is still
being sent. Exit status 1 when a promise is broken. Sizes are sums over the main process and all workers (``VmHWM``), so
memory that they share counts several times.
"""

import argparse
import asyncio
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from benchmarks.rig import (
    BASE_PATH,
    Address,
    Answer,
    Connection,
    ConnectionEnded,
    ControlledProvider,
    Report,
    config_before,
    megabytes,
    memory_of,
    peak_from_now,
    request,
    running_provider,
)
from benchmarks.rig.recordings import Body, Recording
from tests.servers import RunningGateway, running_gateway

_PATIENCE_S = 600.0
_MOST_BYTES = 300e6
_MOST_MORE_BYTES = 50e6
_PATH = f"{BASE_PATH}/audio/transcriptions"
_FORMS: dict[str, Callable[[Recording], Body]] = {
    "multipart": lambda recording: recording.form("hear"),
    "base64": lambda recording: recording.json("hear"),
}


@dataclass(frozen=True)
class Load:
    """How many recordings of how many MiB, into how many workers; and the size in bytes of the huge one."""

    uploads: int = 64
    mib: int = 25
    workers: int = 1
    seed: int = 7
    huge_gb: float = 2.0

    @property
    def recordings(self) -> list[Recording]:
        """The recordings."""
        return [Recording(number, self.mib * 2**20, self.seed) for number in range(self.uploads)]


def _head(gateway: RunningGateway, body: Body, *, chunked: bool = False) -> bytes:
    length = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(body.length)}
    return request(_PATH, token=gateway.token, headers={"Content-Type": body.content_type, **length})


async def _upload(gateway: RunningGateway, body: Body) -> Answer | None:
    """Send one recording whole and return the answer; None where the connection broke."""
    try:
        async with await Connection.open(Address.of(gateway.base_url)) as connection:
            await connection.send(_head(gateway, body))
            for piece in body.pieces():
                await connection.send(piece)
            return await connection.answer()
    except (ConnectionEnded, OSError):
        return None


async def _all_at_once(
    gateway: RunningGateway, provider: ControlledProvider, gate: str, bodies: list[Body]
) -> list[bool]:
    """Whether each upload was answered with the text of its own recording."""
    async with asyncio.timeout(_PATIENCE_S):
        running = [asyncio.create_task(_upload(gateway, body)) for body in bodies]
        await asyncio.to_thread(provider.waiting, gate, len(bodies), _PATIENCE_S / 2)
        await asyncio.to_thread(provider.release, gate)
        answers = await asyncio.gather(*running)
    return [_is_right(body.recording, answer) for body, answer in zip(bodies, answers, strict=True)]


def _is_right(recording: Recording, answer: Answer | None) -> bool:
    return answer is not None and answer.status == 200 and answer.json()["text"] == _text(recording)


def _text(recording: Recording) -> str:
    return f"This is recording number {recording.number}."


def show_many(load: Load, form: str, report: Report) -> None:
    """Upload all recordings at once in one form to a fresh gateway, and judge what it took."""
    gate = f"{form}-uploads"
    with (
        running_provider({"journal": {"upload_mb": 1}}) as provider,
        running_gateway(config_before(provider, max_upload_mb=load.mib), load.workers) as gateway,
    ):
        provider.gate(gate)
        for recording in load.recordings:
            act = {"hold": gate, "body": {"json": {"text": _text(recording)}}}
            provider.script(act, {"sha256": recording.sha256})
        idle, began = memory_of(gateway.process.pid), time.perf_counter()
        bodies = [_FORMS[form](recording) for recording in load.recordings]
        right = asyncio.run(_all_at_once(gateway, provider, gate, bodies))
        took_s, full = time.perf_counter() - began, memory_of(gateway.process.pid)
    report.say(
        f"{load.uploads} uploads of {load.mib} MiB at once, {form}, {load.workers} worker(s): peak {megabytes(full.peak)}, "
        f"idle before {megabytes(idle.resident)} ({full.processes} processes); {took_s:.0f} s"
    )
    report.promise(f"all {load.uploads} transcribed right ({sum(right)})", kept=all(right))
    report.promise(f"peak under {megabytes(_MOST_BYTES)}", kept=full.peak < _MOST_BYTES)


def _chunks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


@dataclass
class _Refusal:
    """How a huge upload ended: the answer, and how many bytes were sent when its head was there."""

    answer: Answer | None = None
    sent: int = 0
    at_head: int = 0
    head_s: float = 0.0
    end_s: float = 0.0


async def _refused(gateway: RunningGateway, body: Body, *, chunked: bool) -> _Refusal:
    """Send and listen, and stop sending when an answer comes, as curl and most HTTP libraries do."""
    seen, began = _Refusal(), time.perf_counter()

    async def sending(connection: Connection) -> None:
        with suppress(OSError):
            await connection.send(_head(gateway, body, chunked=chunked))
            for piece in _chunks(body.pieces()) if chunked else body.pieces():
                await connection.send(piece)
                seen.sent += len(piece)
                await asyncio.sleep(0)  # where all is taken at once, nothing else would let the listener listen

    async with asyncio.timeout(_PATIENCE_S), await Connection.open(Address.of(gateway.base_url)) as connection:
        pushing = asyncio.create_task(sending(connection))
        with suppress(ConnectionEnded, OSError):
            status, headers = await connection.head()
            seen.at_head, seen.head_s = seen.sent, time.perf_counter() - began
            pushing.cancel()
            seen.answer = Answer(status, headers, await connection.body(status, headers))
        seen.end_s = time.perf_counter() - began
        await asyncio.wait([pushing])
    return seen


def _refused_blindly(gateway: RunningGateway, body: Body) -> tuple[int, bytes]:
    """Send all that the gateway takes without listening, then read: how much it was, and what can be read."""
    sent, received = 0, b""
    with socket.create_connection(Address.of(gateway.base_url), timeout=_PATIENCE_S) as connection:
        with suppress(OSError):
            connection.sendall(_head(gateway, body))
            for piece in body.pieces():
                connection.sendall(piece)
                sent += len(piece)
        with suppress(OSError):
            while chunk := connection.recv(65536):
                received += chunk
    return sent, received


def show_huge(load: Load, report: Report) -> None:
    """Send what is far too large, and judge when it is refused and what it took."""
    recording = Recording(0, int(load.huge_gb * 1e9), load.seed)
    with (
        running_provider() as provider,
        running_gateway(config_before(provider, max_upload_mb=load.mib), load.workers) as gateway,
    ):
        report.say(f"{load.huge_gb:g} GB to a limit of {load.mib} MiB")
        for form, to_body in _FORMS.items():
            for chunked in (False, True):
                words = f"{form}, {'in chunks' if chunked else 'announced'}"
                with _bounded(gateway, words, report):
                    seen = asyncio.run(_refused(gateway, to_body(recording), chunked=chunked))
                    _judge_refusal(seen, int(load.huge_gb * 1e9), report)
        with _bounded(gateway, "multipart, announced, by a client that reads nothing before it has sent all", report):
            sent, received = _refused_blindly(gateway, recording.form("hear"))
            report.say(
                f"  cut after {megabytes(sent)}; {received[:12]!r} and {len(received)} bytes in all could be read"
            )
            report.promise("the 413 could be read whole", kept=_is_whole(received))
        report.promise("nothing of it reached the provider", kept=provider.position() == 0)


@contextmanager
def _bounded(gateway: RunningGateway, words: str, report: Report) -> Iterator[None]:
    """Judge the memory that is taken meanwhile."""
    report.say(words)
    before = memory_of(gateway.process.pid).resident
    peak_from_now(gateway.process.pid)
    yield
    more = memory_of(gateway.process.pid).peak - before
    report.promise(f"under {megabytes(_MOST_MORE_BYTES)} more memory: {megabytes(more)}", kept=more < _MOST_MORE_BYTES)


def _judge_refusal(seen: _Refusal, size: int, report: Report) -> None:
    status = seen.answer.status if seen.answer else "no answer"
    report.say(
        f"  {status} seen after {megabytes(seen.at_head)} and {seen.head_s:.2f} s, read whole after {seen.end_s:.2f} s"
    )
    kept = seen.answer is not None and seen.answer.status == 413 and seen.answer.code == "request_too_large"
    report.promise("refused by 413 while it was being sent", kept=kept and seen.at_head < size / 2)


def _is_whole(received: bytes) -> bool:
    head, _, body = received.partition(b"\r\n\r\n")
    return head.startswith(b"HTTP/1.1 413") and f"content-length: {len(body)}".encode() in head.lower()


def run(load: Load, report: Report) -> None:
    """Run everything."""
    report.say(f"seed {load.seed}")
    for form in _FORMS:
        show_many(load, form, report)
    show_huge(load, report)


def main() -> int:
    """Run with the figures of the command line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uploads", type=int, default=Load.uploads)
    parser.add_argument("--mib", type=int, default=Load.mib, help="size of each, in MiB; also the gateway's limit")
    parser.add_argument("--workers", type=int, default=Load.workers)
    parser.add_argument("--seed", type=int, default=Load.seed)
    parser.add_argument("--huge-gb", type=float, default=Load.huge_gb)
    report = Report()
    run(Load(**vars(parser.parse_args())), report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
