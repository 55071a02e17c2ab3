"""Token counts for ``usage``: deterministic stand-ins of the right type and about the right size."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_upstreams.provider import SpeechOrder
    from mock_upstreams.transcripts import Transcript

__all__ = ["WORD", "logprobs", "speech_usage", "transcript_usage"]

WORD = re.compile(r"\s*\S+|\s+\Z")
"""One piece of a streamed text; the pieces of a text join to it."""

_CHARACTERS_PER_TOKEN = 4
_AUDIO_TOKENS_PER_SECOND = 10


def speech_usage(order: SpeechOrder) -> dict[str, int]:
    """Return the usage of a speech call."""
    read = _tokens(order.input) + _tokens(order.instructions or "")
    spoken = 5 * _tokens(order.input)
    return {"input_tokens": read, "output_tokens": spoken, "total_tokens": read + spoken}


def transcript_usage(transcript: Transcript) -> dict[str, Any]:
    """Return the usage of a transcription by a model that is paid by tokens."""
    heard, written = math.ceil(transcript.duration * _AUDIO_TOKENS_PER_SECOND), _tokens(transcript.text)
    return {
        "type": "tokens",
        "input_tokens": heard,
        "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
        "output_tokens": written,
        "total_tokens": heard + written,
    }


def logprobs(text: str) -> list[dict[str, Any]]:
    """Return the log probabilities of a text's tokens, one token for each word."""
    words = (match.group() for match in WORD.finditer(text))
    return [{"token": word, "logprob": -0.01, "bytes": list(word.encode())} for word in words]


def _tokens(text: str) -> int:
    return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)
