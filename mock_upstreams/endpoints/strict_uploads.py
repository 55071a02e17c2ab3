"""What the real providers refuse of an upload and of the fields beside it, by model family; run only with `--strict`.

Where it was observed rather than documented: `.oga` and files that are not what their name says are taken by whisper-1,
which looks at the bytes, and refused by the gpt-4o models. Documented: which fields and formats a diarizing model takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from mock_upstreams.codecs import declared_seconds
from mock_upstreams.endpoints.parameters import GRANULARITIES, text
from mock_upstreams.errors import ProviderRefusal
from mock_upstreams.recognition.languages import LANGUAGES
from mock_upstreams.requests import ReceivedRequest

_EXTENSIONS = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
_LOOKS_AT_NAMES = "gpt-4o"
_PLAIN_ONLY = ("gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-transcribe")
_DIARIZES = "-diarize"
_DIARIZED = "diarized_json"
_LONGEST_UNCHUNKED_S = 30.0
_INCLUDE = ("include[]", "include")

# How a file begins that is what its name says; the first bytes of what stands at an offset.
_MP4 = (4, (b"ftyp",))
_OGG = (0, (b"OggS",))
_MPEG = (0, (b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xe3", b"\x00\x00\x01\xba", b"\xff\xfd"))
_HEADS: dict[str, tuple[int, tuple[bytes, ...]]] = {
    "flac": (0, (b"fLaC", b"ID3")),
    "wav": (0, (b"RIFF", b"RIFX", b"RF64")),
    "webm": (0, (b"\x1a\x45\xdf\xa3",)),
    **dict.fromkeys(("m4a", "mp4"), _MP4),
    **dict.fromkeys(("ogg", "oga"), _OGG),
    **dict.fromkeys(("mp3", "mpeg", "mpga"), _MPEG),
}
Rule = Callable[[ReceivedRequest, str], None]


def known_extension(request: ReceivedRequest, model: str) -> None:
    """Refuses a file whose name does not say its format, or says one that this model does not take."""
    extension = _extension(request)
    if extension not in _EXTENSIONS:
        raise ProviderRefusal(f"Unrecognized file format. Supported formats: {list(_EXTENSIONS)}")
    if extension == "oga" and model.startswith(_LOOKS_AT_NAMES):
        raise ProviderRefusal("Unsupported file format oga", param="file", code="unsupported_value")


def content_matches_name(request: ReceivedRequest, model: str) -> None:
    """Refuses an m4a that calls itself a wav, and its like."""
    upload = request.body.upload
    if upload is None or not model.startswith(_LOOKS_AT_NAMES):
        return
    offset, heads = _HEADS[_extension(request)]
    if upload.data and not upload.data[offset:].startswith(heads):
        raise _invalid("file", "Audio file might be corrupted or unsupported")


def language_code(request: ReceivedRequest, _model: str) -> None:
    """Refuses a language that is no code of ISO 639-1, or none that is known."""
    language = text(request, "language")
    if not language:
        return
    if not re.fullmatch("[A-Za-z]{2}", language):
        message = f"Invalid language '{language}'. Language parameter must be specified in ISO-639-1 format."
        raise ProviderRefusal(message, param="language", code="invalid_language_format")
    if language.lower() not in LANGUAGES:
        message = f"Language '{language}' is not supported."
        raise ProviderRefusal(message, param="language", code="unsupported_language")


def format_of_model(request: ReceivedRequest, model: str) -> None:
    """Refuses a response format of another family: details are whisper-1's, speakers a diarizing model's."""
    wanted = text(request, "response_format") or "json"
    plain, diarizes = model.startswith(_PLAIN_ONLY), model.endswith(_DIARIZES)
    allowed = {"json", "text"} | ({_DIARIZED} if diarizes else set())
    if (plain and wanted not in allowed) or (wanted == _DIARIZED and not diarizes):
        message = f"response_format '{wanted}' is not compatible with model '{model}'. Use 'json' or 'text' instead."
        raise _invalid("response_format", message)


def granularities_need_detail(request: ReceivedRequest, _model: str) -> None:
    """Refuses granularities where there are no times to detail."""
    if request.all(*GRANULARITIES) and text(request, "response_format") != "verbose_json":
        message = "timestamp_granularities are only supported with response_format 'verbose_json'."
        raise _invalid("timestamp_granularities", message)


def chunking(request: ReceivedRequest, model: str) -> None:
    """Refuses a strategy that is none, and a long recording without one where speakers are to be told apart."""
    strategy = _strategy(request)
    if strategy is not None:
        if strategy != "auto" and not (isinstance(strategy, dict) and strategy.get("type") == "server_vad"):
            raise _invalid("chunking_strategy", "Invalid 'chunking_strategy': expected 'auto' or type 'server_vad'.")
        return
    upload = request.body.upload
    if model.endswith(_DIARIZES) and upload and declared_seconds(upload.data) > _LONGEST_UNCHUNKED_S:
        raise _invalid("chunking_strategy", "chunking_strategy is required for diarization models")


def no_prompt_for_speakers(request: ReceivedRequest, model: str) -> None:
    """Refuses a prompt to a diarizing model, which takes none."""
    if model.endswith(_DIARIZES) and text(request, "prompt"):
        raise _invalid("prompt", "Prompt is not supported for diarization models")


def log_probabilities(request: ReceivedRequest, model: str) -> None:
    """Refuses `include` where there are no log probabilities to tell."""
    if not request.all(*_INCLUDE):
        return
    family = model.startswith(("gpt-4o-transcribe", "gpt-4o-mini-transcribe")) and not model.endswith(_DIARIZES)
    if not family or (text(request, "response_format") or "json") != "json":
        raise _invalid(
            "include", "logprobs are only supported with response_format 'json' and models that report them."
        )


UPLOAD_RULES: tuple[Rule, ...] = (known_extension, content_matches_name)
TRANSCRIPTION_RULES: tuple[Rule, ...] = (
    *(language_code, format_of_model, granularities_need_detail),
    *(chunking, no_prompt_for_speakers, log_probabilities),
)


def only_transcribes(model: str) -> bool:
    """Whether a model only transcribes: translations are whisper-1's."""
    return model.startswith(_PLAIN_ONLY)


def _extension(request: ReceivedRequest) -> str:
    name = (request.body.upload.name if request.body.upload else None) or ""
    return name.rpartition(".")[2].lower() if "." in name else ""


def _strategy(request: ReceivedRequest) -> object:
    """The strategy in either spelling: one field, which may hold JSON, or a field for each of its members."""
    whole = request.get("chunking_strategy")
    members = {
        name.removeprefix("chunking_strategy[").removesuffix("]"): value
        for name, value in request.body.fields
        if name.startswith("chunking_strategy[")
    }
    if members:
        return members
    try:
        return json.loads(whole) if isinstance(whole, str) and whole.startswith("{") else whole or None
    except (ValueError, RecursionError):
        return whole


def _invalid(param: str, message: str) -> ProviderRefusal:
    return ProviderRefusal(message, param=param, code="invalid_value")
