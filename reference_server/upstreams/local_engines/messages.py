"""What the gateway and an engine's process send each other: msgpack, each message with its length in front."""

from __future__ import annotations

import struct
from typing import Any

import msgspec

from reference_server.refusals import Reason

LENGTH = struct.Struct("<Q")


class SynthesisCall(msgspec.Struct, frozen=True, tag="synthesis"):
    """A text to synthesize, in one of the six formats; `speed` 1 is the voice's own pace."""

    text: str
    language: str
    speed: float | None
    response_format: str


class RecognitionCall(msgspec.Struct, frozen=True, tag="recognition"):
    """A recording, as the bytes of its file, to transcribe or to translate."""

    audio: bytes
    translate: bool
    language: str | None
    prompt: str | None
    temperature: float
    response_format: str | None
    granularities: tuple[str, ...]


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The first message of a process; `confined` tells whether it can touch files beside its own folder."""

    confined: bool


class Audio(msgspec.Struct, frozen=True, tag="audio"):
    """A whole file of audio."""

    data: bytes


class Document(msgspec.Struct, frozen=True, tag="document"):
    """A transcript in the asked format."""

    document: dict[str, Any]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The engine cannot do it for a reason that lies in the request."""

    reason: Reason


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The engine broke; `problem` is for the log."""

    problem: str


Call = SynthesisCall | RecognitionCall
Reply = Audio | Document | Refused | Failed


class CannotServe(Exception):
    """Raised by an engine: it cannot serve a call, for a reason that lies in the request."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def framed(message: Any) -> bytes:
    """The bytes of a message as they are sent."""
    body = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(body)) + body
