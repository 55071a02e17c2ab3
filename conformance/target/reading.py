"""The target file, strictly read.

`${NAME}` in any string is read from the environment. A wrong key or value raises TargetError, which names the path in the
file and what is allowed there.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from conformance.errors import TargetError
from conformance.target.model import FORMATS, TRANSCRIPT_FORMATS, Expect, MockProvider, Target, Tls


def load(
    path: Path, environment: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None
) -> Target:
    """Read a target file; `overrides` go before what it says at its top level.

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
    return _beside(path.parent, parse({**data, **(overrides or {})} if isinstance(data, dict) else data, environment))


def parse(data: Any, environment: Mapping[str, str] | None = None) -> Target:
    """Turn plain data into a Target. Raises TargetError at the first thing that is wrong."""
    if not isinstance(data, dict):
        raise TargetError("", "a target is a mapping.", f"It holds {_names(_SCHEMA)}.")
    expanded = _expand(data, os.environ if environment is None else environment, "")
    _validate(expanded)
    target = msgspec.convert(expanded, Target)
    _check_headers(target.headers)
    _check_client_certificate(target.tls)
    _check_formats(target.expect)
    _check_mock(target.mock_provider)
    return target


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a target file, with every `${NAME}` replaced."""
    drawn: dict[str, Any] = msgspec.json.schema(Target)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **drawn, **drawn["$defs"]["Target"]}


_SCHEMA = schema()


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
    violated: Any = error.schema
    return list(violated.get("properties", {}))


def _allowed(error: ValidationError) -> str:
    if error.validator == "required":
        required: Any = error.validator_value
        return f"Required here: {', '.join(map(str, required))}."
    if error.validator == "pattern":
        return f"It has to match {error.validator_value}."
    return ""


def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:200]}…"


def _names(known: Mapping[str, Any]) -> str:
    return ", ".join(known["properties"])


def _path(parts: Any) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")


_TLS_FILES = ("ca_file", "client_cert", "client_key")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VARIED = "Checks vary it."
# The headers that no target can set, in lower case, and why.
_OF_THE_CHECKS = {
    "authorization": "It carries the token: declare that as `token`.",
    "proxy-authorization": "Write user and password into the proxy's URL.",
    "host": "It follows from base_url.",
    **dict.fromkeys(("content-type", "content-length", "transfer-encoding", "connection", "expect", "te"), _VARIED),
}
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


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


def _beside(folder: Path, target: Target) -> Target:
    """The target with the files of its TLS found from the folder that the target file is in."""
    if target.tls is None:
        return target
    named = {key: getattr(target.tls, key) for key in _TLS_FILES if getattr(target.tls, key)}
    found = {key: str(folder / name) for key, name in named.items()}
    return msgspec.structs.replace(target, tls=msgspec.structs.replace(target.tls, **found))


def _check_headers(headers: Mapping[str, str]) -> None:
    for name in headers:
        if not _HEADER_NAME.fullmatch(name):
            raise TargetError(f"headers.{name}", "no name of a header.", "Letters, digits and hyphens.")
        if name.lower() in _OF_THE_CHECKS:
            raise TargetError(f"headers.{name}", "the suite sends this one itself.", _OF_THE_CHECKS[name.lower()])


def _check_client_certificate(tls: Tls | None) -> None:
    if tls and tls.client_key and not tls.client_cert:
        raise TargetError("tls.client_cert", "missing.", "A client's key goes with its certificate.")


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
