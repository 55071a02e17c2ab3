"""Writes `multipart/form-data` as browsers and OpenAI's clients do: raw UTF-8 names, `%22` for a quote, a known length.

httpx's own writer doubles backslashes in file names; this one changes nothing that need not be changed, and reads the
upload from its spool piece by piece.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Sequence

from reference_server.requests import CHUNK_BYTES, Upload

_UNSAFE = re.compile(r'["\x00-\x1f\x7f]')


class MultipartWriter:
    """Text fields in order, then the file: its headers and its body."""

    def __init__(self, fields: Sequence[tuple[str, str]], upload: Upload) -> None:
        self.fields = fields
        self.upload = upload
        self._boundary = f"gateway-{secrets.token_hex(16)}"
        self._head = "".join([self._text_part(*field) for field in fields]).encode() + self._file_head()
        self._tail = f"\r\n--{self._boundary}--\r\n".encode()

    @property
    def headers(self) -> dict[str, str]:
        length = len(self._head) + self.upload.size + len(self._tail)
        return {
            "Content-Type": f"multipart/form-data; boundary={self._boundary}",
            "Content-Length": str(length),
        }

    @property
    def disposition(self) -> str:
        """The file's `Content-Disposition`."""
        name = _UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", self.upload.file_name)
        return f'form-data; name="file"; filename="{name}"'

    async def body(self) -> AsyncIterator[bytes]:
        """The form, piece by piece; a short one in one piece, for each is a call of the operating system's."""
        if self.upload.size <= CHUNK_BYTES:
            yield b"".join([self._head, self.upload.read(), self._tail])
            return
        yield self._head
        for chunk in self.upload.chunks():
            yield chunk
        yield self._tail

    def _text_part(self, name: str, value: str) -> str:
        return f'--{self._boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'

    def _file_head(self) -> bytes:
        label = f"Content-Disposition: {self.disposition}\r\nContent-Type: {self.upload.content_type}"
        return f"--{self._boundary}\r\n{label}\r\n\r\n".encode()
