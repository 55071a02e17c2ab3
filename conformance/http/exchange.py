"""What was sent to the gateway and what came back: values that every judge reads and every report shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a room above this one: a finding only carries what its judge saw there
    from conformance.mock.calls import RecordedCall, ScriptedResponse

Headers = tuple[tuple[str, str], ...]
# Bytes of a response that are read at most: about five minutes of the widest audio. More is a body that does not end.
MOST_ANSWER = 64 * 1024 * 1024
# Bytes a second that any link carries: a slow one is not the gateway's fault.
_SLOWEST_UPLOAD = 250_000
_PIECE = 1_000_000


@dataclass(frozen=True, slots=True)
class Filling:
    """What makes a body large: a block that is repeated, from the byte `at` of the body on. It is never held whole."""

    at: int
    block: bytes
    times: int

    @property
    def size(self) -> int:
        return len(self.block) * self.times


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, whole: what is sent is exactly this, and the `filling` inside its body where there is one."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    chunked: bool = False
    filling: Filling | None = None

    @property
    def size(self) -> int:
        """How many bytes the body has."""
        return len(self.body) + (self.filling.size if self.filling else 0)

    def pieces(self) -> Iterator[bytes]:
        """The body in pieces of at most about a megabyte, but for what is held whole anyway."""
        if self.filling is None:
            yield self.body
            return
        filling = self.filling
        yield self.body[: filling.at]
        together = max(1, _PIECE // len(filling.block))
        piece, rest = filling.block * together, filling.times
        while rest > 0:
            yield piece if rest >= together else filling.block * rest
            rest -= together
        yield self.body[filling.at :]

    def header(self, name: str) -> str | None:
        return first(self.headers, name)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `body` is what came over the wire after transfer decoding; `headers` keep order and repeats."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header, by name in any letter case; None where it is absent."""
        return first(self.headers, name)

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, in lower case; empty where it is absent."""
        return (self.header("content-type") or "").split(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is none."""
        return json.loads(self.body.decode("utf-8"))

    def document(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            value = self.json()
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its fate: an answer, or the reason why there is none.

    `error` is a short phrase such as `connection reset` or `no answer within 30 s`. `resent` says that a kept
    connection had been closed by the gateway and the request went out a second time, so calls must not be counted.
    `refused` says that no connection was made, so the gateway never got the request; `broken` that it was lost.
    """

    request: Request
    answer: Answer | None = None
    error: str | None = None
    elapsed_s: float = 0.0
    resent: bool = False
    timed_out: bool = False
    refused: bool = False
    broken: bool = False

    @property
    def status(self) -> int | None:
        return self.answer.status if self.answer else None

    @property
    def is_success(self) -> bool:
        """Whether there is an answer with a status of the class 2xx."""
        return self.answer is not None and is_success(self.answer.status)

    @property
    def is_error(self) -> bool:
        """Whether there is an answer with a status of the classes 4xx and 5xx."""
        return self.answer is not None and self.answer.status // 100 in {4, 5}

    @property
    def over_limit(self) -> bool:
        """Whether the gateway says "too many requests" in HTTP's own words (RFC 6585): a client waits and tries again."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS

    @property
    def got(self) -> str:
        """One line for a person: the status and the head of the body, or why there is no answer."""
        if self.answer is None:
            return self.error or "no answer"
        return f"{self.answer.status} {preview(self.answer.body, 200)}".rstrip()


class Ending(StrEnum):
    """How the reading of an answer ended."""

    COMPLETE = "complete"
    CLOSED = "closed"
    RESET = "reset"
    SILENT = "silent"
    ENDLESS = "endless"


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """One answer as it came over the wire.

    `body` is the payload, chunks joined; `surplus` is what followed the end that the framing declares; `ending` is
    COMPLETE where the framing was satisfied, else what cut it short. `connection` is how the connection ended, where
    the reader waited for that.
    """

    status: int
    headers: Headers
    body: bytes
    ending: Ending
    surplus: bytes = b""
    connection: Ending | None = None

    @property
    def answer(self) -> Answer:
        return Answer(self.status, self.headers, self.body)

    @property
    def broken_off(self) -> bool:
        """Whether a success had begun and then visibly ended before its framing said so."""
        return is_success(self.status) and self.ending in {Ending.CLOSED, Ending.RESET}


@dataclass(frozen=True, slots=True)
class WireExchange:
    """An exchange with the details that only the wire shows; `wire` is None where no answer came."""

    exchange: Exchange
    wire: WireAnswer | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as the contract says: the message, what was expected and what came instead.

    `statuses` are those that would have kept the requirement, given only where sending the last exchange's request again
    and looking at its status is enough to judge it again. `secrets` are texts that stand in the evidence and that no
    report may show, besides the secrets of the target. `script` is what the provider was told to do meanwhile. `plainer`
    are the ids of requirements that explain it better than the one whose check found it, the plainest first: what they ask
    for is what is broken.
    """

    message: str
    expected: str
    got: str
    exchanges: tuple[Exchange, ...] = ()
    upstream: tuple[RecordedCall, ...] = ()
    statuses: tuple[int, ...] = ()
    secrets: tuple[str, ...] = ()
    script: tuple[ScriptedResponse, ...] = ()
    plainer: tuple[str, ...] = ()


def is_success(status: int) -> bool:
    """Whether a status is of HTTP's class 2xx."""
    return status // 100 == 2


def upload_s(data: bytes | memoryview) -> float:
    """How many seconds it may take to bring so many bytes to the gateway, besides the time for its answer."""
    return len(data) / _SLOWEST_UPLOAD


def first(headers: Headers, name: str) -> str | None:
    """The first value of a header, by name in any letter case; None where it is absent."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def preview(body: bytes, limit: int = 2000) -> str:
    """A body for a person: its text where it is text, else its size, digest and first bytes."""
    if not body:
        return ""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and all(char.isprintable() or char in "\r\n\t" for char in text[:limit]):
        return text if len(text) <= limit else f"{text[:limit]}… ({len(body)} bytes)"
    return f"<{len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()[:16]}, begins {body[:16].hex(' ')}>"
