"""What the real providers refuse and the lenient mock lets pass: one small rule each, run only with ``--strict``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_upstreams.errors import MockProviderError
from mock_upstreams.faces.refusals import missing_parameter, unknown_model
from mock_upstreams.orders import GRANULARITIES, number, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_upstreams.arrivals import Arrival

__all__ = ["MOST_BODY_BYTES", "check_strictly"]

MOST_BODY_BYTES = 26_214_400
"""OpenAI's limit for the whole body of an upload."""

_VOICES = frozenset(
    "alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse".split()  # noqa: SIM905 - read as a row
)
_EXTENSIONS = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
_SPEECH_FIELDS = frozenset(
    {"model", "input", "voice", "instructions", "response_format", "speed", "stream_format"},
)
_OLD_VOICES_ONLY = ("tts-1", "tts-1-hd")
_PLAIN_ONLY = ("gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-transcribe")

Rule = "Callable[[Arrival, str], None]"


def check_strictly(arrival: Arrival, model: str) -> None:
    """Refuse what the real provider would. Raises MockProviderError."""
    for rule in _RULES[arrival.address.operation or "speech"]:
        rule(arrival, model)


def _no_extra_fields(arrival: Arrival, _model: str) -> None:
    for name, _ in arrival.body.fields:
        if name not in _SPEECH_FIELDS:
            raise MockProviderError(f"Unrecognized request argument supplied: {name}")


def _known_voice(arrival: Arrival, _model: str) -> None:
    voice = arrival.get("voice")
    if voice is None:
        raise missing_parameter("voice")
    if isinstance(voice, str) and voice not in _VOICES:
        allowed = ", ".join(f"'{name}'" for name in sorted(_VOICES))
        raise _invalid("voice", f"Invalid value: '{voice}'. Supported values are: {allowed}.")


def _speed_in_range(arrival: Arrival, _model: str) -> None:
    _check_range(arrival, "speed", 0.25, 4.0)


def _stream_format(arrival: Arrival, model: str) -> None:
    if text(arrival, "stream_format") == "sse" and model.startswith(_OLD_VOICES_ONLY):
        raise _invalid("stream_format", f"stream_format 'sse' is not compatible with model '{model}'.")


def _known_extension(arrival: Arrival, _model: str) -> None:
    name = arrival.body.upload.name if arrival.body.upload else None
    if (name or "").rpartition(".")[2].lower() not in _EXTENSIONS or "." not in (name or ""):
        raise MockProviderError(f"Unrecognized file format. Supported formats: {list(_EXTENSIONS)}")


def _temperature_in_range(arrival: Arrival, _model: str) -> None:
    _check_range(arrival, "temperature", 0.0, 1.0)


def _format_of_model(arrival: Arrival, model: str) -> None:
    wanted = text(arrival, "response_format") or "json"
    diarizes = model.endswith("-diarize")
    allowed = ("json", "text", "diarized_json") if diarizes else ("json", "text")
    if model.startswith(_PLAIN_ONLY) and wanted not in allowed:
        message = f"response_format '{wanted}' is not compatible with model '{model}'. Use 'json' or 'text' instead."
        raise _invalid("response_format", message)


def _granularities_need_detail(arrival: Arrival, _model: str) -> None:
    if arrival.all(*GRANULARITIES) and text(arrival, "response_format") != "verbose_json":
        message = "timestamp_granularities are only supported with response_format 'verbose_json'."
        raise _invalid("timestamp_granularities", message)


def _whisper_translates(_arrival: Arrival, model: str) -> None:
    if model.startswith(_PLAIN_ONLY):
        raise unknown_model(model)


def _check_range(arrival: Arrival, name: str, least: float, most: float) -> None:
    value = number(arrival, name)
    if value is not None and not least <= value <= most:
        bound, code, limit = (
            ("greater", "decimal_below_min_value", least)
            if value < least
            else ("less", "decimal_above_max_value", most)
        )
        message = f"Invalid '{name}': decimal {code.split('_')[1]} {'minimum' if value < least else 'maximum'} value."
        message += f" Expected a value {bound} than or equal to {limit}, but got {value} instead."
        raise MockProviderError(message, param=name, code=code)


def _invalid(param: str, message: str) -> MockProviderError:
    return MockProviderError(message, param=param, code="invalid_value")


_HEARING: tuple[Callable[[Arrival, str], None], ...] = (_known_extension, _temperature_in_range)
_RULES: dict[str, tuple[Callable[[Arrival, str], None], ...]] = {
    "speech": (_no_extra_fields, _known_voice, _speed_in_range, _stream_format),
    "transcription": (*_HEARING, _format_of_model, _granularities_need_detail),
    "translation": (_whisper_translates, *_HEARING),
}
