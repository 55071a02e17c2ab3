"""The upload at the provider: its bytes must be the client's, its name and media type should."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from conformance.http.bodies import Identified, Upload
from conformance.http.exchange import Exchange, Finding
from conformance.judge.texts import shown
from conformance.mock.calls import RecordedCall


def upload_arrived(exchange: Exchange, calls: Sequence[RecordedCall], upload: Identified) -> Finding | None:
    """Every call has a file with exactly the bytes that the client uploaded (rulings: Provider side, upload).

    Whether there is a call at all is for others to judge.
    """
    for call in calls:
        if difference := differing_upload(call, upload):
            expected, got = difference
            return Finding("the upload reached the provider changed", expected, got, (exchange,), (call,))
    return None


def differing_upload(call: RecordedCall, upload: Identified) -> tuple[str, str] | None:
    """What was sent and what the call has, where its bytes are not the upload's."""
    file = call.file
    if file is not None and (file.size, file.sha256) == (upload.size, upload.digest):
        return None
    return f"{upload.size} bytes, sha256 {upload.digest[:16]}", str(file) if file else "no file"


def file_name_arrived(exchange: Exchange, calls: Sequence[RecordedCall], upload: Upload) -> Finding | None:
    """The file name is the client's. Quotes and line breaks may be escaped, as clients have to do in forms."""
    for call in calls:
        got = call.file.name if call.file else None
        if got is None or _unescaped(got) != _unescaped(upload.file_name or ""):
            message = "the file name does not reach the provider as it was sent"
            return Finding(message, shown(upload.file_name), shown(got), (exchange,), (call,))
    return None


def media_type_arrived(exchange: Exchange, calls: Sequence[RecordedCall], upload: Upload) -> Finding | None:
    """The upload's media type is the client's; letter case and parameters are not compared."""
    for call in calls:
        got = call.file.content_type if call.file else None
        if _bare(got) != _bare(upload.content_type):
            message = "the upload's media type does not reach the provider as it was sent"
            return Finding(message, shown(upload.content_type), shown(got), (exchange,), (call,))
    return None


def _unescaped(name: str) -> str:
    return unquote(name.replace('\\"', '"').replace("\\\\", "\\"))


def _bare(media_type: str | None) -> str:
    return (media_type or "").split(";")[0].strip().lower()
