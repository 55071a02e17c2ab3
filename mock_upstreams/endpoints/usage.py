"""Token counts for `usage`: deterministic stand-ins of the right type and about the right size."""

from __future__ import annotations

import math
import re
from typing import Any

from mock_upstreams.provider import SpeechRequest
from mock_upstreams.transcripts import Transcript

WORD = re.compile(r"\s*\S+|\s+\Z")
"""One piece of a streamed text; the pieces of a text join to it."""

_CHARACTERS_PER_TOKEN = 4
_AUDIO_TOKENS_PER_SECOND = 10


def speech_usage(request: SpeechRequest) -> dict[str, int]:
    """Returns the usage of a speech call."""
    read = _tokens(request.input) + _tokens(request.instructions or "")
    spoken = 5 * _tokens(request.input)
    return {"input_tokens": read, "output_tokens": spoken, "total_tokens": read + spoken}


def transcript_usage(transcript: Transcript) -> dict[str, Any]:
    """Returns the usage of a transcription by a model that is paid by tokens."""
    audio, written = math.ceil(transcript.duration * _AUDIO_TOKENS_PER_SECOND), _tokens(transcript.text)
    return {
        "type": "tokens",
        "input_tokens": audio,
        "input_token_details": {"text_tokens": 0, "audio_tokens": audio},
        "output_tokens": written,
        "total_tokens": audio + written,
    }


def logprobs(text: str) -> list[dict[str, Any]]:
    """Returns the log probabilities of a text's tokens, one token for each word."""
    words = (match.group() for match in WORD.finditer(text))
    return [{"token": word, "logprob": -0.01, "bytes": list(word.encode())} for word in words]


def _tokens(text: str) -> int:
    return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)
