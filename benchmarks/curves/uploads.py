"""Transcriptions of ever larger recordings, each another one: forwarded to a provider, and heard by the mock within."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from benchmarks.curves.asking import cost_of
from benchmarks.curves.curve import Curve, Figures, Line
from benchmarks.gateway_cost import transcription
from benchmarks.rig.gateways import BASE_PATH
from benchmarks.rig.memory import memory_of, peak_from_now
from benchmarks.rig.stub import running_stub
from tests.servers import running_gateway

_HEADER = 44
_FORWARDED, _HEARD = "forwarded", "heard by the mock within"
_MEMORY = "peak, "


def _config(provider: dict[str, Any]) -> dict[str, Any]:
    return {
        "providers": {"behind": {"timeout_s": 300, **provider}},
        "models": {"whisper-1": {"capability": "transcription", "provider": "behind"}},
        "tokens": [{"name": "load", "token": "cpeer_benchmark_load"}],
        "max_upload_mb": 128,
        "log_level": "error",
    }


def _recording(size: int, number: int) -> bytes:
    """Silence of so many bytes in all, with a number in it that makes it another one."""
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 24_000, 48_000, 2, 16)
    head = struct.pack("<4sI4s", b"RIFF", size - 8, b"WAVE") + layout + struct.pack("<4sI", b"data", size - _HEADER)
    return head + struct.pack("<q", number) + bytes(size - _HEADER - 8)


def _upload(token: str, size: int, number: int) -> bytes:
    return transcription(f"{BASE_PATH}/audio/transcriptions", token, _recording(size, number))


def _measure(sizes: Sequence[int]) -> Iterator[tuple[int, Figures]]:
    with ExitStack() as stack:
        stub, _ = stack.enter_context(running_stub())
        behind = {
            _FORWARDED: {"kind": "openai", "base_url": f"{stub}/v1", "api_key": "sk-benchmark"},
            _HEARD: {"kind": "mock"},
        }
        gateways = {name: stack.enter_context(running_gateway(_config(each))) for name, each in behind.items()}
        for size in sizes:
            figures: Figures = {}
            for name, gateway in gateways.items():
                pid = gateway.process.pid
                peak_from_now(pid)
                figures[name] = cost_of(pid, gateway.origin, partial(_upload, gateway.token, size), most=200)
                figures[_MEMORY + name] = memory_of(pid).peak / 1e6
            yield size, figures


CURVE = Curve(
    "uploads",
    "Transcription: a recording that was never sent before",
    "bytes",
    (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000),
    (
        *(Line(each, "CPU ms/request", most=1) for each in (_FORWARDED, _HEARD)),
        *(Line(_MEMORY + each, "MB", most=1) for each in (_FORWARDED, _HEARD)),
    ),
    _measure,
)
