"""Hostile requests: good ones spoiled byte by byte, and bodies, heads and manners made up to hurt.

Equal seeds, equal requests.
"""

from __future__ import annotations

import base64
import json
import random
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal

from benchmarks.rig.bombs import hours_of_silence, lying_wav
from benchmarks.rig.gateways import BASE_PATH
from benchmarks.rig.wire import request
from mock_upstreams import MockProvider, SpeechRequest

if TYPE_CHECKING:
    from collections.abc import Callable

Chance = random.Random
# wait: for one whole answer; drain: for all that comes; half-close: send no more, then drain; close, reset: at once.
Ending = Literal["wait", "drain", "half-close", "close", "reset"]

_BOUNDARY = "b0undary"
_FORM = f"multipart/form-data; boundary={_BOUNDARY}"
_PATHS = {operation: f"{BASE_PATH}/audio/{operation}" for operation in ("speech", "transcriptions", "translations")}
_WORDS = (
    *(b"\x00", b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\r\n", b"\r\n\r\n", b"\n", b'"', b"\\", b"=", b";", b"%00"),
    *(b"--" + _BOUNDARY.encode(), b"--" + _BOUNDARY.encode() + b"--", b"\r\n--" + _BOUNDARY.encode() + b"\r\n"),
    *(b"[" * 3000, b'{"a":' * 3000, b"{}", b"[]", b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"-1", b"9" * 400),
    *(
        b"\\ud800",
        b"\\udfff\\ud800",
        b"\\u0000",
        b"../../etc/passwd",
        b"filename*=UTF-8''%ff",
        b"filename*=x",
        b"name=",
    ),
    *(b"multipart/form-data", b"application/json", b"boundary=", b"chunked", b"Transfer-Encoding: chunked\r\n"),
    *(b"Content-Length: 0\r\n", b"Content-Length: -1\r\n", b"Expect: 100-continue\r\n", b"Connection: close\r\n"),
    *(b"RIFF", b"OggS", b"fLaC", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", b"#EXTM3U\nfile:///etc/passwd\n", b"ftypM4A "),
)


@dataclass(frozen=True)
class Attack:
    """What one client does: bytes in one or more writes, ``pause_s`` apart, then an ending. ``kind`` is for statistics."""

    kind: str
    writes: tuple[bytes, ...]
    ending: Ending = "wait"
    pause_s: float = 0.0


@dataclass(frozen=True)
class Arsenal:
    """Makes attack number so-and-so of a seed. ``models`` are the keys to ask for: speech, transcription."""

    token: str
    models: tuple[tuple[str, str], ...]
    seed: str
    goods: tuple[bytes, ...] = field(init=False)

    def __post_init__(self) -> None:
        goods = tuple(good for models in self.models for good in good_requests(self.token, *models))
        object.__setattr__(self, "goods", goods)

    def attack(self, number: int) -> Attack:
        """The attack of that number, whatever came before it."""
        chance = Chance(f"{self.seed}/{number}")
        make = chance.choices(_KINDS, _WEIGHTS)[0]
        return make(self, chance)

    def model(self, chance: Chance, place: int) -> str:
        """Some speech (0) or transcription (1) model's key."""
        return chance.choice(self.models)[place]


@cache
def _spoken(text: str, audio_format: str) -> bytes:
    return MockProvider().synthesize(SpeechRequest("tts-1", text, response_format=audio_format)).data


def form(pairs: list[tuple[str, str]], audio: bytes, name: str = "a.ogg") -> bytes:
    """A form with text fields and a file."""
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in pairs
    ]
    file = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    file += "Content-Type: audio/ogg\r\n\r\n"
    return ("".join(parts) + file).encode() + audio + f"\r\n--{_BOUNDARY}--\r\n".encode()


def good_requests(token: str, say: str, hear: str) -> list[bytes]:
    """One of each operation and form, each answered 200."""
    audio = _spoken("Hi.", "opus")
    spoken = {"model": say, "input": "Hi.", "voice": "alloy", "response_format": "pcm", "speed": 4, "instructions": "x"}
    heard = {
        "model": hear,
        "audio": {"data": base64.b64encode(audio).decode(), "fileName": "a.ogg"},
        "temperature": 0.5,
    }
    pairs = [("model", hear), ("prompt", "p"), ("temperature", "0.5"), ("response_format", "json")]
    whole = form([*pairs, ("timestamp_granularities[]", "word")], audio)
    return [
        request(_PATHS["speech"], token=token, body=json.dumps(spoken).encode()),
        request(_PATHS["transcriptions"], token=token, body=json.dumps({**heard, "language": "en"}).encode()),
        request(_PATHS["translations"], token=token, body=json.dumps(heard).encode()),
        request(_PATHS["transcriptions"], token=token, body=whole, content_type=_FORM),
        request(_PATHS["translations"], token=token, body=whole, content_type=_FORM),
    ]


def _spoiled(arsenal: Arsenal, chance: Chance) -> Attack:
    """A good request with one to four changes; half of the time the declared length is mended to fit the body."""
    head, _, body = chance.choice(arsenal.goods).partition(b"\r\n\r\n")
    for _ in range(chance.randint(1, 4)):
        change = chance.choice(_CHANGES)
        if chance.random() < 0.25:
            head = change(head, chance)
        else:
            body = change(body, chance)
    if chance.random() < 0.5:
        head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head)
    return Attack("spoiled", (head + b"\r\n\r\n" + body,), _ending(head, body, chance))


def _ending(head: bytes, body: bytes, chance: Chance) -> Ending:
    """Mostly no wait for what is cut short: the gateway would wait, too, until its read time-out."""
    announced = re.search(rb"\r\nContent-Length: (\d{1,9})\r\n", head + b"\r\n")
    is_whole = announced is None or len(body) >= int(announced[1])
    return "wait" if is_whole or chance.random() < 0.3 else "half-close"


def _flip(data: bytes, chance: Chance) -> bytes:
    at = chance.randrange(len(data) or 1)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def _cut(data: bytes, chance: Chance) -> bytes:
    first, last = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:first] + data[last:]


def _double(data: bytes, chance: Chance) -> bytes:
    first, last = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:last] + data[first:]


def _insert(data: bytes, chance: Chance) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(_WORDS) + data[at:]


def _swap(data: bytes, chance: Chance) -> bytes:
    first, middle, last = sorted(chance.randrange(len(data) + 1) for _ in range(3))
    return data[:first] + data[middle:last] + data[first:middle] + data[last:]


_CHANGES: tuple[Callable[[bytes, Chance], bytes], ...] = (_flip, _cut, _double, _insert, _insert, _swap)

_VALUES = (
    *(
        "null",
        "true",
        "[]",
        "{}",
        '""',
        '" "',
        "0",
        "-1",
        "0.0",
        "1e308",
        "1e999",
        "-1e999",
        "NaN",
        "Infinity",
        "-Infinity",
    ),
    *(f'"{name}"' for name in ("\\ud800", "\\udc00\\ud800", "\\u0000", "a\\u0000b", "\\ud83d\\ude00", "x" * 5000)),
    *("9" * 500, f"0.{'1' * 500}", "[" * 5000 + "]" * 5000, '{"a":' * 5000 + "1" + "}" * 5000, "[null]", '["word", 1]'),
    *(
        '{"data": 1}',
        '{"data": "!!!"}',
        '{"data": "AAA"}',
        '{"data": ""}',
        '{"data": "\\u0041AAA"}',
        '{"data": null}',
        '{"data": "Ukl\\q"}',
    ),
)
_NAMES = (
    *(
        "model",
        "input",
        "voice",
        "response_format",
        "speed",
        "instructions",
        "audio",
        "language",
        "prompt",
        "temperature",
    ),
    *("timestamp_granularities", "timestamp_granularities[]", "file", "", "\\u0000", "__proto__", "x" * 2000),
)


def _odd_json(arsenal: Arsenal, chance: Chance) -> Attack:
    """A JSON object of the right names with wrong values, some twice, some thousands of times."""
    operation = chance.choice(list(_PATHS))
    place = 0 if operation == "speech" else 1
    audio = base64.b64encode(_spoken("Hi.", "opus")).decode()
    pairs = [
        f'"model": "{arsenal.model(chance, place)}"',
        *(['"input": "Hi."', '"response_format": "pcm"'] if place == 0 else [f'"audio": {{"data": "{audio}"}}']),
    ]
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        pairs.insert(chance.randrange(len(pairs) + 1), f'"{chance.choice(_NAMES)}": {chance.choice(_VALUES)}')
    if chance.random() < 0.02:
        pairs += [f'"field{number}": {number}' for number in range(5000)]
    body = ("{" + ", ".join(pairs) + "}").encode()
    return Attack("odd JSON", (request(_PATHS[operation], token=arsenal.token, body=body),))


_DISPOSITIONS = (
    'form-data; name="file"; filename="a.ogg"',
    "form-data; name=file; filename=a.ogg",
    "form-data; name=\"file\"; filename*=UTF-8''%e2%82%ac.ogg",
    "form-data; name=\"file\"; filename*=UTF-8''%ff%fe",
    'form-data; name="file"; filename="../../../etc/passwd\x00.ogg"',
    'form-data; name="file"; filename="' + "a" * 3000 + '"',
    'form-data; filename="a.ogg"',
    "form-data",
    'attachment; name="file"',
    'form-data; name="model"; name="file"; filename="\\"',
    "form-data; name*0=fi; name*1=le",
    'form-data; name="file',
    "",
)


def _odd_form(arsenal: Arsenal, chance: Chance) -> Attack:
    """A form with odd parts, odd headers of parts, too many parts, or no end."""
    pairs = [("model", arsenal.model(chance, 1))]
    pairs += [(chance.choice(_NAMES), chance.choice(_VALUES)) for _ in range(chance.randrange(4))]
    if chance.random() < 0.05:
        pairs += [(f"field{number}", "x") for number in range(chance.choice((900, 1100, 4000)))]
    audio = chance.choice((_spoken("Hi.", "opus"), b"", b"\x00", _spoken("Hi.", "opus")[:100], lying_wav()))
    body = form(pairs, audio)
    if chance.random() < 0.5:
        odd = chance.choice(_DISPOSITIONS).encode()
        body = body.replace(b'form-data; name="file"; filename="a.ogg"', odd)
    if chance.random() < 0.2:
        body = chance.choice((b"preamble\r\n" + body, body + b"epilogue", body[:-4], body[: len(body) // 2], body * 2))
    boundary = chance.choice((*[_FORM] * 3, "multipart/form-data", "multipart/form-data; boundary=", _FORM + "x" * 300))
    path = _PATHS[chance.choice(("transcriptions", "translations"))]
    return Attack("odd form", (request(path, token=arsenal.token, body=body, content_type=boundary),))


def _bomb(arsenal: Arsenal, chance: Chance) -> Attack:
    """A small file that would be hours of audio, or says so."""
    audio = chance.choice((hours_of_silence(), lying_wav(), hours_of_silence()[:5000]))
    body = form([("model", arsenal.model(chance, 1))], audio, chance.choice(("a.flac", "a.wav")))
    return Attack("bomb", (request(_PATHS["transcriptions"], token=arsenal.token, body=body, content_type=_FORM),))


def _with_host(host: bytes) -> Callable[[bytes, bytes], bytes]:
    return lambda head, body: re.sub(rb"Host: [^\r]*", b"Host: " + host, head) + b"\r\n\r\n" + body


_HEADS: tuple[Callable[[bytes, bytes], bytes], ...] = (
    lambda head, body: head + b"\r\nX: " + b"x" * 300_000 + b"\r\n\r\n" + body,
    lambda head, body: head + b"".join(b"\r\nX-%d: y" % number for number in range(3000)) + b"\r\n\r\n" + body,
    lambda head, body: head + b"\r\nContent-Length: 5\r\n\r\n" + body,
    lambda head, body: head + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + body,
    lambda head, body: head + b"\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + body,
    lambda head, body: head + b"\r\nContent-Encoding: gzip\r\n\r\n" + body,
    lambda head, body: head + b"\r\nExpect: 100-continue\r\n\r\n" + body,
    lambda head, body: head + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" + body,
    lambda head, body: head.replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n\r\n" + body,
    lambda head, body: head.replace(b"HTTP/1.1", b"HTTP/9.9") + b"\r\n\r\n" + body,
    lambda head, body: head.replace(b"POST ", b"POST http://[::1") + b"\r\n\r\n" + body,
    lambda head, body: head.replace(b" /api", b" //api/../..%2f%00") + b"\r\n\r\n" + body,
    lambda head, body: head.replace(b"POST", b"BREW") + b"\r\n\r\n" + body,
    lambda head, body: head.replace(b"POST", b"CONNECT") + b"\r\n\r\n" + body,
    *(_with_host(host) for host in (b"[", b"[::1", b"name:port", b"name:99999999", b"a:b:c", b"", b"%00", b"\xff")),
    lambda head, body: re.sub(rb"Host: [^\r]*\r\n", b"", head) + b"\r\n\r\n" + body,
    lambda head, body: re.sub(rb"Bearer ", b"Bearer \xff\xfe", head) + b"\r\n\r\n" + body,
    lambda head, body: (
        re.sub(rb"Authorization: [^\r]*", b"Authorization: " + b"Bearer " * 500, head) + b"\r\n\r\n" + body
    ),
    lambda head, body: re.sub(rb"Content-Type: [^\r]*", b"Content-Type: \xff; charset=\xe9", head) + b"\r\n\r\n" + body,
    lambda head, body: (
        re.sub(rb"Content-Length: \d+", b"Content-Length: 99999999999999999999", head) + b"\r\n\r\n" + body
    ),
    lambda head, body: re.sub(rb"Content-Length: \d+", b"Content-Length: 2000000000", head) + b"\r\n\r\n" + body,
    lambda head, body: re.sub(rb"Content-Length: \d+", b"Content-Length: +7", head) + b"\r\n\r\n" + body,
    lambda head, body: re.sub(rb"Content-Length: \d+", b"Content-Length: 7", head) + b"\r\n\r\n" + body,
    lambda *_: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(100),
    lambda *_: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
)
# What the gateway may rightly take for the beginning of more.
_ENDLESS = _HEADS[-2:]


def _odd_head(arsenal: Arsenal, chance: Chance) -> Attack:
    """A good body under a hostile head."""
    head, _, body = chance.choice(arsenal.goods).partition(b"\r\n\r\n")
    make = chance.choice(_HEADS)
    return Attack("odd head", (make(head, body),), "half-close" if make in _ENDLESS else "wait")


def _chunks(body: bytes, chance: Chance) -> bytes:
    size = chance.randint(1, 2000)
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return framed if chance.random() < 0.5 else chance.choice(_CHANGES)(framed, chance)


def _chunked(arsenal: Arsenal, chance: Chance) -> Attack:
    """Chunks, whole or broken."""
    head, _, body = chance.choice(arsenal.goods).partition(b"\r\n\r\n")
    head = re.sub(rb"Content-Length: \d+", b"Transfer-Encoding: chunked", head)
    return Attack("chunked", (head + b"\r\n\r\n" + _chunks(body, chance),), chance.choice(("wait", "half-close")))


def _pipelined(arsenal: Arsenal, chance: Chance) -> Attack:
    """Several requests in one write, one of them perhaps spoiled; the last one asks to close."""
    row = [chance.choice(arsenal.goods) for _ in range(chance.randint(2, 5))]
    if chance.random() < 0.5:
        row.insert(chance.randrange(len(row)), _spoiled(arsenal, chance).writes[0])
    row[-1] = row[-1].replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    return Attack("pipelined", (b"".join(row),), "drain")


def _broken_off(arsenal: Arsenal, chance: Chance) -> Attack:
    """A good request that ends too soon, in one of three manners."""
    good = chance.choice(arsenal.goods)
    return Attack("broken off", (good[: chance.randrange(len(good))],), chance.choice(("half-close", "close", "reset")))


def _lying_length(arsenal: Arsenal, chance: Chance) -> Attack:
    """A body shorter than announced by a client that then waits: the read time-out must end it."""
    head, _, body = chance.choice(arsenal.goods).partition(b"\r\n\r\n")
    more = chance.choice((1, 100, 100_000, 10_000_000))
    head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % (len(body) + more), head)
    return Attack("lying length", (head + b"\r\n\r\n" + body,))


def _slow(arsenal: Arsenal, chance: Chance) -> Attack:
    """A good request in thirty writes."""
    good = chance.choice(arsenal.goods)
    size = -(-len(good) // 30)
    return Attack("slow", tuple(good[at : at + size] for at in range(0, len(good), size)), pause_s=0.05)


def _endless_head(arsenal: Arsenal, chance: Chance) -> Attack:
    """A head that stops in the middle, by a client that then waits: a time-out must end it."""
    head, _, _ = chance.choice(arsenal.goods).partition(b"\r\n\r\n")
    return Attack("endless head", (head[: chance.randrange(1, len(head))],))


_TABLE: tuple[tuple[Callable[[Arsenal, Chance], Attack], float], ...] = (
    (_spoiled, 500),
    (_odd_json, 150),
    (_odd_form, 120),
    (_odd_head, 70),
    (_chunked, 60),
    (_broken_off, 60),
    (_pipelined, 25),
    (_bomb, 8),
    (_lying_length, 5),
    (_slow, 2),
    (_endless_head, 0.1),
)
_KINDS = [make for make, _ in _TABLE]
_WEIGHTS = [weight for _, weight in _TABLE]
