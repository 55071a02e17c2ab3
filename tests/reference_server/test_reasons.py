"""A refusal says why: of bad files, bad bodies and what a provider over HTTP found, in the client's own names."""

import base64
import gzip
import io
import json
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

import av
import httpx
import numpy as np
import pytest

from reference_server.app import create_app
from reference_server.config import from_document
from reference_server.refusals import Reason
from reference_server.upstreams.provider_errors import reason_of
from tests.reference_server.raw_provider import RawProvider, as_json, raw_provider
from tests.servers import serving

TOKEN = "cpeer_reasons_token"
JSON = {"Content-Type": "application/json"}
KEY = "sk-not-for-clients"
SECRET = f"Invalid file format. {KEY} /srv/models/whisper"


def _sound(name: str, codec: str, seconds: float = 1.0) -> bytes:
    """A tone in a container of FFmpeg's."""
    file = io.BytesIO()
    with av.open(file, "w", format=name) as container:
        stream = container.add_stream(codec, rate=24_000)
        samples = (np.sin(np.arange(int(24_000 * seconds)) / 8) * 8000).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, "s16", "mono")
        frame.sample_rate = 24_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def _picture_only() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")
    return file.getvalue()


def _wav(data: bytes, declared: int | None = None) -> bytes:
    size = len(data) if declared is None else declared
    form = struct.pack("<HHIIHH", 1, 1, 24_000, 48_000, 2, 16)
    return struct.pack("<4sI4s4sI16s4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, form, b"data", size) + data


M4A = _sound("ipod", "aac")
# As a web server likes it: the index stands before the sound.
FAST_M4A = (
    M4A[: M4A.index(b"mdat") - 4] + M4A[M4A.index(b"moov") - 4 :] + M4A[M4A.index(b"mdat") - 4 : M4A.index(b"moov") - 4]
)
FLAC = _sound("flac", "flac")
# name -> (the file, the error's code, a piece of the message)
FILES: dict[str, tuple[bytes, Reason, str]] = {
    "m4a without its index": (M4A[: M4A.index(b"moov") - 4], Reason.NO_INDEX, "moov"),
    "m4a cut in its index": (M4A[:-20], Reason.AUDIO_CUT_OFF, "cut off"),
    "m4a cut in its sound": (FAST_M4A[:-500], Reason.AUDIO_CUT_OFF, "cut off"),
    "video without sound": (_picture_only(), Reason.NO_AUDIO_TRACK, "no audio track"),
    "wav of a header": (_wav(b""), Reason.AUDIO_TOO_SHORT, "0.1 seconds"),
    "wav of an instant": (_wav(bytes(200)), Reason.AUDIO_TOO_SHORT, "0.1 seconds"),
    "wav that declares more": (_wav(bytes(20_000), 200_000), Reason.AUDIO_CUT_OFF, "cut off"),
    "mp3 of an instant": (_sound("mp3", "libmp3lame", 0.01), Reason.AUDIO_TOO_SHORT, "0.1 seconds"),
    "flac of rubbish": (FLAC[:4] + bytes(3000), Reason.AUDIO_DAMAGED, "damaged"),
    "ogg of rubbish": (b"OggS" + bytes(range(256)) * 8, Reason.AUDIO_DAMAGED, "damaged"),
    "random bytes": (bytes(range(255, 0, -1)) * 20, Reason.UNKNOWN_FORMAT, "known audio format"),
    "plain text": (b"Dear Sir or Madam, please find attached", Reason.UNKNOWN_FORMAT, "It looks like text."),
    "web page": (b"<!DOCTYPE html><html>404</html>", Reason.UNKNOWN_FORMAT, "a web page"),
    "web page of the old kind": (b"\n <HTML><body>", Reason.UNKNOWN_FORMAT, "a web page"),
    "JSON": (b'{"error": "no such file"}', Reason.UNKNOWN_FORMAT, "looks like JSON"),
    "XML": (b"<?xml version='1.0'?><Error/>", Reason.UNKNOWN_FORMAT, "looks like XML"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", Reason.UNKNOWN_FORMAT, "a PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), Reason.UNKNOWN_FORMAT, "a picture"),
    "archive": (_zip(), Reason.UNKNOWN_FORMAT, "a ZIP archive"),
    "gzip": (gzip.compress(FLAC), Reason.UNKNOWN_FORMAT, "gzip"),
    "data URL as a file": (b"data:audio/wav;base64,UklGRg==", Reason.UNKNOWN_FORMAT, "`data:` URL"),
}


@pytest.fixture(scope="module")
def refusing() -> Iterator[tuple[httpx.Client, RawProvider]]:
    """A gateway before a provider that refuses everything in the same words."""
    play = as_json({"error": {"message": SECRET, "type": "invalid_request_error", "param": "file"}}, "400 Bad")
    with raw_provider(play) as provider:
        document = {
            "providers": {"cloud": {"kind": "openai", "base_url": provider.url, "api_key": KEY}},
            "models": {
                "tts-1": {"capability": "speech", "provider": "cloud"},
                "whisper-1": {"capability": "transcription", "provider": "cloud"},
            },
            "tokens": [{"name": "test", "token": TOKEN}],
            "log_level": "critical",
        }
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with (
            serving(create_app(from_document(document))) as origin,
            httpx.Client(base_url=f"{origin}/api/client/v1", headers=headers, timeout=20) as client,
        ):
            yield client, provider


@pytest.mark.parametrize(("data", "reason", "words"), FILES.values(), ids=FILES.keys())
def test_a_bad_file_is_named_in_both_encodings(
    refusing: tuple[httpx.Client, RawProvider], data: bytes, reason: Reason, words: str
) -> None:
    """What is seen in the file, under the field that brought it, and nothing of the provider's text."""
    client, _ = refusing
    form = client.post("/audio/transcriptions", data={"model": "whisper-1"}, files={"file": data})
    body = {"model": "whisper-1", "audio": {"data": base64.b64encode(data).decode()}}
    as_json_ = client.post("/audio/translations", json=body)
    for answer, param in ((form, "file"), (as_json_, "audio.data")):
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (400, reason.value, param)
        assert error["message"].startswith(f"`{param}` ")
        assert words in error["message"]
        assert KEY not in answer.text
        assert "/srv" not in answer.text


ERRORS: list[tuple[dict[str, Any], Reason, str | None]] = [
    ({"code": "audio_too_long", "param": "file"}, Reason.AUDIO_TOO_LONG, "file"),
    ({"message": "audio duration 2000 s is longer than 1500 s"}, Reason.AUDIO_TOO_LONG, "file"),
    ({"message": "413: Maximum content size limit (26214400) exceeded"}, Reason.AUDIO_TOO_LARGE, "file"),
    ({"message": "The audio file could not be decoded", "param": "file"}, Reason.AUDIO_DAMAGED, "file"),
    ({"message": "Invalid language 'xx'", "param": "language"}, Reason.UNKNOWN_LANGUAGE, "language"),
    ({"code": "invalid_language_format"}, Reason.UNKNOWN_LANGUAGE, "language"),
    ({"param": "timestamp_granularities[]"}, Reason.UNSUPPORTED_GRANULARITIES, "timestamp_granularities[]"),
    ({"param": "response_format", "code": "unsupported_value"}, Reason.UNSUPPORTED_RESPONSE_FORMAT, "response_format"),
    ({"param": "temperature"}, Reason.OUT_OF_RANGE, "temperature"),
    ({"code": "DeploymentNotFound"}, Reason.UNKNOWN_MODEL, "model"),
]


@pytest.mark.parametrize(("error", "reason", "param"), ERRORS)
def test_a_providers_reason_is_put_in_our_words(
    refusing: tuple[httpx.Client, RawProvider], error: dict[str, Any], reason: Reason, param: str | None
) -> None:
    """Of a whole recording nothing is seen, so the provider's word counts; its text is not handed on."""
    client, provider = refusing
    before = provider.play
    provider.play = as_json({"error": {"message": "", **error, "inner": SECRET}}, "400 Bad")
    try:
        answer = client.post("/audio/transcriptions", data={"model": "whisper-1"}, files={"file": FLAC})
    finally:
        provider.play = before
    found = answer.json()["error"]
    assert (answer.status_code, found["code"], found["param"]) == (400, reason.value, param)
    assert "The " not in found["message"][:4]
    assert KEY not in answer.text


def test_what_is_not_known_stays_general() -> None:
    """No reason is made up from words that mean something else."""
    assert reason_of("", "", "The server had an error while processing your request") is None
    assert reason_of("invalid_value", "", "something is wrong") is None
    assert reason_of("", "input", "a string with maximum length 4096") == Reason.INPUT_TOO_LONG


SAY = {"model": "tts-1", "input": "Hi."}
BODIES: dict[str, tuple[bytes, dict[str, str], str]] = {
    "gzip": (gzip.compress(json.dumps(SAY).encode()), {"Content-Encoding": "gzip"}, "gzip"),
    "gzip undeclared": (gzip.compress(json.dumps(SAY).encode()), {}, "gzip"),
    "brotli": (b"\x8b\x10\x80{}\x03", {"Content-Encoding": "br"}, "Content-Encoding `br`"),
    "UTF-16": (json.dumps(SAY).encode("utf-16"), {}, "byte order mark of UTF-16"),
    "a form": (b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\ntts-1\r\n--b--', {}, "looks like a form"),
    "URL-encoded": (b"model=tts-1&input=Hi.", {}, "URL-encoded"),
    "Python": (b"{'model': 'tts-1'}", {}, "single quotes"),
}


@pytest.mark.parametrize(("body", "headers", "words"), BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("path", ["/audio/speech", "/audio/transcriptions"])
def test_a_body_that_cannot_be_read_is_named(
    client: httpx.Client, path: str, body: bytes, headers: dict[str, str], words: str
) -> None:
    """What it looks like, and what to do."""
    answer = client.post(path, headers={**JSON, **headers}, content=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_a_byte_order_mark_of_utf_8_is_skipped(client: httpx.Client) -> None:
    """Editors write it; JSON lets a reader ignore it. A whole plain body may also claim an encoding that it has not."""
    assert (
        client.post("/audio/speech", headers=JSON, content=b"\xef\xbb\xbf" + json.dumps(SAY).encode()).status_code
        == 200
    )
    claiming = {**JSON, "Content-Encoding": "gzip"}
    assert client.post("/audio/speech", headers=claiming, content=json.dumps(SAY).encode()).status_code == 200


def test_json_sent_as_a_form_is_named(client: httpx.Client) -> None:
    """The commonest mistake of the other direction."""
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = client.post("/audio/transcriptions", headers=headers, content=json.dumps(SAY).encode())
    assert (answer.status_code, "is JSON" in answer.json()["error"]["message"]) == (400, True)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"voice": {"id": "voice_1234"}}, "voice", "must be a string: the name of a voice"),
    ({"speed": "fast"}, "speed", "must be a number"),
    ({"input": 5}, "input", "must be a string"),
    ({"instructions": []}, "instructions", "must be a string"),
]


@pytest.mark.parametrize(("fields", "param", "words"), WRONG)
def test_a_field_of_the_wrong_kind_is_said_in_plain_words(
    client: httpx.Client, fields: dict[str, Any], param: str, words: str
) -> None:
    """What it must be, not what a library calls it."""
    answer = client.post("/audio/speech", json={**SAY, **fields})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param)
    assert words in error["message"]
