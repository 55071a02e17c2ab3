"""An HTTP response as a value."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers (names as they are sent, framing left out) and the body in the pieces in which it is sent.

    `chunked` sends it without a Content-Length, as a stream whose length is not known at its start. `complete` says
    that no header is to be added: it is a real provider's response.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    pieces: tuple[bytes, ...]
    chunked: bool = False
    complete: bool = False

    @classmethod
    def of(cls, media_type: str, body: bytes, status: int = 200) -> Response:
        """Returns a response with one piece of body."""
        return cls(status, (("content-type", media_type),), (body,))

    @classmethod
    def of_json(cls, document: Any, status: int = 200) -> Response:
        """Returns a response with a JSON body."""
        return cls.of("application/json", json.dumps(document, ensure_ascii=False).encode(), status)

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.pieces)

    @property
    def content_type(self) -> str:
        """The Content-Type, empty where there is none."""
        return next((value for name, value in self.headers if name.lower() == "content-type"), "")

    def with_body(self, body: bytes) -> Response:
        """Returns it with another body in one piece."""
        return replace(self, pieces=(body,))

    def with_header(self, name: str, value: str | None) -> Response:
        """Returns it with a header replaced or added, or removed where `value` is `None`."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=kept if value is None else (*kept, (name, value)))

    def with_defaults(self, headers: dict[str, str]) -> Response:
        """Returns it with those `headers` that it does not have yet, unless it is complete."""
        if self.complete:
            return self
        present = {name.lower() for name, _ in self.headers}
        return replace(self, headers=(*self.headers, *(pair for pair in headers.items() if pair[0] not in present)))
