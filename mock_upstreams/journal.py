"""The journal: every call as it arrived and what became of it. Bounded in calls and in kept upload bytes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from mock_upstreams.arrivals import BodyKind, FaceName, Operation
from mock_upstreams.changes import Changes
from mock_upstreams.errors import ControlRefusalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mock_upstreams.answers import Answer
    from mock_upstreams.arrivals import Arrival

__all__ = ["Call", "Entry", "GivenAnswer", "Journal", "ReceivedFile", "State", "Wanted"]

State = Literal["arrived", "held", "answered", "reset", "disconnected"]
_FINAL: frozenset[State] = frozenset({"answered", "reset", "disconnected"})
_TEXTUAL = ("application/json", "text/")
_MOST_ANSWER_TEXT = 2**20  # bytes; a longer answer is shown by its hash only


class ReceivedFile(msgspec.Struct, frozen=True):
    """An upload: its decoded file name, its part's raw ``Content-Disposition``, its size in bytes and its hash."""

    field: str
    name: str | None
    content_type: str | None
    disposition: str
    size: int
    sha256: str


class GivenAnswer(msgspec.Struct, frozen=True):
    """What was answered; ``size`` and ``sha256`` are of the body that was to be sent, ``text`` is it where it is text."""

    status: int
    content_type: str
    size: int
    sha256: str
    text: str | None


class Call(msgspec.Struct, frozen=True):
    """One recorded call, as the control API shows it.

    ``unexpected``: no operation, model or deployment that the mock knows was called.
    """

    position: int
    face: FaceName | None
    operation: Operation | None
    method: str
    path: str
    query: dict[str, str]
    headers: list[tuple[str, str]]
    fields: list[tuple[str, Any]]
    body_kind: BodyKind
    file: ReceivedFile | None
    model: str | None
    deployment: str | None
    script: str | None
    state: State
    answer: GivenAnswer | None
    unexpected: bool


# Between the texts of a call: no marker that a client can send in a field or a file name stretches over it.
_SEPARATOR = "\0\n\0"


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which calls are asked for, and for how many of them (bounded, in seconds) is to be waited.

    ``any_case`` finds the marker in other letters too, as a gateway that changes texts may leave it.
    """

    marker: str | None = None
    any_case: bool = False
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

    def fits(self, entry: Entry) -> bool:
        """Tell whether an entry is asked for.

        Markers and digests go first: nearly every question names one, and it rules out nearly every call of a long
        journal.
        """
        if self.marker is not None and not self._stands_in(entry.text):
            return False
        if self.sha256 is not None and self.sha256 != entry.arrival.upload_sha256:
            return False
        address = entry.arrival.address
        facts = (
            (self.operation, address.operation),
            (self.face, address.face),
            (self.deployment, address.deployment),
            (self.model, entry.arrival.model),
            (self.state, entry.state),
            (self.unexpected, entry.unexpected),
        )
        return all(wanted is None or wanted == found for wanted, found in facts)

    def _stands_in(self, text: str) -> bool:
        marker = self.marker or ""
        return marker in text or (self.any_case and marker.casefold() in text.casefold())


@dataclass(slots=True, eq=False)
class Entry:
    """A call in the journal, kept up to date while it is being answered. ``text`` is where markers are looked for."""

    position: int
    arrival: Arrival
    script: str | None = None
    state: State = "arrived"
    answer: GivenAnswer | None = None
    unexpected: bool = False
    text: str = ""
    text_bytes: int = 0

    def as_call(self) -> Call:
        """Return it as the control API shows it."""
        arrival = self.arrival
        return Call(
            position=self.position,
            face=arrival.address.face,
            operation=arrival.address.operation,
            method=arrival.method,
            path=arrival.path,
            query=dict(arrival.query),
            headers=list(arrival.headers),
            fields=list(arrival.body.fields),
            body_kind=arrival.body.kind,
            file=_file(arrival),
            model=arrival.model,
            deployment=arrival.address.deployment,
            script=self.script,
            state=self.state,
            answer=self.answer,
            unexpected=self.unexpected,
        )


class Journal:
    """All recorded calls, oldest first. Belongs to one event loop.

    Keeps at most ``most_calls`` calls, ``most_text_bytes`` of their fields and answers, and of their uploads the latest
    ``most_upload_bytes``.
    """

    def __init__(
        self, most_calls: int = 10_000, most_upload_bytes: int = 256 * 2**20, most_text_bytes: int = 64 * 2**20
    ) -> None:
        self._entries: deque[Entry] = deque()
        self._uploads: OrderedDict[int, bytes] = OrderedDict()
        self._most_calls = most_calls
        self._most_upload_bytes = most_upload_bytes
        self._most_text_bytes = most_text_bytes
        self._upload_bytes = 0
        self._text_bytes = 0
        self.position = 0
        self.dropped = 0
        self.changes = Changes()

    def record(self, arrival: Arrival) -> Entry:
        """Note a call that has arrived whole."""
        self.position += 1
        entry = Entry(self.position, arrival.without_bytes(), text=_SEPARATOR.join(arrival.texts()))
        if arrival.body.upload is not None:
            self._keep_upload(self.position, arrival.body.upload.data)
        self._entries.append(entry)
        self._count_text(entry, arrival.body.size - (arrival.body.upload.size if arrival.body.upload else 0))
        self.changes.ring()
        return entry

    def set_state(self, entry: Entry, state: State) -> None:
        """Note what became of a call; a final state stays."""
        if entry.state not in _FINAL:
            entry.state = state
            self.changes.ring()

    def set_answer(self, entry: Entry, answer: Answer) -> None:
        """Note what a call is about to be answered with."""
        body, content_type = answer.body, answer.content_type
        is_text = content_type.startswith(_TEXTUAL) and len(body) <= _MOST_ANSWER_TEXT
        text = body.decode(errors="replace") if is_text else None
        digest = hashlib.sha256(body).hexdigest()
        entry.answer = GivenAnswer(answer.status, content_type, len(body), digest, text)
        self._count_text(entry, len(body) if is_text else 0)

    async def find(self, wanted: Wanted) -> list[Call]:
        """Return the calls asked for; wait, as long as ``wanted`` says, until there are enough."""
        if wanted.at_least and wanted.wait_s:
            await self.changes.until(lambda: len(list(self._fitting(wanted))) >= wanted.at_least, wanted.wait_s)
        return [entry.as_call() for entry in self._fitting(wanted)]

    def upload(self, position: int) -> bytes:
        """Return the uploaded bytes of a call. Raises ControlRefusalError (404) where they are not kept."""
        try:
            return self._uploads[position]
        except KeyError:
            message = f"No upload of a call at position {position} is kept."
            hint = "it had none, or newer ones took its place"
            raise ControlRefusalError(404, "unknown_upload", message, param="position", hint=hint) from None

    def clear(self) -> int:
        """Forget all calls; positions go on counting. Return how many there were."""
        count = len(self._entries)
        self._entries.clear()
        self._uploads.clear()
        self._upload_bytes = self._text_bytes = self.dropped = 0
        return count

    def _fitting(self, wanted: Wanted) -> Iterator[Entry]:
        return (entry for entry in self._entries if entry.position > wanted.since and wanted.fits(entry))

    def _count_text(self, entry: Entry, size: int) -> None:
        """Count what an entry takes in memory, and drop the oldest ones where it is too much in all."""
        entry.text_bytes += size
        self._text_bytes += size
        while len(self._entries) > self._most_calls or (self._text_bytes > self._most_text_bytes and self._entries):
            self._text_bytes -= self._entries.popleft().text_bytes
            self.dropped += 1

    def _keep_upload(self, position: int, data: bytes) -> None:
        """Keep an upload's bytes in place of the oldest ones."""
        self._uploads[position] = data
        self._upload_bytes += len(data)
        while self._upload_bytes > self._most_upload_bytes:
            _, oldest = self._uploads.popitem(last=False)
            self._upload_bytes -= len(oldest)


def _file(arrival: Arrival) -> ReceivedFile | None:
    upload = arrival.body.upload
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
