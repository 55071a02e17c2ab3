"""Does anything that a client sends over a bare socket make the gateway answer 5xx, fall, hang or grow?

    python -m benchmarks.fuzz_sockets [--requests 50000] [--seed 1] [--connections 32] [--only NUMBER]

Most requests are good ones of both forms with bytes changed; others are odd JSON, forms, heads, chunks, pipelines, broken
off or slow connections, lying lengths, and small files that decode to hours. Half of them go to a provider in another
process, half to the one in the gateway, which decodes the audio; seconds are limited, so the gateway measures each file.
After each batch one good request of each kind must be answered 200, and memory is taken. Equal seeds send equal requests;
``--only`` sends one of them again and shows it. Exit status 1 when there was a fault.
"""

import argparse
import asyncio
import base64
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from statistics import median

from benchmarks.rig import (
    Address,
    ControlledProvider,
    Report,
    config_before,
    megabytes,
    memory_of,
    running_provider,
    tree_of,
)
from benchmarks.rig.hostility import Arsenal, Attack
from mock_upstreams import MockProvider, SpeechRequest
from tests.servers import RunningGateway, running_gateway

_MODELS = (("say", "hear"), ("say-here", "hear-here"))
_READ_TIMEOUT_S = 0.5
# Longer than the gateway waits for anything: silence beyond it is a hang.
_PATIENCE_S = 45.0
_QUIET_S = 2.0
_GROWTH_BYTES = 20e6
_BATCH = 1000
_SECRETS = (b"Traceback", b"site-packages", b"reference_server/", b"sk-benchmark")
_RESET = struct.pack("ii", 1, 0)


@dataclass
class Outcome:
    """What came of many attacks: statuses (0: closed without an answer) by kind of attack, and the faults."""

    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    resident: list[int] = field(default_factory=list)

    def take(self, number: int, attack: Attack, received: bytes | None, took_s: float) -> None:
        """Judge what one attack was answered; None is a hang."""
        self.kinds[attack.kind] += 1
        self.slowest_s = max(self.slowest_s, took_s)
        if received is None:
            self.faults.append(f"number {number} ({attack.kind}): hang")
            return
        statuses = statuses_in(received) or [0]
        self.statuses.update(statuses)
        if any(status >= 500 for status in statuses):
            self.faults.append(f"number {number} ({attack.kind}): {statuses}, {received[-300:]!r}")
        if told := [secret for secret in _SECRETS if secret in received]:
            self.faults.append(f"number {number} ({attack.kind}): tells {told}")


def statuses_in(received: bytes) -> list[int]:
    """The status of each answer on a connection; what is cut off still counts."""
    found = []
    while received.startswith(b"HTTP/1."):
        head, _, rest = received.partition(b"\r\n\r\n")
        status = int(head[9:12])
        found += [status] if status >= 200 else []
        lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
        length = next((int(value) for name, _, value in lines if name == b"content-length"), 0)
        received = rest[length:]
    return found


@contextmanager
def attacked() -> Iterator[RunningGateway]:
    """A gateway with little patience, before a provider that answers at once and beside one that works."""
    with running_provider() as provider:
        _script_quick_answers(provider)
        config = config_before(
            provider,
            limits={"tokens": {"load": {"per_request": {"max_audio_seconds": 600}}}},
            read_timeout_s=_READ_TIMEOUT_S,
            max_upload_mb=1,
            log_level="critical",
        )
        config["providers"]["here"] = {"kind": "mock"}
        config["models"]["say-here"] = {"capability": "speech", "provider": "here"}
        config["models"]["hear-here"] = {"capability": "transcription", "provider": "here"}
        with running_gateway(config) as gateway:
            yield gateway


def _script_quick_answers(provider: ControlledProvider) -> None:
    audio = MockProvider().synthesize(SpeechRequest("tts-1", "Hi.", response_format="opus")).data
    body = {"base64": base64.b64encode(audio).decode()}
    provider.script({"body": {"json": {"text": "Hi."}}})
    provider.script({"body": body, "content_type": "audio/ogg"}, {"operation": "speech"})


async def strike(address: Address, attack: Attack) -> bytes | None:
    """Do what the attack says; all that was answered, or None when the connection stayed open in silence."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            listening = asyncio.create_task(_everything(reader, attack))
            with suppress(OSError):
                await _send(writer, attack)
            return await listening
    except TimeoutError:
        return None
    finally:
        writer.close()


async def _send(writer: asyncio.StreamWriter, attack: Attack) -> None:
    for piece in attack.writes:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(attack.pause_s)
    if attack.ending == "half-close":
        writer.write_eof()
    elif attack.ending == "close":
        writer.close()
    elif attack.ending == "reset":
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.close()


async def _everything(reader: asyncio.StreamReader, attack: Attack) -> bytes:
    """What comes until the gateway closes; one whole answer where that is waited for."""
    received = b""
    with suppress(OSError):
        while chunk := await _piece(reader, patient=not (attack.ending == "drain" and _is_whole(received))):
            received += chunk
            if attack.ending == "wait" and _is_whole(received):
                break
    return received


async def _piece(reader: asyncio.StreamReader, *, patient: bool) -> bytes:
    """More of an answer; nothing where the gateway closed, or where a kept connection has gone quiet."""
    try:
        return await asyncio.wait_for(reader.read(2**18), None if patient else _QUIET_S)
    except TimeoutError:
        return b""


def _is_whole(received: bytes) -> bool:
    """Whether a final answer is there with all its body."""
    head, separator, body = received.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 1") and separator:
        return _is_whole(body)
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    length = next((int(value) for name, _, value in lines if name == b"content-length"), None)
    return bool(separator) and length is not None and len(body) >= length


async def _batch(gateway: RunningGateway, arsenal: Arsenal, numbers: range, connections: int, outcome: Outcome) -> None:
    """Send attacks, so many at a time."""
    address, waiting = Address.of(gateway.base_url), iter(numbers)

    async def client() -> None:
        for number in waiting:
            attack, began = arsenal.attack(number), time.perf_counter()
            try:
                received = await strike(address, attack)
            except OSError as error:
                outcome.faults.append(f"number {number}: no connection ({error})")
            else:
                outcome.take(number, attack, received, time.perf_counter() - began)

    await asyncio.gather(*(client() for _ in range(connections)))
    for good in arsenal.goods:
        received = await strike(address, Attack("good", (good,)))
        if statuses_in(received or b"") != [200]:
            outcome.faults.append(
                f"after number {numbers[-1]}: a good request was answered {(received or b'')[-300:]!r}"
            )


def fuzz(gateway: RunningGateway, requests: int, seed: str, connections: int, batch: int = _BATCH) -> Outcome:
    """Send ``requests`` attacks in batches; stops early only when the gateway has fallen."""
    arsenal, outcome = Arsenal(gateway.token, _MODELS, seed), Outcome()
    processes = tree_of(gateway.process.pid)
    for start in range(0, requests, batch):
        asyncio.run(_batch(gateway, arsenal, range(start, min(start + batch, requests)), connections, outcome))
        outcome.resident.append(memory_of(gateway.process.pid).resident)
        if tree_of(gateway.process.pid) != processes:
            outcome.faults.append(f"a process fell between number {start} and {start + batch}")
            break
    return outcome


def growth(resident: list[int]) -> float:
    """Bytes from the second fifth of the run (by then all is loaded and warm) to the last, each by its median."""
    fifth = max(1, len(resident) // 5)
    return median(resident[-fifth:]) - median(resident[fifth : 2 * fifth] or resident)


def run(requests: int, seed: str, connections: int, report: Report) -> None:
    """Fuzz and judge."""
    report.say(f"seed {seed}")
    with attacked() as gateway:
        began, idle = time.perf_counter(), memory_of(gateway.process.pid).resident
        outcome = fuzz(gateway, requests, seed, connections)
        took_s, status = time.perf_counter() - began, gateway.terminate()
    sent = sum(outcome.kinds.values())
    kinds, step = dict(outcome.kinds.most_common()), max(1, len(outcome.resident) // 10)
    report.say(f"{sent} requests in {took_s:.0f} s, the slowest {outcome.slowest_s:.1f} s: {kinds}")
    report.say(f"  answers: {dict(sorted(outcome.statuses.items()))} (0: closed without one)")
    shown = " ".join(f"{each / 1e6:.0f}" for each in outcome.resident[::step])
    report.say(f"  memory: {megabytes(idle)} idle, then {shown} MB, {megabytes(outcome.resident[-1])} at the end")
    for fault in outcome.faults[:10]:
        report.say(f"  {fault}")
    promise = "no 5xx, no crash, no hang, nothing told, good requests served in between"
    report.promise(f"{promise}: {len(outcome.faults)} faults", kept=not outcome.faults and sent == requests)
    grown = growth(outcome.resident)
    report.promise(
        f"memory flat: {megabytes(grown)} more from the second fifth to the last", kept=grown < _GROWTH_BYTES
    )
    report.promise(f"a clean end: exit status {status}", kept=status == 0)


def _show(seed: str, number: int, report: Report) -> None:
    with attacked() as gateway:
        attack = Arsenal(gateway.token, _MODELS, seed).attack(number)
        report.say(f"{attack}")
        report.say(f"{asyncio.run(strike(Address.of(gateway.base_url), attack))!r}")


def main() -> int:
    """Run with the figures of the command line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument(
        "--only", type=int, metavar="NUMBER", help="send just this one of the seed's requests, and show it"
    )
    told = parser.parse_args()
    report = Report()
    if told.only is not None:
        _show(told.seed, told.only, report)
        return 0
    run(told.requests, told.seed, told.connections, report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
