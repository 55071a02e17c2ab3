"""Malformed and edge-case bodies, of kinds that servers are known to fail on, as data.

Each is built twice: *incomplete*, without something that the contract requires, so that no gateway may pass it to
a provider and no provider can be blamed; and *whole*, valid but for the oddity, which is judged with the mock behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from conformance.http.bodies import JSON_TYPE, Body, Upload, audio_object

BOUNDARY = "conformance-odd-boundary"
_LONG = "x" * 100_000
_NESTING = 100_000

# Pairs of a JSON object's text, written by hand because they are what a library would not write.
JSON_MEMBERS: dict[str, str] = {
    "deep-lists": f'"extra": {"[" * _NESTING}{"]" * _NESTING}',
    "deep-objects": '"extra": ' + '{"a":' * _NESTING + "1" + "}" * _NESTING,
    "nan": '"speed": NaN, "temperature": NaN',
    "infinity": '"speed": Infinity, "temperature": -Infinity',
    "huge-float": '"speed": 1e999, "temperature": -1e999',
    "huge-integer": f'"speed": {"9" * 5000}, "temperature": {"9" * 5000}',
    "tiny-float": '"speed": 1e-999, "temperature": 1e-999',
    "lone-surrogate": '"instructions": "\\ud800", "prompt": "\\udfff"',
    "nul": '"instructions": "a\\u0000b", "prompt": "a\\u0000b"',
    "nul-in-a-key": '"a\\u0000b": 1, "": 2',
    "surrogate-in-a-key": '"\\ud800": 1',
    "long-voice": f'"voice": "{_LONG}", "language": "{_LONG}"',
    "long-format": f'"response_format": "{_LONG}"',
    "long-key": f'"{_LONG}": 1',
    "many-keys": ", ".join(f'"k{number}": {number}' for number in range(10_000)),
    "duplicate-keys": '"response_format": "json", "response_format": "json", "extra": 1, "extra": {}',
    "prototype-keys": '"__proto__": {"a": 1}, "constructor": {"prototype": {}}, "__class__": "x"',
}
# Those whose values a gateway has to understand, and might only trip over after the required fields are found.
WHOLE_JSON = (
    "nan",
    "infinity",
    "huge-float",
    "huge-integer",
    "lone-surrogate",
    "nul",
    "nul-in-a-key",
    "surrogate-in-a-key",
    "long-voice",
    "long-format",
    "duplicate-keys",
    "deep-lists",
)


def odd_json(kind: str, fields: dict[str, Any]) -> Body:
    """An object with the given fields and the odd members."""
    plain = json.dumps(fields)[1:-1]
    return Body(f"{{{', '.join(filter(None, [plain, JSON_MEMBERS[kind]]))}}}".encode(), JSON_TYPE)


def transcript_members(model: str, upload: Upload) -> dict[str, Any]:
    """The members of a valid transcript request in JSON."""
    return {"model": model, "audio": audio_object(upload)}


def part(name: str, data: bytes, *more: str) -> bytes:
    """One part with further header lines under its Content-Disposition."""
    head = [f'Content-Disposition: form-data; name="{name}"', *more]
    return raw_part("\r\n".join(head).encode("utf-8", "surrogateescape"), data)


def raw_part(head: bytes, data: bytes) -> bytes:
    """One part with header lines as they are given."""
    return b"\r\n".join([b"--" + BOUNDARY.encode(), head, b"", data, b""])


def odd_form(parts: bytes, *, end: bytes | None = None) -> Body:
    """The parts with the closing delimiter, or with another end."""
    closing = b"--" + BOUNDARY.encode() + b"--\r\n" if end is None else end
    return Body(parts + closing, f"multipart/form-data; boundary={BOUNDARY}")


def file_part(upload: Upload) -> bytes:
    """The part of an upload, its file name unescaped."""
    disposition = f'Content-Disposition: form-data; name="file"; filename="{upload.file_name}"'
    return raw_part(f"{disposition}\r\nContent-Type: {upload.content_type}".encode(), upload.data)


# Parts that stand beside the ordinary ones.
FORM_PARTS: dict[str, bytes] = {
    "thousands-of-fields": b"".join(part(f"field{number}", b"x") for number in range(3000)),
    "thousands-of-same-fields": part("timestamp_granularities[]", b"segment") * 3000,
    "long-value": part("language", _LONG.encode()),
    "long-name": part(_LONG, b"x"),
    "text-not-utf-8": part("prompt", b"\xff\xfe\x80 caf\xe9"),
    "nul-in-text": part("prompt", b"a\x00b"),
    "unknown-charset": part("prompt", b"hello", "Content-Type: text/plain; charset=no-such-charset"),
    "utf-16-charset": part("prompt", "hello".encode("utf-16"), "Content-Type: text/plain; charset=utf-16"),
    "charset-field": part("_charset_", b"no-such-charset"),
    "transfer-encoding": part("prompt", b"aGVsbG8=", "Content-Transfer-Encoding: base64"),
    "unknown-transfer-encoding": part("prompt", b"hello", "Content-Transfer-Encoding: no-such-encoding"),
    "repeated-scalars": part("language", b"en") * 2 + part("temperature", b"0") * 2,
    "number-not-a-number": part("temperature", b"nan"),
    "number-infinite": part("temperature", b"1e999"),
    "number-of-many-digits": part("temperature", b"9" * 5000),
    "header-without-colon": part("extra", b"x", "this line has no colon"),
    "header-long": part("extra", b"x", f"X-Long: {_LONG}"),
    "header-folded": part("extra", b"x", "X-Folded: one", " two"),
    "headers-many": part("extra", b"x", *(f"X-{number}: 1" for number in range(500))),
    "header-not-ascii": part("extra", b"x", "X-Odd: \udcff\udcfe"),
    "no-headers": raw_part(b"", b"x"),
    "no-disposition": raw_part(b"Content-Type: text/plain", b"x"),
    "disposition-empty": raw_part(b"Content-Disposition:", b"x"),
    "disposition-without-name": raw_part(b"Content-Disposition: form-data", b"x"),
    "disposition-not-form-data": raw_part(b'Content-Disposition: attachment; filename="x"', b"x"),
    "disposition-unterminated": raw_part(b'Content-Disposition: form-data; name="ext', b"x"),
    "disposition-twice": raw_part(
        b'Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"', b""
    ),
    "name-empty": part("", b"x"),
    "name-extended": raw_part(b"Content-Disposition: form-data; name*=utf-8''extra; filename*=no-such''%ff", b"x"),
    "part-empty": part("prompt", b""),
    "part-nested": part("extra", b"--inner\r\n\r\nx\r\n--inner--", "Content-Type: multipart/mixed; boundary=inner"),
}
# Those that sit on documented fields, so that a gateway might trip over them after the required fields are found.
WHOLE_FORM = (
    "thousands-of-same-fields",
    "long-value",
    "text-not-utf-8",
    "nul-in-text",
    "unknown-charset",
    "utf-16-charset",
    "transfer-encoding",
    "repeated-scalars",
    "number-not-a-number",
    "number-infinite",
    "number-of-many-digits",
    "part-empty",
)


def odd_framing(name: str, upload: Upload) -> Body:
    """A form without a model whose delimiters are odd."""
    return _FRAMINGS[name](file_part(upload))


_FRAMINGS: dict[str, Callable[[bytes], Body]] = {
    "no-final-delimiter": lambda parts: odd_form(parts, end=b""),
    "final-delimiter-cut": lambda parts: odd_form(parts, end=f"--{BOUNDARY}".encode()),
    "line-feeds-only": lambda parts: Body(odd_form(parts).data.replace(b"\r\n", b"\n"), odd_form(b"").content_type),
    "preamble-and-epilogue": lambda parts: odd_form(b"before\r\n" + parts, end=f"--{BOUNDARY}--\r\nafter".encode()),
    "no-parts": lambda _: odd_form(b""),
    "delimiters-only": lambda _: odd_form(f"--{BOUNDARY}\r\n".encode() * 100),
    "long-boundary": lambda parts: Body(odd_form(parts).data, f"multipart/form-data; boundary={'b' * 2000}"),
    "pattern-boundary": lambda parts: Body(odd_form(parts).data, 'multipart/form-data; boundary=".*(+?[)\\\\"'),
    "boundary-not-ascii": lambda parts: Body(odd_form(parts).data, "multipart/form-data; boundary=gr\u00fc\u00dfe"),
    "two-boundaries": lambda parts: Body(odd_form(parts).data, f"multipart/form-data; boundary=a; boundary={BOUNDARY}"),
    "unquoted-semicolons": lambda parts: Body(odd_form(parts).data, "multipart/form-data;;; boundary=;;="),
}
FRAMINGS = tuple(_FRAMINGS)
