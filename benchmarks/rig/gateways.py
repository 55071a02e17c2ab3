"""Configurations of the reference server for pressure runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.rig.provider import ControlledProvider

BASE_PATH = "/api/client/v1"
# The formats of speech, the quick ones to make first, and how the gateway labels them.
LABELS = {
    "pcm": "audio/pcm",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "opus": "audio/ogg",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
}


def config_before(provider: ControlledProvider, **more: Any) -> dict[str, Any]:
    """A gateway before a provider in another process: models ``say`` and ``hear``, one token ``load``, few log lines."""
    return {
        "providers": {
            "cloud": {"kind": "openai", "base_url": provider.base_url, "api_key": "sk-benchmark", "timeout_s": 300}
        },
        "models": {
            "say": {"capability": "speech", "provider": "cloud", "upstream_model": "tts-1"},
            "hear": {"capability": "transcription", "provider": "cloud", "upstream_model": "whisper-1"},
        },
        "tokens": [{"name": "load", "token": "cpeer_benchmark_load"}],
        "log_level": "error",
        **more,
    }


def config_alone(models: int = 1, tokens: int = 1) -> dict[str, Any]:
    """A gateway before the mock in its own process, without what is there for developers: many models, many tokens."""
    speech = {"capability": "speech", "provider": "mock", "upstream_model": "tts-1"}
    return {
        "providers": {"mock": {"kind": "mock"}},
        "models": {model_of(number): dict(speech) for number in range(models)},
        "tokens": [{"name": f"team-{number}", "token": token_of(number)} for number in range(tokens)],
        "log_level": "error",
    }


def model_of(number: int) -> str:
    """The model key of a number in `config_alone`."""
    return f"model-{number}"


def token_of(number: int) -> str:
    """The token of a number in `config_alone`."""
    return f"cpeer_benchmark_{number:06}"
