"""One question to a library, and what it returned, as values that both libraries have in common."""

from __future__ import annotations

from typing import Any

import msgspec


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a library is asked: `route` and its fields, and how it is to answer.

    `events` reads a stream of events, `pieces` audio in pieces; `authorised: false` gives a wrong key.
    """

    route: str
    fields: dict[str, Any]
    events: bool = False
    pieces: bool = False
    authorised: bool = True


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """What it returned: audio, a text, an object, events; or the error that it raised, by the name of its class.

    `status` and `headers` are those of the response, where it had any.
    """

    audio: bytes | None = None
    text: str | None = None
    document: dict[str, Any] | None = None
    events: list[dict[str, Any]] | None = None
    error: str | None = None
    named: dict[str, Any] = {}
    status: int | None = None
    headers: dict[str, str] = {}
