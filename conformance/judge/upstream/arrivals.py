"""The provider's side of one request: did what the client meant arrive, and did the client get what the provider said?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.http.bodies import Upload
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.transcripts import provider_document, text_is
from conformance.mock.calls import Call

GRANULARITIES = "timestamp_granularities"
# Which form a transcript has is seen in the answer; routing has its own requirements.
_JUDGED_ELSEWHERE = frozenset({"model", "response_format"})


def carries(
    exchange: Exchange, call: Call, fields: Mapping[str, Any], upload: Upload | None, *, because: str
) -> Finding | None:
    """Every optional field that was sent and is not empty arrived with an equal value, and so did the bytes."""
    differences = [*_fields_that_differ(call, fields), *_upload_that_differs(call, upload)]
    if not differences:
        return None
    expected = "; ".join(expected for expected, _ in differences)
    got = "; ".join(got for _, got in differences)
    return Finding(f"{because}: the provider got something else", expected, got, (exchange,), (call,))


def tells_what_was_said(exchange: Exchange, call: Call, *, because: str) -> Finding | None:
    """The client's text is the provider's, where the provider answered with a JSON document."""
    said = provider_document(call).get("text")
    return text_is(exchange, said, because=because) if isinstance(said, str) else None


def values_of(call: Call, name: str) -> list[Any]:
    """Every value that the call has under a name, in order; a list counts as its items, and brackets for nothing."""
    found: list[Any] = []
    for key, value in call["fields"]:
        if key.removesuffix("[]") == name:
            found += value if isinstance(value, list) else [value]
    return found


def _fields_that_differ(call: Call, fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, sent in fields.items():
        skipped = name == "model" or (name in _JUDGED_ELSEWHERE and call.get("operation") != "speech")
        if not skipped and sent not in ("", None, []):
            got = values_of(call, name)
            if not _equal(sent, got):
                yield f"{name} {sent!a}", f"{name} {got[0]!a}" if len(got) == 1 else f"{name} {got!a}"


def _equal(sent: Any, got: list[Any]) -> bool:
    if isinstance(sent, (list, tuple)):
        return sorted(sent) == sorted(map(str, got))
    if len(got) != 1:
        return False
    if isinstance(sent, (int, float)):
        return _as_number(got[0]) == float(sent)
    return bool(got[0] == sent)


def _as_number(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, (int, float, str)) else None
    except ValueError:
        return None


def _upload_that_differs(call: Call, upload: Upload | None) -> Iterator[tuple[str, str]]:
    if upload is None:
        return
    file = call.get("file") or {}
    if file.get("sha256") != upload.digest:
        got = f"{file['size']} bytes, sha256 {file['sha256'][:16]}" if file else "no file"
        yield f"a file of {len(upload.data)} bytes, sha256 {upload.digest[:16]}", got
