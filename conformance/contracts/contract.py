"""A contract as a value: what differs from one contract to another, so that no check writes it down.

A contract is a folder: `contract.yaml` (this module's values), `catalogue/*.yaml` (its requirements), `clauses.yaml` (what
each of its sentences is judged by) and an OpenAPI document. Requirement ids mean the same in every contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from conformance.contracts.openapi import Document
from conformance.contracts.requirements import Catalogue
from conformance.errors import CatalogueError

Encoding = Literal["json", "multipart"]
Capability = Literal[
    "speech",
    "transcription",
    "translation",
    "speech_stream",
    "transcription_stream",
    "diarization",
    "logprobs",
    "keywords",
]
AudioHeader = Literal["request-id", "content-length"]
DROPPED = "dropped"
StatusName = Annotated[str, Meta(pattern=r"^([1-5](xx|\d\d)|dropped)$")]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of `contract.yaml`; unknown keys are refused."""


class Operation(_Part, frozen=True):
    """One operation of the gateway's API.

    `operation` is its name on the provider's side, `path` stands below the base URL. `takes` and `gives` say what kind of
    content goes in and comes out; `capability` names the list of model keys that serve it. `details` are the members that
    a detailed transcript may have, `unused` the fields of a transcription that its provider gets none of. A gateway need not
    have an operation that is `optional`.
    """

    operation: Literal["speech", "transcription", "translation"]
    path: str
    capability: Capability
    encodings: tuple[Encoding, ...]
    takes: Literal["text", "audio"]
    gives: Literal["audio", "transcript"]
    content_field: str
    details: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    optional: bool = False

    @property
    def takes_text(self) -> bool:
        """Whether the request holds a text to speak; else it holds a recording."""
        return self.takes == "text"

    @property
    def gives_audio(self) -> bool:
        """Whether the response is audio; else it is a transcript."""
        return self.gives == "audio"

    @property
    def plain_encoding(self) -> Encoding:
        """The encoding that most clients of the operation use: the first that the contract names."""
        return self.encodings[0]

    @property
    def other_encoding(self) -> Encoding:
        """The encoding that fewest clients use: the last that the contract names."""
        return self.encodings[-1]


_CLASSES = frozenset({"1xx", "2xx", "3xx", "4xx", "5xx"})


class Statuses(msgspec.Struct, frozen=True):
    """The statuses that a situation may be answered with, as numbers and as classes such as `4xx`.

    `dropped` among them stands for a connection that ends without any answer.
    """

    names: tuple[StatusName, ...]

    @property
    def dropped(self) -> bool:
        """Whether the connection may end without any answer."""
        return DROPPED in self.names

    @property
    def _numbered(self) -> tuple[StatusName, ...]:
        return tuple(name for name in self.names if name != DROPPED)

    def __contains__(self, status: object) -> bool:
        return isinstance(status, int) and any(name in {str(status), f"{status // 100}xx"} for name in self.names)

    def __iter__(self) -> Iterator[int]:
        for name in self._numbered:
            first = int(name.replace("xx", "00"))
            yield from range(first, first + 100) if name.endswith("xx") else (first,)

    def __str__(self) -> str:
        numbered, unless = self._numbered, " or no answer" if self.dropped else ""
        if len(numbered) == 1 and numbered[0].endswith("xx"):
            return f"a {numbered[0]} status{unless}"
        lacking = sorted(_CLASSES.difference(numbered))
        if len(numbered) + len(lacking) == len(_CLASSES) and len(lacking) in {1, 2}:
            return f"any status but a {' or a '.join(lacking)}{unless}"
        return f"status {' or '.join(numbered)}{unless}"

    def without(self, other: Statuses) -> Statuses:
        """The names of this one that the other does not have."""
        return Statuses(tuple(name for name in self.names if name not in other.names))


class TranscriptShape(_Part, frozen=True):
    """How a transcript of one response format is answered.

    `object`: a JSON object that has the text under `text` and the request's id under `request_id`, where it has one.
    `document`: the body itself is the text. Both names are the contract's own, which fills them in.
    """

    kind: Literal["object", "document"]
    media_types: tuple[str, ...]
    text: str = "text"
    request_id: str | None = "request_id"


class Probe(_Part, frozen=True):
    """A request that shows whether a model key has a capability beside those of the operations.

    It asks the operation `route` with these `fields`, and is answered under the media type `answers` where the key has it,
    with a JSON object that has the members `has` where there are any.
    """

    route: str
    fields: dict[str, str | list[str]]
    answers: str
    has: tuple[str, ...] = ()


class Stream(_Part, frozen=True):
    """How an operation answers with server-sent events.

    Events of the type `delta` hold a piece under `piece`, in base64 where it is `encoded`; joined they are the whole, which
    stands under `whole` in the one event of the type `done` where that has it. `between` are types that may come before it,
    `usage` the members that its usage has to have.
    """

    capability: Capability
    delta: str
    piece: str
    done: str
    encoded: bool = False
    whole: str | None = None
    between: tuple[str, ...] = ()
    usage: tuple[str, ...] = ()
    error: str = "error"


class Names(_Part, frozen=True):
    """How fields and headers are called.

    `text` and `request_id` are members of a JSON transcript; without `request_id` a transcript need not have one.
    """

    request_id_header: str = "X-Request-Id"
    text: str = "text"
    request_id: str | None = "request_id"
    error: str = "error"


class Terms(_Part, frozen=True):
    """What `contract.yaml` says.

    `audio_labels` are media types that speech of any format may have beside those of its format, `audio_headers` what it
    always comes with; `model_list` is the path of the list of models, which a gateway may lack; `shared_words` are what
    statements taken over from another contract say otherwise here.
    """

    name: str
    title: str
    date: str
    document: str
    operations: dict[str, Operation]
    default_models: dict[Capability, str]
    statuses: dict[str, tuple[StatusName, ...]]
    transcripts: dict[str, TranscriptShape]
    names: Names = Names()
    probes: dict[Capability, Probe] = {}
    streams: dict[str, Stream] = {}
    audio_labels: tuple[str, ...] = ()
    audio_headers: tuple[AudioHeader, ...] = ("request-id", "content-length")
    model_list: str | None = None
    shared_words: dict[str, str] = {}


class Contract:
    """A contract that a gateway is judged by. Immutable; what is loaded twice is the same contract within a process.

    `reference` is what `--contract` found it by: its name or its folder.
    """

    def __init__(self, terms: Terms, catalogue: Catalogue, document: Document, reference: str = "") -> None:
        self._terms = terms
        self.reference = reference or terms.name
        self.catalogue = catalogue
        self.document = document

    @property
    def name(self) -> str:
        """What reports call it."""
        return self._terms.name

    @property
    def title(self) -> str:
        """What people call it."""
        return self._terms.title

    @property
    def date(self) -> str:
        """The day whose wording of the contract this is, as YYYY-MM-DD."""
        return self._terms.date

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The operations by the name that requirement ids give them, e.g. `transcriptions`."""
        return self._terms.operations

    @property
    def names(self) -> Names:
        """How fields and headers are called."""
        return self._terms.names

    @property
    def model_list(self) -> str | None:
        """The path of the list of models; None where the contract has none."""
        return self._terms.model_list

    @property
    def probes(self) -> Mapping[Capability, Probe]:
        """The capabilities beside those of the operations, each with the request that shows it."""
        return self._terms.probes

    def stream(self, route: str) -> Stream:
        """How an operation streams. Raises CatalogueError where it does not."""
        if route not in self._terms.streams:
            raise CatalogueError(f"The contract {self.name} has no stream of `{route}`.")
        return self._terms.streams[route]

    @property
    def audio_labels(self) -> tuple[str, ...]:
        """The media types that speech of any format may have beside those of its format."""
        return self._terms.audio_labels

    @property
    def audio_headers(self) -> tuple[AudioHeader, ...]:
        """What speech always comes with."""
        return self._terms.audio_headers

    def default_model(self, capability: Capability) -> str:
        """The model key that is taken where a target declares none. Raises CatalogueError where the contract names none."""
        if capability not in self._terms.default_models:
            raise CatalogueError(f"The contract {self.name} names no default model for `{capability}`.")
        return self._terms.default_models[capability]

    @cached_property
    def _statuses(self) -> dict[str, Statuses]:
        return {situation: Statuses(names) for situation, names in self._terms.statuses.items()}

    def statuses(self, situation: str) -> Statuses:
        """What a situation such as `unknown-model` may be answered with. Raises CatalogueError for an unknown situation."""
        if situation not in self._statuses:
            known = ", ".join(sorted(self._statuses))
            raise CatalogueError(f"The contract {self.name} names no statuses for `{situation}`.", f"It has {known}.")
        return self._statuses[situation]

    def transcript(self, response_format: Any = None) -> TranscriptShape:
        """The shape of a transcript that was asked in this format; one that is unknown or absent is that of the default."""
        shapes = self._terms.transcripts
        known = isinstance(response_format, str) and response_format in shapes
        shape = shapes[response_format if known else "default"]
        named = self.names.request_id if shape.kind == "object" else None
        return msgspec.structs.replace(shape, text=self.names.text, request_id=named)

    @property
    def document_media_types(self) -> frozenset[str]:
        """The media types of transcripts that are plain documents."""
        shapes = self._terms.transcripts.values()
        return frozenset(name for shape in shapes if shape.kind == "document" for name in shape.media_types)

    def optional_capabilities(self, requirement_id: str) -> Iterator[Capability]:
        """The capabilities of the optional operations that a requirement's id names."""
        for segment in requirement_id.split("."):
            operation = self.operations.get(segment)
            if operation is not None and operation.optional:
                yield operation.capability

    def has(self, route: object, encoding: object = None) -> bool:
        """Whether the operation exists and, where an encoding is given, takes it."""
        operation = self.operations.get(str(route))
        return operation is not None and (encoding is None or encoding in operation.encodings)
