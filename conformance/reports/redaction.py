"""Secrets in what is shown: the one place that knows how they are replaced."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from conformance.http.credentials import RECOGNISABLE_LENGTH, SECRET_HEADERS, in_base64
from conformance.target import Target

REDACTED = "…redacted"
# With the characters of base64 beside it, which hold a part of what it codes.
_AROUND = "[A-Za-z0-9+/_-]{0,4}%s[A-Za-z0-9+/_-]{0,4}={0,2}"
_URL_SAFE = str.maketrans("+/", "-_")


def describe(target: Target) -> dict[str, Any]:
    """The target as plain data, secrets replaced: what a report may show. Parts that were not declared are left out."""
    plain: dict[str, Any] = msgspec.to_builtins(target)
    plain["headers"] = dict.fromkeys(target.headers, REDACTED)
    plain["proxy"] = without_password(target.proxy) if target.proxy else None
    return {key: value for key, value in redact(plain, target.secrets()).items() if value not in (None, {}, [])}


def without_password(url: str) -> str:
    """A URL with the password in it replaced."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:{REDACTED}@{host}"))


def redact(value: Any, secrets: tuple[str, ...]) -> Any:
    """JSON values with the secrets in their texts replaced, fit to be written by every report.

    Lone surrogates (bytes that were no text) are spelled out.
    """
    if isinstance(value, dict):
        return {key: redact(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(item, secrets) for item in value]
    return writable(redact_text(value, secrets)) if isinstance(value, str) else value


def writable(text: str) -> str:
    """The text with lone surrogates, which no UTF-8 file can hold, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def redact_text(text: str, secrets: tuple[str, ...]) -> str:
    """A text with every secret replaced by its first characters and an ellipsis.

    A short one, as people use them to try things out, is replaced as a whole word only: `x` is no secret of `text`.
    """
    for secret in secrets:
        found = re.escape(secret)
        if len(secret) < RECOGNISABLE_LENGTH:
            found = rf"(?<![\w-]){found}(?![\w-])"
        text = re.sub(found, _mask(secret).replace("\\", r"\\"), text)
        for coded in _coded(secret):
            if coded in text:
                text = re.sub(_AROUND % re.escape(coded), REDACTED, text)
    return text


@lru_cache(maxsize=64)
def _coded(secret: str) -> tuple[str, ...]:
    """What of a secret in base64 gives it away: whoever sees that can read it."""
    return tuple(spelled for each in in_base64(secret) for spelled in (each, each.translate(_URL_SAFE)))


def redact_bytes(data: bytes, secrets: tuple[str, ...]) -> bytes:
    """A body with every secret replaced, before any of it is cut off or spelled out. Short secrets are left alone."""
    for secret in secrets:
        if len(secret) >= RECOGNISABLE_LENGTH:
            data = data.replace(secret.encode("utf-8", "surrogateescape"), _mask(secret).encode("utf-8", "replace"))
            for coded in map(str.encode, _coded(secret)):
                if coded in data:
                    data = re.sub(_AROUND.encode() % re.escape(coded), REDACTED.encode(), data)
    return data


def redact_credentials(headers: Iterable[Iterable[str]]) -> list[list[str]]:
    """Headers as name and value, with the value of every header that carries a credential replaced."""
    return [[name, _mask(value) if name.lower() in SECRET_HEADERS else value] for name, value in headers]


def _mask(secret: str) -> str:
    return f"{secret[:4]}{REDACTED}"
