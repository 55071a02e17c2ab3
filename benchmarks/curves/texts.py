"""Speech of ever longer texts, each another request: what synthesis and encoding cost the reference server's own mock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial

from benchmarks.curves.asking import cost_of
from benchmarks.curves.curve import Curve, Figures, Line
from benchmarks.rig.gateways import BASE_PATH, LABELS
from benchmarks.rig.wire import request
from tests.servers import running_gateway

_TEXT = "The quick brown fox jumped over the lazy dog. "


def _speech(token: str, text: str, audio_format: str, number: int) -> bytes:
    """Each number has a speed of its own: even of one character there are many requests that differ."""
    fields = {"model": "tts-1", "voice": "alloy", "input": text, "response_format": audio_format}
    body = json.dumps({**fields, "speed": 1 + number / 10_000}).encode()
    return request(f"{BASE_PATH}/audio/speech", token=token, body=body)


def _measure(sizes: Sequence[int]) -> Iterator[tuple[int, Figures]]:
    with running_gateway() as gateway:
        for size in sizes:
            text = (_TEXT * (size // len(_TEXT) + 1))[: size - 1] + "x"  # no space at its end
            yield (
                size,
                {
                    each: cost_of(gateway.process.pid, gateway.origin, partial(_speech, gateway.token, text, each))
                    for each in LABELS
                },
            )


CURVE = Curve(
    "texts",
    "Speech: a text that was never asked for before",
    "characters",
    (1, 4, 16, 64, 256, 1024, 4096),
    tuple(Line(each, "CPU ms/request", most=1) for each in LABELS),
    _measure,
)
