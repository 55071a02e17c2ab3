"""A request and its answer as the edge of a mutated gateway sees them: whole, and cheap to change."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import multipart

from reference_server.asgi import Scope, Send

ROUTES = ("speech", "transcriptions", "translations")
TRANSCRIPTS = ("transcriptions", "translations")
BASE_PATH = "/api/client/v1"
_BASE_PATHS = (BASE_PATH, "/v1")
JSON = "application/json"
FORM = "multipart/form-data"

Headers = tuple[tuple[str, str], ...]


class Absent:
    """The value of a field that was not sent: not None, which JSON can say."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form."""

    name: str
    value: bytes
    file_name: str | None = None
    content_type: str | None = None

    @property
    def is_file(self) -> bool:
        return self.file_name is not None or self.content_type is not None


@dataclass(frozen=True)
class Asked:
    """What a client sent. `number` counts the gateway's requests from 1; header names are in lower case."""

    number: int
    method: str
    path: str
    query: bytes
    headers: Headers
    body: bytes = b""

    @property
    def route(self) -> str:
        """One of ROUTES, or nothing for any other path."""
        name = self.path.rpartition("/")[2]
        return name if name in ROUTES and self.path.removesuffix(f"/audio/{name}") in _BASE_PATHS else ""

    @property
    def media_type(self) -> str:
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    @cached_property
    def document(self) -> Any:
        """The JSON body, or ABSENT."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return ABSENT

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts of a form; none when it is not one."""
        try:
            _, options = multipart.parse_options_header(self.header("content-type") or "")
            found = list(multipart.MultipartParser(io.BytesIO(self.body), options.get("boundary", "")))
        except (multipart.MultipartError, AssertionError):
            return ()
        return tuple(Part(each.name, each.raw, each.filename, each.headers.get("content-type")) for each in found)

    def get(self, name: str) -> Any:
        """The first value of a top-level field: as JSON has it, or a form's text. ABSENT when it was not sent."""
        if self.media_type == FORM:
            return next((each.value.decode("utf-8", "replace") for each in self.parts if each.name == name), ABSENT)
        return self.document.get(name, ABSENT) if isinstance(self.document, dict) else ABSENT

    def all(self, name: str) -> list[Any]:
        """Every value of a form's field of this name, or of a JSON list."""
        if self.media_type == FORM:
            return [each.value.decode("utf-8", "replace") for each in self.parts if each.name == name]
        value = self.get(name)
        return value if isinstance(value, list) else []

    @property
    def file(self) -> Part | None:
        return next((each for each in self.parts if each.name == "file"), None)

    def with_header(self, name: str, value: str) -> Asked:
        return replace(self, headers=(*self.without_header(name).headers, (name, value)))

    def without_header(self, name: str) -> Asked:
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0] != name))

    def with_body(self, body: bytes) -> Asked:
        """The same request with another body, sized rather than chunked."""
        framed = self.without_header("transfer-encoding").with_header("content-length", str(len(body)))
        return replace(framed, body=body)

    def with_document(self, document: Any) -> Asked:
        return self.with_body(json.dumps(document).encode())

    def with_fields(self, **fields: Any) -> Asked:
        """Sets top-level fields of either form; ABSENT takes one away."""
        if self.media_type == FORM:
            kept = [each for each in self.parts if each.name not in fields]
            added = [Part(name, str(value).encode()) for name, value in fields.items() if value is not ABSENT]
            return self.with_parts([*kept, *added])
        if not isinstance(self.document, dict):
            return self
        return self.with_document({key: v for key, v in {**self.document, **fields}.items() if v is not ABSENT})

    def with_parts(self, parts: Iterable[Part]) -> Asked:
        boundary = secrets.token_hex(12)
        body = b"".join(_written(each, boundary) for each in parts) + f"--{boundary}--\r\n".encode()
        return self.with_header("content-type", f"{FORM}; boundary={boundary}").with_body(body)


def _written(part: Part, boundary: str) -> bytes:
    disposition = f'form-data; name="{part.name}"'
    if part.file_name is not None:
        quoted = part.file_name.replace("\\", "\\\\").replace('"', '\\"')
        disposition += f'; filename="{quoted}"'
    head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n"
    if part.content_type is not None:
        head += f"Content-Type: {part.content_type}\r\n"
    return f"{head}\r\n".encode() + part.value + b"\r\n"


@dataclass(frozen=True)
class Answer:
    """A whole answer. Header names are in lower case."""

    status: int
    headers: Headers
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    @cached_property
    def document(self) -> Any:
        """The JSON body, or ABSENT."""
        try:
            return json.loads(self.body)
        except ValueError:
            return ABSENT

    def with_header(self, name: str, value: str) -> Answer:
        return replace(self, headers=(*self.without_header(name).headers, (name, value)))

    def without_header(self, name: str) -> Answer:
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0] != name))

    def with_body(self, body: bytes, content_type: str | None = None) -> Answer:
        """The same answer with another body and the length of it."""
        changed = replace(self.with_header("content-length", str(len(body))), body=body)
        return changed if content_type is None else changed.with_header("content-type", content_type)

    def with_document(self, document: Any) -> Answer:
        return self.with_body(json.dumps(document, ensure_ascii=False).encode())

    def with_status(self, status: int) -> Answer:
        return replace(self, status=status)

    async def send(self, send: Send) -> None:
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": pairs})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def asked_of(scope: Scope, number: int, body: bytes = b"") -> Asked:
    headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"])
    return Asked(number, scope["method"], scope["path"], scope.get("query_string", b""), headers, body)


def scope_of(asked: Asked, scope: Scope) -> Scope:
    """The scope that stands for a changed request."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in asked.headers]
    changes = {"method": asked.method, "path": asked.path, "raw_path": asked.path.encode(), "headers": headers}
    return {**scope, **changes, "query_string": asked.query}


def error_answer(status: int, message: str = "The gateway failed.") -> Answer:
    """An error in the envelope."""
    document = {"error": {"message": message, "type": "server_error", "param": None, "code": None}}
    headers = (("content-type", JSON), ("x-request-id", f"req_{secrets.token_hex(8)}"))
    return Answer(status, headers).with_document(document)
