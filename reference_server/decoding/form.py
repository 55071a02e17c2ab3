"""Reads `multipart/form-data` while it is received: text fields into memory, the one file to a spool.

Litestar's own form reader answers 500 to several broken forms and collapses repeated fields, so the push parser below it
is used directly. Names are read as Latin-1 and then as UTF-8, which loses nothing whatever the client wrote.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from reference_server.decoding import header_values
from reference_server.decoding.body import Body, spool
from reference_server.errors import BodyTooLarge, InvalidField, MalformedBody

FILE_FIELD = "file"
MAX_FIELDS = 1000
MAX_TEXT_BYTES = 1024 * 1024
_MAX_HEADER_BYTES = 16 * 1024
_MAX_HEADERS = 16


@dataclass(slots=True)
class FormFile:
    """The file of a form: its bytes so far, and how the client named and labelled it (None: not at all)."""

    spooled: SpooledTemporaryFile[bytes]
    file_name: str | None
    content_type: str | None
    size: int = 0


@dataclass(slots=True)
class Form:
    """Text fields in the order sent, repeats kept, and the file part, if one came."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    file: FormFile | None = None

    def close(self) -> None:
        """Frees the file's space; for the case that the request turns out wrong."""
        if self.file is not None:
            self.file.spooled.close()


async def read_form(body: Body, boundary: str, max_file_bytes: int) -> Form:
    """Reads the whole form. Raises InvalidRequest; then nothing stays open."""
    reader = _FormReader(max_file_bytes)
    try:
        with _parser(boundary) as parser:

            def parse(piece: bytes) -> None:
                if not parser.closed:  # what follows the last boundary is read, and ignored
                    for event in parser.parse(piece):
                        reader.take(event)

            await body.read(parse)
    except ParserLimitReached:
        reader.form.close()
        raise MalformedBody(f"The form has over {MAX_FIELDS} parts, or a part's header is too long.") from None
    except MultipartError:
        reader.form.close()
        raise MalformedBody("The body is not whole multipart/form-data with the declared boundary.") from None
    except BaseException:
        reader.form.close()
        raise
    return reader.form


def _parser(boundary: str) -> PushMultipartParser:
    return PushMultipartParser(
        boundary.encode("latin-1", "replace"),
        max_header_size=_MAX_HEADER_BYTES,
        max_header_count=_MAX_HEADERS,
        max_segment_count=MAX_FIELDS,
        header_charset="latin-1",
    )


class _FormReader:
    """Takes the parser's events: a segment opens a part, bytes fill it, None ends it."""

    def __init__(self, max_file_bytes: int) -> None:
        self.form = Form()
        self._max_file_bytes = max_file_bytes
        self._text_bytes = 0
        self._name = ""
        self._text: bytearray | None = None
        self._file: FormFile | None = None

    def take(self, event: MultipartSegment | bytes | None) -> None:
        if event is None:
            self._end()
        elif isinstance(event, MultipartSegment):
            self._open(event)
        else:
            self._fill(event)

    def _open(self, segment: MultipartSegment) -> None:
        headers = {name.lower(): value for name, value in reversed(segment.headerlist)}
        disposition = _as_utf8(headers.get("content-disposition", ""))
        kind, name, file_name = header_values.names(disposition)
        if kind != "form-data" or name is None:
            raise MalformedBody("A part of the form has no name. Send `Content-Disposition: form-data; name=...`.")
        self._name, content_type = name, headers.get("content-type")
        is_file = file_name is not None or (self._name == FILE_FIELD and content_type is not None)
        self._text = None if is_file else bytearray()
        if is_file and self._name == FILE_FIELD:
            self._open_file(file_name, content_type)

    def _open_file(self, file_name: str | None, content_type: str | None) -> None:
        if self.form.file is not None:
            raise InvalidField(FILE_FIELD, "was sent more than once: send one file.")
        self._file = self.form.file = FormFile(spool(), file_name, content_type)

    def _fill(self, data: bytes) -> None:
        if self._file is not None:
            self._file.size += self._file.spooled.write(data)
            if self._file.size > self._max_file_bytes:
                raise BodyTooLarge(self._max_file_bytes, "file")
        elif self._text is not None:
            self._text_bytes += len(data)
            if self._text_bytes > MAX_TEXT_BYTES:
                raise BodyTooLarge(MAX_TEXT_BYTES, "text of the form's fields")
            self._text += data

    def _end(self) -> None:
        if self._text is not None:
            try:
                self.form.fields.append((self._name, self._text.decode("utf-8")))
            except UnicodeDecodeError:
                raise InvalidField(self._name[:100], "is not UTF-8 text: encode it so.") from None
        self._file, self._text = None, None


def _as_utf8(value: str) -> str:
    try:
        return value.encode("latin-1").decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return value
