"""Examples of the bodies that the control API takes. A test sends each of them to a running mock."""

from __future__ import annotations

from typing import Any


def _example(summary: str, act: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"summary": summary, "value": {"act": act, **more}}


_MARKED = {"marker": "case-17"}
_UPLOADS = {"operation": "transcription", "model": "whisper-1"}

SCRIPTS: dict[str, dict[str, Any]] = {
    "fail_once": _example(
        "The next call fails with 503", {"status": 503, "headers": {"Retry-After": "2"}}, match=_MARKED
    ),
    "limit": _example("Every call is over its rate limit", {"status": 429}, times=None),
    "hold": _example("Calls wait at the gate `checkout` until they are released", {"hold": "checkout"}, times=None),
    "delay": _example("The response comes late", {"delay_s": 0.2}),
    "transcript": _example(
        "A transcript of one's own", {"body": {"json": {"text": "Hello."}}}, match={"operation": "transcription"}
    ),
    "page": _example(
        "A page where JSON was to come",
        {"body": {"text": "<h1>Bad gateway</h1>"}, "content_type": "text/html"},
        match=_UPLOADS,
    ),
    "bytes": _example("Bytes as they are given", {"body": {"base64": "UklGRg=="}, "content_type": "audio/wav"}),
    "reset": _example("The connection is reset in the middle of the body", {"reset": "mid_body"}),
    "truncate": _example("The connection ends after half of the body", {"truncate": {"keep": 0.5}}),
    "short": _example("A short body under a length of its own", {"truncate": {"keep": 100, "length": "actual"}}),
    "malform": _example("The body is not what its type says", {"malform": True}),
    "drip": _example(
        "Pieces of two bytes, which cut through characters",
        {"drip": {"chunk": 2, "interval_s": 0}, "framing": "chunked"},
    ),
    "compress": _example("The body is compressed, if that was accepted", {"compress": "gzip"}),
    "media_type": _example("The media type in another legal spelling", {"media_type": "quoted_charset"}),
    "header_case": _example("All names of headers in capital letters", {"header_case": "upper"}),
    "padded_length": _example("A Content-Length with leading zeros", {"framing": "padded_length"}),
    "close": _example("Neither a length nor chunks: the body ends with its connection", {"framing": "close"}),
    "chunked": _example("A body without a length", {"chunked": True}),
    "hold_body": _example(
        "One event of a stream, and the rest when the gate is released", {"hold_body": {"gate": "first-event"}}
    ),
    "close_idle": _example("The connection is kept, and closed unannounced while it is idle", {"close_idle_s": 0.05}),
    "interim": _example(
        "Two interim responses before the final one",
        {"interim": [{"status": 102}, {"status": 103, "headers": {"Link": "</voices>; rel=preload"}}]},
    ),
    "redirect": _example("To another path of the mock, which then serves the request", {"redirect": {"status": 307}}),
    "redirect_elsewhere": _example(
        "To another origin", {"redirect": {"status": 302, "origin": "http://127.0.0.1:9101"}}
    ),
    "azure": _example(
        "Only for one deployment of Azure, twice",
        {"status": 500},
        match={"face": "azure", "deployment": "speech-prod"},
        times=2,
    ),
    "by_upload": _example(
        "For the upload with this digest",
        {"content_type": "text/plain"},
        match={"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    ),
}

RELEASES: dict[str, dict[str, Any]] = {
    "all": {"summary": "All calls, now and later", "value": {"all": True}},
    "first": {"summary": "The two that have waited longest", "value": {"count": 2}},
}
