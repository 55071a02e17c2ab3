"""Synthesizes speech with SVOX Pico (py-nanotts): small, quick, six languages."""

from __future__ import annotations

import threading

from py_nanotts import MAX_SPEED, MIN_SPEED, NanoTTS
from py_nanotts import Voice as PicoVoice

from reference_server.upstreams.local_engines.codecs import encode

LANGUAGES = tuple(voice.value for voice in PicoVoice)
_RATE = 16_000


class Synthesizer:
    """One engine, used by one thread at a time: it keeps state between calls."""

    def __init__(self, language: str) -> None:
        self._engine = NanoTTS()
        self._language = language
        self._lock = threading.Lock()

    def synthesize(self, text: str, voice: str | None, speed: float | None, response_format: str | None) -> bytes:
        """A whole file of audio, empty when nothing in `text` has a sound.

        `voice` may be one of `LANGUAGES`; any other name (as a cloud provider's) gets the configured one.
        """
        language = voice if voice in LANGUAGES else self._language
        pace = None if speed is None else min(max(speed, MIN_SPEED), MAX_SPEED)
        with self._lock:
            pcm = self._engine.speak(text, voice=language, speed=pace)
        return encode(pcm, _RATE, response_format or "mp3") if pcm else b""
