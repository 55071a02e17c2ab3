"""Says of a body that cannot be read what it looks like: the mistakes that clients make with a whole body."""

from __future__ import annotations

from reference_server.decoding.body import Body
from reference_server.errors import MalformedBody

# (first bytes, what the body is and what to do)
_SIGNS = (
    (b"\x1f\x8b", "is compressed with gzip: send it uncompressed, without Content-Encoding."),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd: send it uncompressed, without Content-Encoding."),
    (b"\xff\xfe", "starts with the byte order mark of UTF-16: encode it in UTF-8."),
    (b"\xfe\xff", "starts with the byte order mark of UTF-16: encode it in UTF-8."),
)
_FOR_JSON = (
    (b"--", "looks like a form: its Content-Type is multipart/form-data with the boundary."),
    (b"model=", "is URL-encoded: send a JSON object."),
    (b"input=", "is URL-encoded: send a JSON object."),
    (b"{'", "has single quotes: JSON has double ones."),
)
_FOR_FORMS = ((b"{", "is JSON: its Content-Type is application/json."),)


def explained(error: MalformedBody, body: Body, *, json: bool) -> MalformedBody:
    """`error`, or one that names the mistake where the body's first bytes or its Content-Encoding show it."""
    for sign, words in (*_SIGNS, *(_FOR_JSON if json else _FOR_FORMS)):
        if body.head.startswith(sign):
            return MalformedBody(f"The body {words}")
    if body.content_encoding:
        sent = body.content_encoding[:40]
        return MalformedBody(f"The body has the Content-Encoding `{sent}`, which is not undone here: send it plain.")
    return error
