"""Recorded exchanges with a real provider, as files: one JSON document and one body file for each.

What identifies a request is what it asks for: method, path, query, fields and the upload's name and hash. Its headers
are kept for a reader's sake, without keys.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mock_upstreams.errors import Mismatch, UnusableRecording
from mock_upstreams.requests import ReceivedRequest
from mock_upstreams.responses import Response
from mock_upstreams.validation import convert

_SECRET_HEADERS = frozenset({"authorization", "api-key", "cookie", "proxy-authorization", "x-api-key"})
_REDACTED = "[redacted]"


class RecordedRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request, as far as it decides about its response. `file` is field, name and hash of the upload."""

    method: str
    path: str
    query: list[tuple[str, str]]
    fields: list[tuple[str, Any]]
    file: tuple[str, str | None, str] | None
    headers: list[tuple[str, str]]

    def facts(self) -> Counter[tuple[str, str]]:
        """Returns what it asks for as named facts; the order of fields does not count."""
        named = [("method", self.method), ("path", self.path), *self._pairs("query", self.query)]
        named += self._pairs("field", self.fields)
        if self.file is not None:
            named += [(f"file.{name}", str(value)) for name, value in zip(_FILE_FACTS, self.file, strict=True)]
        return Counter(named)

    @staticmethod
    def _pairs(kind: str, pairs: list[tuple[str, Any]]) -> list[tuple[str, str]]:
        return [(f"{kind} {name!r}", json.dumps(value, sort_keys=True)) for name, value in pairs]


_FILE_FACTS = ("field", "name", "sha256")


class RecordedExchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request and its response; `body` names the file beside this one that holds the response's body."""

    format: int
    asked: RecordedRequest
    status: int
    headers: list[tuple[str, str]]
    chunked: bool
    body: str


def recorded_request(request: ReceivedRequest) -> RecordedRequest:
    """Returns a request as it is recorded, its secret headers redacted."""
    upload = request.body.upload
    return RecordedRequest(
        method=request.method,
        path=request.path,
        query=list(request.query),
        fields=list(request.body.fields),
        file=(upload.field, upload.name, upload.sha256) if upload else None,
        headers=[(name, _REDACTED if name in _SECRET_HEADERS else value) for name, value in request.headers],
    )


class Recording:
    """A folder of exchanges."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Creates the folder unless it is there. Raises UnusableRecording."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnusableRecording(f"{self._folder}: cannot be created ({error.strerror})") from error

    def add(self, asked: RecordedRequest, response: Response) -> None:
        """Keeps an exchange under the next number. Raises UnusableRecording."""
        stem = f"{1 + max(self._numbers(), default=0):04d}"
        exchange = RecordedExchange(1, asked, response.status, list(response.headers), response.chunked, f"{stem}.body")
        document = json.dumps(msgspec.to_builtins(exchange), indent=2)
        try:
            (self._folder / exchange.body).write_bytes(response.body)
            (self._folder / f"{stem}.json").write_text(document + "\n", encoding="ascii")
        except OSError as error:
            raise UnusableRecording(f"{self._folder}: cannot be written to ({error.strerror})") from error

    def exchanges(self) -> Iterator[tuple[str, RecordedExchange, Response]]:
        """Yields file name, exchange and response of each, in the order of recording. Raises UnusableRecording."""
        names = sorted(self._folder.glob("*.json"))
        if not names:
            raise UnusableRecording(f"{self._folder}: holds no recorded responses", hint="record some first")
        for path in names:
            exchange = _read(path)
            yield path.name, exchange, _response(path.with_name(exchange.body), exchange)

    def _numbers(self) -> Iterator[int]:
        return (int(path.stem) for path in self._folder.glob("*.json") if path.stem.isdecimal())


def _read(path: Path) -> RecordedExchange:
    try:
        return convert(json.loads(path.read_bytes()), RecordedExchange)
    except (OSError, ValueError) as error:
        raise _damaged(path, f"is no recorded response ({error})") from error
    except Mismatch as error:
        raise _damaged(path, f"is no recorded response: {error}") from error


def _response(path: Path, exchange: RecordedExchange) -> Response:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise _damaged(path, f"cannot be read ({error.strerror})") from error
    headers = tuple((name, value) for name, value in exchange.headers)
    return Response(exchange.status, headers, (body,) if body else (), exchange.chunked, complete=True)


def _damaged(path: Path, what: str) -> UnusableRecording:
    return UnusableRecording(f"{path}: {what}", hint="remove it or record anew")
