"""Recorded calls: what the mock provider saw of a request and answered, as its control API shows it.

Members that are not known here are ignored, so that a newer mock can be used.
"""

from __future__ import annotations

from typing import Any

import msgspec

from conformance.http.exchange import is_success


class ReceivedFile(msgspec.Struct, frozen=True, kw_only=True):
    """An upload: its decoded file name, its media type, its size in bytes and its SHA-256 in hexadecimal."""

    name: str | None
    content_type: str | None
    size: int
    sha256: str
    field: str = "file"
    disposition: str = ""

    def __str__(self) -> str:
        return f"{self.size} bytes, sha256 {self.sha256[:16]}"


class SentResponse(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider answered; `size` and `sha256` are of its body, `text` is that body where it is text.

    `content_encoding` is the coding that the body went out in: all else is of the body before it.
    """

    status: int
    content_type: str
    size: int
    sha256: str
    text: str | None = None
    content_encoding: str | None = None

    def __str__(self) -> str:
        return f"{self.size} bytes, sha256 {self.sha256[:16]}"

    @property
    def is_success(self) -> bool:
        """Whether HTTP says that the call was served."""
        return is_success(self.status)

    @property
    def is_error(self) -> bool:
        """Whether HTTP says that somebody is to blame."""
        return self.status // 100 in {4, 5}


class RecordedCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `position` is its place in the journal, `script` the scripted response that it met.

    `fields` are in the order of the body, repeated names as often as they came; in a form every value is a string. `took_s`
    is from the request's last byte until the response's last piece left.
    """

    position: int
    method: str
    path: str
    operation: str | None = None
    face: str | None = None
    query: dict[str, str] = {}
    headers: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, Any], ...] = ()
    encoding: str | None = msgspec.field(name="body_kind", default=None)
    file: ReceivedFile | None = None
    model: str | None = None
    deployment: str | None = None
    script: str | None = None
    state: str = "answered"
    response: SentResponse | None = msgspec.field(name="answer", default=None)
    took_s: float | None = None

    @property
    def is_form(self) -> bool:
        """Whether its fields are text: only JSON has values of other types."""
        return self.encoding != "json"

    @property
    def response_text(self) -> str:
        """The body that the provider answered; empty where there was none, or none of text."""
        return (self.response.text if self.response else None) or ""


class ScriptedResponse(msgspec.Struct, frozen=True):
    """What the mock was told to do: which calls it was for, what became of them, and how often (None: always)."""

    match: dict[str, Any]
    act: dict[str, Any]
    times: int | None = None
