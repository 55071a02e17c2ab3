"""What the real providers refuse and the lenient mock lets pass: one small rule each, run only with `--strict`."""

from __future__ import annotations

from mock_upstreams.endpoints.parameters import number, text
from mock_upstreams.endpoints.strict_uploads import TRANSCRIPTION_RULES, UPLOAD_RULES, Rule, only_transcribes
from mock_upstreams.errors import ProviderRefusal
from mock_upstreams.faces.refusals import missing_parameter, unknown_model
from mock_upstreams.requests import ReceivedRequest

MOST_BODY_BYTES = 26_214_400
"""OpenAI's limit for the whole body of an upload."""

_VOICES = frozenset(
    "alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse".split()  # noqa: SIM905 - read as a row
)
_SPEECH_FIELDS = frozenset(
    {"model", "input", "voice", "instructions", "response_format", "speed", "stream_format"},
)
_OLD_VOICES_ONLY = ("tts-1", "tts-1-hd")


def check_strictly(request: ReceivedRequest, model: str) -> None:
    """Refuses what the real provider would. Raises ProviderRefusal."""
    for rule in _RULES[request.address.operation or "speech"]:
        rule(request, model)


def _no_extra_fields(request: ReceivedRequest, _model: str) -> None:
    for name, _ in request.body.fields:
        if name not in _SPEECH_FIELDS:
            raise ProviderRefusal(f"Unrecognized request argument supplied: {name}")


def _known_voice(request: ReceivedRequest, _model: str) -> None:
    voice = request.get("voice")
    if voice is None:
        raise missing_parameter("voice")
    if isinstance(voice, str) and voice not in _VOICES:
        allowed = ", ".join(f"'{name}'" for name in sorted(_VOICES))
        raise _invalid("voice", f"Invalid value: '{voice}'. Supported values are: {allowed}.")


def _speed_in_range(request: ReceivedRequest, _model: str) -> None:
    _check_range(request, "speed", 0.25, 4.0)


def _stream_format(request: ReceivedRequest, model: str) -> None:
    if text(request, "stream_format") == "sse" and model.startswith(_OLD_VOICES_ONLY):
        raise _invalid("stream_format", f"stream_format 'sse' is not compatible with model '{model}'.")


def _temperature_in_range(request: ReceivedRequest, _model: str) -> None:
    _check_range(request, "temperature", 0.0, 1.0)


def _whisper_translates(_request: ReceivedRequest, model: str) -> None:
    if only_transcribes(model):
        raise unknown_model(model)


def _check_range(request: ReceivedRequest, name: str, least: float, most: float) -> None:
    value = number(request, name)
    if value is not None and not least <= value <= most:
        bound, code, limit = (
            ("greater", "decimal_below_min_value", least)
            if value < least
            else ("less", "decimal_above_max_value", most)
        )
        message = f"Invalid '{name}': decimal {code.split('_')[1]} {'minimum' if value < least else 'maximum'} value."
        message += f" Expected a value {bound} than or equal to {limit}, but got {value} instead."
        raise ProviderRefusal(message, param=name, code=code)


def _invalid(param: str, message: str) -> ProviderRefusal:
    return ProviderRefusal(message, param=param, code="invalid_value")


_UPLOADS: tuple[Rule, ...] = (*UPLOAD_RULES, _temperature_in_range)
_RULES: dict[str, tuple[Rule, ...]] = {
    "speech": (_no_extra_fields, _known_voice, _speed_in_range, _stream_format),
    "transcription": (*_UPLOADS, *TRANSCRIPTION_RULES),
    "translation": (_whisper_translates, *_UPLOADS),
}
