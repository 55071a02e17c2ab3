"""What the suite is told of the gateway under test: the target file, strictly read.

``base_url`` and ``token`` alone make a first run; every further part unlocks requirements. ``${NAME}`` in any string is
read from the environment. A wrong key or value raises TargetError, which names the path in the file and what is allowed.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from conformance.errors import TargetError

FORMATS = ("mp3", "opus", "aac", "flac", "wav", "pcm")
TRANSCRIPT_FORMATS = ("json", "text", "srt", "vtt", "verbose_json")
DEFAULT_TIMEOUT_S = 30.0

Text = Annotated[str, msgspec.Meta(min_length=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/]+")]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the target file; unknown keys are refused."""


class PerOperation(_Part, frozen=True):
    """A name for each operation that has one."""

    speech: Text | None = None
    transcription: Text | None = None
    translation: Text | None = None


class Models(_Part, frozen=True):
    """The gateway's model keys. The first of a list is used by default; a second unlocks the routing checks.

    ``voice`` is one that the providers behind know: for a gateway whose real providers know no "alloy".
    """

    speech: tuple[Text, ...] = ()
    transcription: tuple[Text, ...] = ()
    azure_speech: Text | None = None
    azure_transcription: Text | None = None
    voice: Text = "alloy"
    without_deployment: PerOperation = PerOperation()


class RateLimit(_Part, frozen=True):
    """A token with a rate limit: ``limit`` requests in ``window_s`` seconds. Limit 0 means that it is over already."""

    token: Text
    limit: Annotated[int, msgspec.Meta(ge=0)] = 0
    window_s: Positive = 60.0


class Budget(_Part, frozen=True):
    """A token whose budget is spent."""

    token: Text


class PerRequest(_Part, frozen=True):
    """A token with quotas per request."""

    token: Text
    max_characters: Annotated[int, msgspec.Meta(ge=1)] | None = None
    max_upload_bytes: Annotated[int, msgspec.Meta(ge=1)] | None = None


class LimitedTokens(_Part, frozen=True):
    rate_limit: RateLimit | None = None
    budget: Budget | None = None
    per_request: PerRequest | None = None


class Expect(_Part, frozen=True):
    """What the gateway's own mapping should produce on the provider's side.

    ``deployments`` maps an Azure key to its deployment, or to one for each operation.
    """

    upstream_models: dict[str, Text] = {}
    deployments: dict[str, Text | PerOperation] = {}
    formats: tuple[str, ...] = ()
    transcript_formats: tuple[str, ...] = ()

    def deployment(self, key: str, operation: str) -> str | None:
        """Where an Azure key's requests for an operation go; None where the target does not say."""
        declared = self.deployments.get(key)
        return getattr(declared, operation) if isinstance(declared, PerOperation) else declared


class MockProvider(_Part, frozen=True):
    """The mock behind the gateway: ``listen`` starts one here for the run, ``control_url`` uses one that runs already."""

    listen: Annotated[str, msgspec.Meta(pattern=r"^\S+:\d+$")] | None = None
    control_url: Url | None = None
    control_token: Text | None = None


class Lifecycle(_Part, frozen=True):
    terminate: Text
    start: Text
    drain_s: Positive = 5.0


class Target(_Part, frozen=True):
    """The gateway under test, as far as the suite has been told of it."""

    base_url: Url
    token: Text
    max_rate: Positive | None = None
    models: Models = Models()
    limited_tokens: LimitedTokens = LimitedTokens()
    expect: Expect = Expect()
    mock_provider: MockProvider | None = None
    lifecycle: Lifecycle | None = None
    timeout_s: Positive | None = None
    max_upload_mb: Positive | None = None

    def secrets(self) -> tuple[str, ...]:
        """Every secret that a report must not show, longest first."""
        limited = self.limited_tokens
        held = [self.token, *(part.token for part in (limited.rate_limit, limited.budget, limited.per_request) if part)]
        if self.mock_provider and self.mock_provider.control_token:
            held.append(self.mock_provider.control_token)
        return tuple(sorted(set(held), key=len, reverse=True))

    def describe(self) -> dict[str, Any]:
        """The target as plain data, secrets replaced: what a report may show."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return {key: value for key, value in _redact(plain, self.secrets()).items() if value not in (None, {}, [])}


def load(
    path: Path, environment: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None
) -> Target:
    """Read a target file; ``overrides`` go before what it says at its top level.

    Raises TargetError naming the path in the file, or the file where it is no YAML mapping.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TargetError("", f"the target file {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = getattr(error, "problem_mark", None)
        where = f" at line {place.line + 1}" if place else ""
        raise TargetError("", f"the target file {path} is not valid YAML{where}.") from error
    return parse({**data, **(overrides or {})} if isinstance(data, dict) else data, environment)


def parse(data: Any, environment: Mapping[str, str] | None = None) -> Target:
    """Turn plain data into a Target. Raises TargetError at the first thing that is wrong."""
    if not isinstance(data, dict):
        raise TargetError("", "a target is a mapping.", f"It holds {_names(_SCHEMA)}.")
    expanded = _expand(data, os.environ if environment is None else environment, "")
    _validate(expanded)
    target = msgspec.convert(expanded, Target)
    _check_formats(target.expect)
    _check_mock(target.mock_provider)
    return target


def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = msgspec.json.schema(Target)
    return {**schema, **schema["$defs"]["Target"]}


_SCHEMA = _schema()


def _validate(data: Any) -> None:
    error = best_match(Draft202012Validator(_SCHEMA).iter_errors(data))
    if error is None:
        return
    path = _path(error.absolute_path)
    unknown = _unknown_key(error)
    if unknown is None:
        raise TargetError(path, f"{_short(error.message)}.", _allowed(error))
    known = _known_keys(error)
    close = difflib.get_close_matches(unknown, known, n=1)
    meant = f" Did you mean `{close[0]}`?" if close else ""
    raise TargetError(f"{path}.{unknown}".lstrip("."), "unknown key.", f"Allowed here: {', '.join(known)}.{meant}")


def _unknown_key(error: ValidationError) -> str | None:
    if error.validator != "additionalProperties" or not isinstance(error.instance, dict):
        return None
    known = _known_keys(error)
    return next((str(key) for key in error.instance if key not in known), None)


def _known_keys(error: ValidationError) -> list[str]:
    schema: Any = error.schema
    return list(schema.get("properties", {}))


def _allowed(error: ValidationError) -> str:
    if error.validator == "required":
        required: Any = error.validator_value
        return f"Required here: {', '.join(map(str, required))}."
    if error.validator == "pattern":
        return f"It has to match {error.validator_value}."
    return ""


def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:200]}…"


def _names(schema: Mapping[str, Any]) -> str:
    return ", ".join(schema["properties"])


def _path(parts: Any) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")


_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# A secret of fewer characters stands by chance inside other words.
_LEAST_SECRET = 8


def _expand(value: Any, environment: Mapping[str, str], path: str) -> Any:
    if isinstance(value, dict):
        return {key: _expand(item, environment, f"{path}.{key}".lstrip(".")) for key, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, environment, f"{path}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _variable(match[1], environment, path), value)
    return value


def _variable(name: str, environment: Mapping[str, str], path: str) -> str:
    if name not in environment:
        raise TargetError(path, f"the environment variable {name} is not set.", f"Set it, or write {path} out.")
    return environment[name]


def _check_formats(expect: Expect) -> None:
    for key, given, allowed in (
        ("formats", expect.formats, FORMATS),
        ("transcript_formats", expect.transcript_formats, TRANSCRIPT_FORMATS),
    ):
        for index, name in enumerate(given):
            if name not in allowed:
                raise TargetError(
                    f"expect.{key}[{index}]", f"unknown format {name!r}.", f"Allowed: {', '.join(allowed)}."
                )


def _check_mock(mock: MockProvider | None) -> None:
    if mock and not mock.listen and not mock.control_url:
        raise TargetError(
            "mock_provider", "says neither where to start a mock nor where one runs.", "Set listen or control_url."
        )
    if mock and mock.control_url and not mock.listen and not mock.control_token:
        raise TargetError(
            "mock_provider.control_token", "missing.", "A mock that runs already needs its control token."
        )


def _redact(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _redact(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redact(item, secrets) for item in value]
    return redact_text(value, secrets) if isinstance(value, str) else value


def redact_text(text: str, secrets: tuple[str, ...]) -> str:
    """A text with every secret replaced by its first characters and an ellipsis.

    A short one, as people use them to try things out, is replaced as a whole word only: `x` is no secret of `text`.
    """
    for secret in secrets:
        found = re.escape(secret)
        if len(secret) < _LEAST_SECRET:
            found = rf"(?<![\w-]){found}(?![\w-])"
        mask = f"{secret[:4]}…redacted".replace("\\", r"\\")
        text = re.sub(found, mask, text)
    return text
