"""Synthesizes speech with SVOX Pico (py-nanotts): small, quick, six languages. Runs in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

from py_nanotts import MAX_SPEED, MIN_SPEED, NanoTTS

from reference_server.refusals import Reason
from reference_server.upstreams.local_engines.codecs import encode
from reference_server.upstreams.local_engines.messages import Audio, CannotServe, SynthesisCall
from reference_server.upstreams.local_engines.speakable import pieces, speakable

_RATE = 16_000
_LONGEST_S = 1800
_BYTES_PER_S = _RATE * 2


class Synthesizer:
    """One engine."""

    def __init__(self) -> None:
        self._engine = NanoTTS()

    def answer(self, call: SynthesisCall) -> Audio:
        """A whole file of audio. Raises CannotServe for a text without a sound, or with over half an hour of it."""
        return Audio(encode(self._samples(speakable(call.text), call), _RATE, call.response_format))

    def _samples(self, plain: str, call: SynthesisCall) -> Iterator[bytes]:
        speed = None if call.speed is None else min(max(call.speed, MIN_SPEED), MAX_SPEED)
        size = 0
        for piece in pieces(plain):
            try:
                samples = self._engine.speak(piece, voice=call.language, speed=speed)
            except RuntimeError:  # what the engine says of a text that it cannot take
                raise CannotServe(Reason.INPUT_UNSPEAKABLE) from None
            size += len(samples)
            if size > _LONGEST_S * _BYTES_PER_S:
                raise CannotServe(Reason.INPUT_TOO_LONG)
            if samples:
                yield samples
        if size == 0:
            raise CannotServe(Reason.INPUT_UNSPEAKABLE)
