"""A reference server that knows ever more models, or ever more tokens: to look one up, to refuse one, to start."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks.curves.asking import cost_of
from benchmarks.curves.curve import Curve, Figures, Line
from benchmarks.rig.cpu import cpu_ms
from benchmarks.rig.gateways import BASE_PATH, config_alone, model_of, token_of
from benchmarks.rig.memory import memory_of
from benchmarks.rig.wire import request
from tests.servers import running_gateway

_KNOWN, _UNKNOWN, _START, _MEMORY = "known", "unknown", "to be ready", "memory"
_SIZES = (10, 100, 1_000, 10_000)


def _speech(model: str, token: str) -> bytes:
    body = f'{{"model": "{model}", "voice": "alloy", "input": "Hello.", "response_format": "pcm"}}'.encode()
    return request(f"{BASE_PATH}/audio/speech", token=token, body=body)


def _growing(
    config: Callable[[int], dict[str, Any]], known: Callable[[int], bytes], unknown: bytes, refusal: int
) -> Callable[[Sequence[int]], Iterator[tuple[int, Figures]]]:
    """Measures servers of each size: `known` makes a request for the last of so many names."""

    def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Figures]]:
        for size in sizes:
            with running_gateway(config(size)) as gateway:
                pid = gateway.process.pid
                started, asked = cpu_ms(pid), known(size)
                figures = {
                    _KNOWN: cost_of(pid, gateway.origin, lambda _, asked=asked: asked, most=1000),
                    _UNKNOWN: cost_of(pid, gateway.origin, lambda _: unknown, status=refusal, most=1000),
                    _START: started / 1000,
                    _MEMORY: memory_of(pid).resident / 1e6,
                }
            yield size, figures

    return measure


_LINES = (
    Line(_KNOWN, "CPU ms/request", most=0),
    Line(_UNKNOWN, "CPU ms/request", most=0),
    Line(_START, "CPU s", most=1),
    Line(_MEMORY, "MB", most=1),
)
MODELS = Curve(
    "models",
    "A gateway of ever more models",
    "models",
    _SIZES,
    _LINES,
    _growing(
        lambda size: config_alone(size, 1),
        lambda size: _speech(model_of(size - 1), token_of(0)),
        _speech("nobody-knows-it", token_of(0)),
        400,
    ),
)
TOKENS = Curve(
    "tokens",
    "A gateway of ever more tokens",
    "tokens",
    _SIZES,
    _LINES,
    _growing(
        lambda size: config_alone(1, size),
        lambda size: _speech(model_of(0), token_of(size - 1)),
        _speech(model_of(0), "cpeer_nobody_has_it"),
        401,
    ),
)
