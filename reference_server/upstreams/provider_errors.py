"""Reads the error bodies of OpenAI and Azure OpenAI: the reason, one of a closed list, and the field that they name.

Nothing of their text goes further: only what these rules find in it. Every rule names a `code`, a `param`, words of the
message, or several of them; the first that fits wins.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from reference_server.refusals import Reason
from reference_server.upstreams.protocol import ProviderRefused

_LONGEST_MESSAGE = 2000


class _Rule(NamedTuple):
    """`code` and `message` are patterns, searched for; `param` is compared as it is. An empty one fits anything."""

    reason: Reason
    code: str = ""
    param: str = ""
    message: str = ""


_RULES = (
    _Rule(Reason.AUDIO_TOO_SHORT, code=r"^audio_too_short$"),
    _Rule(Reason.AUDIO_TOO_SHORT, message=r"(audio|file).{0,40}too short"),
    _Rule(Reason.AUDIO_TOO_LONG, code=r"^audio_too_long$"),
    _Rule(Reason.AUDIO_TOO_LONG, message=r"audio.{0,40}(too long|longer than)"),
    _Rule(Reason.AUDIO_TOO_LARGE, message=r"(maximum content size|content size limit|file.{0,40}too large)"),
    _Rule(Reason.NO_AUDIO_TRACK, message=r"no audio (track|stream)"),
    _Rule(Reason.UNKNOWN_FORMAT, message=r"(invalid|unrecognized|unsupported) file format"),
    _Rule(Reason.AUDIO_DAMAGED, message=r"(could not be decoded|corrupted|failed to decode)"),
    _Rule(Reason.UNKNOWN_LANGUAGE, param="language"),
    _Rule(Reason.UNKNOWN_LANGUAGE, code=r"language"),
    _Rule(Reason.UNKNOWN_LANGUAGE, message=r"(invalid|unsupported) language"),
    _Rule(Reason.INPUT_TOO_LONG, param="input", code=r"above_max_length"),
    _Rule(Reason.INPUT_TOO_LONG, param="input", message=r"too long|maximum length"),
    _Rule(Reason.UNKNOWN_VOICE, param="voice"),
    _Rule(Reason.OUT_OF_RANGE, param="speed"),
    _Rule(Reason.OUT_OF_RANGE, param="temperature"),
    _Rule(Reason.UNSUPPORTED_GRANULARITIES, param="timestamp_granularities"),
    _Rule(Reason.UNSUPPORTED_RESPONSE_FORMAT, param="response_format"),
    _Rule(Reason.UNKNOWN_MODEL, code=r"^(model_not_found|DeploymentNotFound)$"),
    _Rule(Reason.CONTENT_POLICY, code=r"content_(policy|filter)"),
)


class _Error(msgspec.Struct):
    param: Any = None
    code: Any = None
    message: Any = None


class _Envelope(msgspec.Struct):
    error: _Error


def refusal_of(status: int, body: bytes, retry_after: str | None) -> ProviderRefused:
    """The refusal that a provider's error response stands for; a body that is not the usual envelope names nothing."""
    try:
        error = msgspec.json.decode(body, type=_Envelope).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        error = _Error()
    code, param, message = (each if isinstance(each, str) else "" for each in (error.code, error.param, error.message))
    return ProviderRefused(status, param or None, retry_after, reason_of(code, param, message))


def reason_of(code: str, param: str, message: str) -> Reason | None:
    """The reason that the members of an error object give, None for one that is not known."""
    fits = (rule.reason for rule in _RULES if _fits(rule, code, param.partition("[")[0], message[:_LONGEST_MESSAGE]))
    return next(fits, None)


def _fits(rule: _Rule, code: str, param: str, message: str) -> bool:
    return (
        rule.param in {"", param}
        and re.search(rule.code, code) is not None
        and re.search(rule.message, message, re.IGNORECASE) is not None
    )
