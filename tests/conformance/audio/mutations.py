"""Ways in which a gateway spoils a body on its way, as functions from good bytes to bad ones."""

import base64
import gzip
import json
from dataclasses import dataclass
from typing import Protocol


class Spoil(Protocol):
    def __call__(self, data: bytes) -> bytes: ...


@dataclass(frozen=True)
class Mutation:
    """`unseen` names the formats in which this fault leaves no trace in the bytes, for want of redundancy."""

    name: str
    spoil: Spoil
    unseen: frozenset[str] = frozenset()


def _middle(data):
    return len(data) // 2


def _zeroed(count):
    return lambda data: data[: _middle(data)] + bytes(count) + data[_middle(data) + count :]


def _dropped(count):
    return lambda data: data[: _middle(data)] + data[_middle(data) + count :]


def _doubled_span(data):
    at = _middle(data)
    return data[:at] + data[at - 500 : at] + data[at:]


def _chunked_framing(data):
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in _pieces(data, 1000)) + b"0\r\n\r\n"


def _pieces(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


_BARE = frozenset({"wav", "pcm"})  # samples without any redundancy
_ERROR = json.dumps({"error": {"message": "upstream failed", "type": "server_error"}}).encode()
_PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"

MUTATIONS = [
    Mutation("empty", lambda data: b""),
    Mutation("one byte short", lambda data: data[:-1]),
    Mutation("cut to 99 %", lambda data: data[: len(data) * 99 // 100 | 1]),
    Mutation("cut to 40 %", lambda data: data[: len(data) * 2 // 5 | 1]),
    Mutation("only its first 20 bytes", lambda data: data[:20], frozenset({"pcm"})),
    Mutation("a span of zeros", _zeroed(600), _BARE),
    Mutation("an odd number of bytes lost inside", _dropped(501)),
    Mutation("500 bytes lost inside", _dropped(500), frozenset({"pcm"})),
    Mutation("500 bytes twice", _doubled_span, frozenset({"pcm"})),
    Mutation("first byte lost", lambda data: data[1:]),
    Mutation("one byte of junk in front", lambda data: b"x" + data),
    Mutation("a response head in front", lambda data: b"HTTP/1.1 200 OK\r\n\r\n" + data),
    Mutation("line end behind", lambda data: data + b"\r\n\r\n", frozenset({"pcm"})),
    Mutation("one byte of junk behind", lambda data: data + b"\n"),
    Mutation("an error document behind", lambda data: data + _ERROR + b" " * (len(_ERROR) % 2), frozenset({"pcm"})),
    Mutation("chunked framing left in", _chunked_framing),
    Mutation("JSON error", lambda data: _ERROR),
    Mutation("JSON string of the bytes", lambda data: json.dumps(data.decode("latin-1")).encode()),
    Mutation("HTML page", lambda data: _PAGE),
    Mutation("plain text", lambda data: b"Internal Server Error"),
    Mutation("base64", base64.b64encode),
    Mutation("taken for UTF-8", lambda data: data.decode("utf-8", "replace").encode()),
    Mutation("taken for Latin-1", lambda data: data.decode("latin-1").encode("utf-8")),
    Mutation("line ends changed", lambda data: data.replace(b"\n", b"\r\n")),
    Mutation("gzip", lambda data: gzip.compress(data, mtime=0), frozenset({"pcm"})),
    Mutation("bytes of every pair swapped", lambda data: bytes(data[i ^ 1] for i in range(len(data) & ~1))),
]
