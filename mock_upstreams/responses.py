"""An HTTP response as a value."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from msgspec import Struct
from msgspec.structs import replace


class Response(Struct, frozen=True):
    """Status, headers (names as they are sent, framing left out) and the body in the pieces in which it is sent.

    `chunked` sends it without a Content-Length, as a stream whose length is not known at its start. `complete` says
    that no header is to be added: it is a real provider's response. `known_sha256`: the body's, where it is known.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    pieces: tuple[bytes, ...]
    chunked: bool = False
    complete: bool = False
    known_sha256: str | None = None

    @classmethod
    def of(cls, media_type: str, body: bytes, status: int = 200, *, sha256: str | None = None) -> Response:
        """Returns a response with one piece of body."""
        return cls(status, (("content-type", media_type),), (body,), known_sha256=sha256)

    @classmethod
    def of_json(cls, document: Any, status: int = 200) -> Response:
        """Returns a response with a JSON body."""
        return cls.of("application/json", json.dumps(document, ensure_ascii=False).encode(), status)

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.pieces)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the whole body, in hexadecimal."""
        return self.known_sha256 or hashlib.sha256(self.body).hexdigest()

    @property
    def content_type(self) -> str:
        """The Content-Type, empty where there is none."""
        return next((value for name, value in self.headers if name.lower() == "content-type"), "")

    def with_body(self, body: bytes) -> Response:
        """Returns it with another body in one piece."""
        return replace(self, pieces=(body,), known_sha256=None)

    def with_header(self, name: str, value: str | None) -> Response:
        """Returns it with a header replaced or added, or removed where `value` is `None`."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=kept if value is None else (*kept, (name, value)))

    def with_defaults(self, headers: tuple[tuple[str, str], ...]) -> Response:
        """Returns it with those `headers` that it does not have yet, unless it is complete."""
        if self.complete:
            return self
        present = {name.lower() for name, _ in self.headers}
        return replace(self, headers=(*self.headers, *[pair for pair in headers if pair[0] not in present]))
