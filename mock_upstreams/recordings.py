"""Recorded exchanges with a real provider, as files: one JSON document and one body file for each.

What identifies a request is what it asks for: method, path, query, fields and the upload's name and hash. Its headers
are kept for a reader's sake, without keys.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from mock_upstreams.answers import Answer
from mock_upstreams.errors import MismatchError, RecordingError
from mock_upstreams.validation import convert

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mock_upstreams.arrivals import Arrival

__all__ = ["Asked", "Exchange", "Recording", "asked_by"]

_SECRET_HEADERS = frozenset({"authorization", "api-key", "cookie", "proxy-authorization", "x-api-key"})
_REDACTED = "[redacted]"


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request, as far as it decides about its answer. ``file`` is field, name and hash of the upload."""

    method: str
    path: str
    query: list[tuple[str, str]]
    fields: list[tuple[str, Any]]
    file: tuple[str, str | None, str] | None
    headers: list[tuple[str, str]]

    def facts(self) -> Counter[tuple[str, str]]:
        """Return what it asks for as named facts; the order of fields is none of them."""
        named = [("method", self.method), ("path", self.path), *self._pairs("query", self.query)]
        named += self._pairs("field", self.fields)
        if self.file is not None:
            named += [(f"file.{name}", str(value)) for name, value in zip(_FILE_FACTS, self.file, strict=True)]
        return Counter(named)

    @staticmethod
    def _pairs(kind: str, pairs: list[tuple[str, Any]]) -> list[tuple[str, str]]:
        return [(f"{kind} {name!r}", json.dumps(value, sort_keys=True)) for name, value in pairs]


_FILE_FACTS = ("field", "name", "sha256")


class Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request and its answer; ``body`` names the file beside this one that holds the answer's body."""

    format: int
    asked: Asked
    status: int
    headers: list[tuple[str, str]]
    chunked: bool
    body: str


def asked_by(arrival: Arrival) -> Asked:
    """Return what a call asks for, its secret headers struck out."""
    upload = arrival.body.upload
    return Asked(
        method=arrival.method,
        path=arrival.path,
        query=list(arrival.query),
        fields=list(arrival.body.fields),
        file=(upload.field, upload.name, upload.sha256) if upload else None,
        headers=[(name, _REDACTED if name in _SECRET_HEADERS else value) for name, value in arrival.headers],
    )


class Recording:
    """A folder of exchanges."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Create the folder unless it is there. Raises RecordingError."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecordingError(f"{self._folder}: cannot be created ({error.strerror})") from error

    def add(self, asked: Asked, answer: Answer) -> None:
        """Keep an exchange under the next number. Raises RecordingError."""
        stem = f"{1 + max(self._numbers(), default=0):04d}"
        exchange = Exchange(1, asked, answer.status, list(answer.headers), answer.chunked, f"{stem}.body")
        document = json.dumps(msgspec.to_builtins(exchange), indent=2)
        try:
            (self._folder / exchange.body).write_bytes(answer.body)
            (self._folder / f"{stem}.json").write_text(document + "\n", encoding="ascii")
        except OSError as error:
            raise RecordingError(f"{self._folder}: cannot be written to ({error.strerror})") from error

    def exchanges(self) -> Iterator[tuple[str, Exchange, Answer]]:
        """Yield file name, exchange and answer of each, in the order of recording. Raises RecordingError."""
        names = sorted(self._folder.glob("*.json"))
        if not names:
            raise RecordingError(f"{self._folder}: holds no recorded answers", hint="record some first")
        for path in names:
            exchange = _read(path)
            yield path.name, exchange, _answer(path.with_name(exchange.body), exchange)

    def _numbers(self) -> Iterator[int]:
        return (int(path.stem) for path in self._folder.glob("*.json") if path.stem.isdecimal())


def _read(path: Path) -> Exchange:
    try:
        return convert(json.loads(path.read_bytes()), Exchange)
    except (OSError, ValueError) as error:
        raise _damaged(path, f"is no recorded answer ({error})") from error
    except MismatchError as error:
        raise _damaged(path, f"is no recorded answer: {error}") from error


def _answer(path: Path, exchange: Exchange) -> Answer:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise _damaged(path, f"cannot be read ({error.strerror})") from error
    headers = tuple((name, value) for name, value in exchange.headers)
    return Answer(exchange.status, headers, (body,) if body else (), exchange.chunked, complete=True)


def _damaged(path: Path, what: str) -> RecordingError:
    return RecordingError(f"{path}: {what}", hint="remove it or record anew")
