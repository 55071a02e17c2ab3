"""Requests as they were received, before anything is checked: plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import force_setattr, replace

Operation = Literal["speech", "transcription", "translation"]
FaceName = Literal["openai", "azure"]
BodyEncoding = Literal["json", "multipart", "other"]

# Between the texts of a call: no marker that a client can send in a field or a file name extends over it.
_SEPARATOR = "\0\n\0"

REDIRECTED = "/redirected"
"""The prefix of the paths that scripted redirects lead to; what is under it is served as if it were not there."""


class Upload(Struct, frozen=True):
    """A file part. `name` is decoded; `disposition` is the part's whole header as it was sent."""

    field: str
    name: str | None
    content_type: str | None
    disposition: str
    data: bytes
    size: int
    sha256: str


class ReceivedBody(Struct, frozen=True):
    """A request's body after decoding.

    `fields` are in the order received: the top-level pairs of a JSON object with JSON values, or the text parts
    of a form as strings. `fault` says why the body could not be read as what its media type promised. `raw` is
    kept only where it will be forwarded.
    """

    encoding: BodyEncoding
    media_type: str = ""
    fields: tuple[tuple[str, Any], ...] = ()
    upload: Upload | None = None
    fault: str | None = None
    size: int = 0
    raw: bytes | None = None
    _by_name: dict[str, Any] | None = None
    _text: str | None = None

    def value(self, name: str) -> Any:
        """Returns a field's value, the last one where it was sent several times, `None` where it was not."""
        if self._by_name is None:
            force_setattr(self, "_by_name", dict(self.fields))
        return self._by_name.get(name)  # type: ignore[union-attr]  # it was set just now

    @property
    def text(self) -> str:
        """All texts in which a marker is looked for, one after the other: the file's name and the text fields."""
        if self._text is None:
            force_setattr(self, "_text", _SEPARATOR.join(self.texts()))
        return self._text  # type: ignore[return-value]  # it was set just now

    def texts(self) -> Iterator[str]:
        """Yields every text in which a marker is looked for: the file's name and the text fields."""
        if self.upload and self.upload.name:
            yield self.upload.name
        for _, value in self.fields:
            if isinstance(value, str):
                yield value


class Address(Struct, frozen=True):
    """What a path addresses: which face, which operation, which Azure deployment. All `None`: nothing known.

    `models`: the list of models (empty) or one of them by its name.
    """

    face: FaceName | None = None
    operation: Operation | None = None
    deployment: str | None = None
    models: str | None = None


class ReceivedRequest(Struct, frozen=True):
    """One request. `path` is as sent, still percent-encoded; header names are in lower case, values as received."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    address: Address
    body: ReceivedBody
    query_string: str = ""

    @property
    def model(self) -> str | None:
        """The `model` field, where it is a string."""
        model = self.get("model")
        return model if isinstance(model, str) else None

    @property
    def upload_sha256(self) -> str | None:
        """The digest of the upload, `None` where there is none."""
        return self.body.upload.sha256 if self.body.upload else None

    @property
    def redirected(self) -> bool:
        """Whether its client has followed a scripted redirect."""
        return self.path.startswith(f"{REDIRECTED}/")

    def get(self, name: str) -> Any:
        """Returns a field's value, the last one where it was sent several times, `None` where it was not."""
        return self.body.value(name)

    def all(self, *names: str) -> tuple[Any, ...]:
        """Returns every value of the fields so named, in order; a JSON list counts as its items."""
        values = (value for name, value in self.body.fields if name in names)
        return tuple(item for value in values for item in (value if isinstance(value, list) else [value]))

    def header(self, name: str) -> str | None:
        """Returns the first header of that name (in lower case), `None` where there is none."""
        for found, value in self.headers:
            if found == name:
                return value
        return None

    def without_bytes(self) -> ReceivedRequest:
        """Returns it without the bytes of its upload and of its body."""
        if self.body.upload is None and self.body.raw is None:
            return self
        upload = replace(self.body.upload, data=b"") if self.body.upload else None
        return replace(self, body=replace(self.body, upload=upload, raw=None))

    def texts(self) -> Iterator[str]:
        """Yields every text in which a marker is looked for."""
        return self.body.texts()
