"""Names and labels a recording where the client did not: a provider tells the format by them."""

from __future__ import annotations

import mimetypes
import re
from typing import IO

from reference_server.audio.formats import by_signature
from reference_server.requests import Upload

_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;[\x20-\x7e]*)?", re.ASCII)


def labelled_upload(
    file: IO[bytes], size: int, file_name: str | None, content_type: str | None, param: str = "file"
) -> Upload:
    """The upload of `size` bytes in `file`; `param` is the field that brought it."""
    file.seek(0)
    kind = by_signature(file.read(64))
    name = file_name or f"audio.{kind.name if kind else 'wav'}"
    if content_type is None or not _MEDIA_TYPE.fullmatch(content_type):
        guessed, _ = mimetypes.guess_type(name)
        content_type = kind.media_type if kind else guessed or "application/octet-stream"
    return Upload(file=file, size=size, file_name=name, content_type=content_type, param=param)
