"""The journal: every recorded call and what became of it. Bounded in calls, text and upload bytes."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from mock_upstreams.errors import ControlRefusal
from mock_upstreams.markers import Index, grams
from mock_upstreams.requests import BodyEncoding, FaceName, Operation, ReceivedRequest
from mock_upstreams.responses import Response
from mock_upstreams.uploads import KeptUploads
from mock_upstreams.waiting import Signal

State = Literal["arrived", "held", "answered", "reset", "disconnected"]
_FINAL: frozenset[State] = frozenset({"answered", "reset", "disconnected"})
_TEXTUAL = ("application/json", "text/")
_MOST_RESPONSE_TEXT = 2**20  # bytes; a longer response is shown by its hash only


class ReceivedFile(msgspec.Struct, frozen=True):
    """An upload: its decoded file name, its part's raw `Content-Disposition`, its size in bytes and its hash."""

    field: str
    name: str | None
    content_type: str | None
    disposition: str
    size: int
    sha256: str


class SentResponse(msgspec.Struct, frozen=True):
    """The response of a call; `size` and `sha256` are of the body before a content coding, `text` is it where it is text.

    `left_out`: the fields of the script's act that the request did not allow, such as a `compress` that it did not
    accept.
    """

    status: int
    content_type: str
    size: int
    sha256: str
    text: str | None
    content_encoding: str | None = None
    left_out: tuple[str, ...] = ()


class RecordedCall(msgspec.Struct, frozen=True):
    """One recorded call, as the control API shows it.

    `unexpected`: no operation, model or deployment that the mock knows was called. `took_s`: from the request's last byte
    until the response's last piece left, where it is over.
    """

    position: int
    face: FaceName | None
    operation: Operation | None
    method: str
    path: str
    query: dict[str, str]
    headers: list[tuple[str, str]]
    fields: list[tuple[str, Any]]
    body_kind: BodyEncoding  # these two names are the wire's: clients of the API read them
    file: ReceivedFile | None
    model: str | None
    deployment: str | None
    script: str | None
    state: State
    answer: SentResponse | None
    unexpected: bool
    took_s: float | None


# Where entries are filed whose texts have too many grams: no gram and no digest reads like this.
_UNTOLD = "untold"


class CallFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which recorded calls are asked for, and how long (in seconds) to wait until there are `at_least` so many.

    `any_case` finds the marker in other letters too, as a gateway that changes texts may leave it. `or_sha256` finds the
    calls with this upload beside those with the marker, so that one question is enough where either tells a call.
    """

    marker: str | None = None
    any_case: bool = False
    or_sha256: str | None = None
    sha256: str | None = None
    operation: Operation | None = None
    model: str | None = None
    deployment: str | None = None
    face: FaceName | None = None
    state: State | None = None
    since: int = 0
    unexpected: bool | None = None
    at_least: Annotated[int, Meta(ge=0)] = 0
    wait_s: Annotated[float, Meta(ge=0, le=30)] = 0

    def matches(self, entry: Entry) -> bool:
        """Tells whether an entry is asked for."""
        if not self._is_told(entry):
            return False
        if self.sha256 is not None and self.sha256 != entry.request.upload_sha256:
            return False
        address = entry.request.address
        facts = (
            (self.operation, address.operation),
            (self.face, address.face),
            (self.deployment, address.deployment),
            (self.model, entry.request.model),
            (self.state, entry.state),
            (self.unexpected, entry.unexpected),
        )
        return all(wanted is None or wanted == found for wanted, found in facts)

    def _is_told(self, entry: Entry) -> bool:
        """Tells whether an entry has the marker or the upload that tells the calls, where either is given."""
        if self.or_sha256 is not None and self.or_sha256 == entry.request.upload_sha256:
            return True
        return self._contains_marker(entry.text) if self.marker is not None else self.or_sha256 is None

    def _contains_marker(self, text: str) -> bool:
        marker = self.marker or ""
        return marker in text or (self.any_case and marker.casefold() in text.casefold())


class Entry(msgspec.Struct, eq=False):
    """A call in the journal, kept up to date while it is in flight. `text` is where markers are looked for."""

    position: int
    request: ReceivedRequest
    script: str | None = None
    state: State = "arrived"
    response: SentResponse | None = None
    unexpected: bool = False
    text: str = ""
    text_bytes: int = 0
    arrived: float = msgspec.field(default_factory=time.monotonic)
    took_s: float | None = None

    def as_recorded_call(self) -> RecordedCall:
        """Returns it as the control API shows it."""
        request = self.request
        return RecordedCall(
            position=self.position,
            face=request.address.face,
            operation=request.address.operation,
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers=list(request.headers),
            fields=list(request.body.fields),
            body_kind=request.body.encoding,
            file=_file(request),
            model=request.model,
            deployment=request.address.deployment,
            script=self.script,
            state=self.state,
            answer=self.response,
            unexpected=self.unexpected,
            took_s=self.took_s,
        )


class Journal:
    """All recorded calls, oldest first. Belongs to one event loop.

    Keeps at most `most_calls` calls, `most_text_bytes` of their fields and responses, and of the uploads of these calls the
    latest `most_upload_bytes`, equal ones counted once.
    """

    def __init__(
        self, most_calls: int = 10_000, most_upload_bytes: int = 256 * 2**20, most_text_bytes: int = 64 * 2**20
    ) -> None:
        self._entries: deque[Entry] = deque()
        self._index = Index[Entry]()
        self._uploads = KeptUploads(most_upload_bytes)
        self._most_calls = most_calls
        self._most_upload_bytes = most_upload_bytes
        self._most_text_bytes = most_text_bytes
        self._text_bytes = 0
        self.position = 0
        self.dropped = 0
        self.signal = Signal()

    def record(self, request: ReceivedRequest) -> Entry:
        """Records a request that was received whole."""
        self.position += 1
        entry = Entry(self.position, request.without_bytes(), text=request.body.text)
        if request.body.upload is not None:
            self._uploads.keep(self.position, request.body.upload.sha256, request.body.upload.data)
        self._entries.append(entry)
        self._index.file(entry, _keys_of(entry))
        self._count_text(entry, request.body.size - (request.body.upload.size if request.body.upload else 0))
        self.signal.notify()
        return entry

    def set_state(self, entry: Entry, state: State) -> None:
        """Records what became of a call; a final state stays."""
        if entry.state not in _FINAL:
            entry.state = state
            if state in _FINAL:
                entry.took_s = time.monotonic() - entry.arrived
            self.signal.notify()

    def set_response(
        self, entry: Entry, response: Response, coding: str | None = None, left_out: Sequence[str] = ()
    ) -> None:
        """Records the response that a call is about to get, the coding it gets and what was left out of the act."""
        body, content_type = response.body, response.content_type
        is_text = content_type.lower().startswith(_TEXTUAL) and len(body) <= _MOST_RESPONSE_TEXT
        text = body.decode(errors="replace") if is_text else None
        left, digest = tuple(left_out), response.sha256
        entry.response = SentResponse(response.status, content_type, len(body), digest, text, coding, left)
        self._count_text(entry, len(body) if is_text else 0)

    async def find(self, wanted: CallFilter) -> list[RecordedCall]:
        """Returns the calls asked for; waits, as long as `wanted` says, until there are enough."""
        if wanted.at_least and wanted.wait_s:
            await self.signal.wait_until(lambda: len(list(self._matching(wanted))) >= wanted.at_least, wanted.wait_s)
        return [entry.as_recorded_call() for entry in self._matching(wanted)]

    def upload(self, position: int) -> bytes:
        """Returns the uploaded bytes of a call. Raises ControlRefusal (404) where they are not kept."""
        found = self._uploads.find(position)
        if found is None:
            message = f"No upload of a call at position {position} is kept."
            hint = "it had none, or newer ones took its place"
            raise ControlRefusal(404, "unknown_upload", message, param="position", hint=hint)
        return found

    def clear(self) -> int:
        """Forgets all calls; positions go on counting. Returns how many there were."""
        count = len(self._entries)
        self._entries.clear()
        self._index.clear()
        self._uploads = KeptUploads(self._most_upload_bytes)
        self._text_bytes = self.dropped = 0
        return count

    def _matching(self, wanted: CallFilter) -> Iterator[Entry]:
        """Yields the entries asked for, oldest first; no more is looked at than what came `since` and may be told."""
        newest_first = itertools.takewhile(lambda entry: entry.position > wanted.since, self._newest_first(wanted))
        return reversed([entry for entry in newest_first if wanted.matches(entry)])

    def _newest_first(self, wanted: CallFilter) -> Iterator[Entry]:
        """Yields at least the entries that the upload or the marker tells; all where neither is one that is indexed."""
        if wanted.sha256 is not None:
            return reversed(self._index.under(wanted.sha256))
        if wanted.marker is None and wanted.or_sha256 is None:
            return reversed(self._entries)
        told = [self._index.under(wanted.or_sha256)] if wanted.or_sha256 is not None else []
        if wanted.marker is not None:
            keys = grams(wanted.marker)
            if not keys:
                return reversed(self._entries)
            told += [self._index.under_rarest(keys), self._index.under(_UNTOLD)]
        entries = {entry.position: entry for found in told for entry in found}
        return iter([entries[position] for position in sorted(entries, reverse=True)])

    def _count_text(self, entry: Entry, size: int) -> None:
        """Counts what an entry takes in memory, and drops the oldest ones where it is too much in all."""
        entry.text_bytes += size
        self._text_bytes += size
        while len(self._entries) > self._most_calls or (self._text_bytes > self._most_text_bytes and self._entries):
            oldest = self._entries.popleft()
            self._index.take_out_oldest(_keys_of(oldest))
            self._text_bytes -= oldest.text_bytes
            self._uploads.drop(oldest.position)
            self.dropped += 1


def _keys_of(entry: Entry) -> tuple[str, ...]:
    """What an entry is found by without a look at all of them: the grams of its texts, the digest of its upload."""
    told, digest = grams(entry.text), entry.request.upload_sha256
    return (*((_UNTOLD,) if told is None else told), *((digest,) if digest else ()))


def _file(request: ReceivedRequest) -> ReceivedFile | None:
    upload = request.body.upload
    if upload is None:
        return None
    return ReceivedFile(
        field=upload.field,
        name=upload.name,
        content_type=upload.content_type,
        disposition=upload.disposition,
        size=upload.size,
        sha256=upload.sha256,
    )
