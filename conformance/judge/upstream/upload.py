"""What reached the provider of what the client sent: the upload's bytes, the text to speak."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.http.bodies import Upload
from conformance.http.exchange import Exchange, Finding
from conformance.mock.calls import Call


def arrived_whole(exchange: Exchange, upload: Upload, calls: Sequence[Call], *, because: str) -> Finding | None:
    """One of the calls brought exactly these bytes (rulings: upload). No call at all is another judge's business."""
    arrived = [call["file"] for call in calls if call.get("file")]
    if not arrived or any(file["sha256"] == upload.digest for file in arrived):
        return None
    expected = f"{len(upload.data)} bytes, sha256 {upload.digest[:16]}"
    got = " and ".join(f"{file['size']} bytes, sha256 {file['sha256'][:16]}" for file in arrived)
    return Finding(f"{because}: the provider got other bytes", expected, got, (exchange,), tuple(calls))


def input_arrived(exchange: Exchange, text: str, calls: Sequence[Call], *, because: str) -> Finding | None:
    """One of the calls asked for exactly this text (rulings: text)."""
    asked = [value for call in calls for name, value in call["fields"] if name == "input"]
    if not asked or text in asked:
        return None
    expected = f"input of {len(text)} characters: {text[:60]!a}"
    got = " and ".join(f"{len(value)} characters: {value[:60]!a}" for value in map(str, asked))
    return Finding(f"{because}: the provider got another text", expected, got, (exchange,), tuple(calls))
