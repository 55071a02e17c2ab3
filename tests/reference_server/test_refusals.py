"""Every refusal has the envelope and a request id, whoever raised it; and the next valid request succeeds."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import pytest

from tests.servers import RunningGateway

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=b"}
SPEECH, HEARD = "/audio/speech", "/audio/transcriptions"


class Bad(NamedTuple):
    """One bad request and the status it deserves."""

    status: int
    method: str
    path: str
    headers: Mapping[str, str] = MappingProxyType({})
    content: bytes = b""


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


def _form(*parts: bytes, end: bytes = b"--b--\r\n") -> bytes:
    return b"".join(b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + end


MODEL = b'name="model"\r\n\r\nwhisper-1'
FILE = b'name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\nRIFF'
SAY = {"model": "tts-1", "input": "Hi."}
HEAR = {"model": "whisper-1", "audio": {"data": "UklGRg=="}}

BAD = {
    "unknown path": Bad(404, "GET", "/audio/nothing"),
    "unknown path under POST": Bad(404, "POST", "/audio/variations", JSON, b"{}"),
    "GET on speech": Bad(405, "GET", SPEECH),
    "PUT on transcriptions": Bad(405, "PUT", HEARD, JSON, b"{}"),
    "PATCH on translations": Bad(405, "PATCH", "/audio/translations", JSON, b"{}"),
    "DELETE on speech": Bad(405, "DELETE", SPEECH),
    "empty body": Bad(400, "POST", SPEECH, JSON),
    "malformed JSON": Bad(400, "POST", SPEECH, JSON, b'{"model": "tts-1", '),
    "trailing JSON": Bad(400, "POST", SPEECH, JSON, _json(SAY) + b"}"),
    "JSON list": Bad(400, "POST", SPEECH, JSON, b"[]"),
    "JSON null": Bad(400, "POST", HEARD, JSON, b"null"),
    "invalid UTF-8": Bad(400, "POST", SPEECH, JSON, b'{"model": "tts-1", "input": "\xff"}'),
    "invalid UTF-8 in an unknown field": Bad(400, "POST", HEARD, JSON, _json(HEAR)[:-1] + b', "x": "\xff"}'),
    "lone surrogate": Bad(400, "POST", SPEECH, JSON, b'{"model": "tts-1", "input": "\\ud800"}'),
    "deep nesting": Bad(400, "POST", SPEECH, JSON, b'{"x":' + b"[" * 100_000),
    "NaN": Bad(400, "POST", SPEECH, JSON, b'{"model": "tts-1", "input": "Hi.", "speed": NaN}'),
    "infinite speed": Bad(400, "POST", SPEECH, JSON, b'{"model": "tts-1", "input": "Hi.", "speed": 1e999}'),
    "huge speed": Bad(400, "POST", SPEECH, JSON, b'{"model": "tts-1", "input": "Hi.", "speed": 1%s}' % (b"0" * 400)),
    "boolean speed": Bad(400, "POST", SPEECH, JSON, _json({**SAY, "speed": True})),
    "text for a speed": Bad(400, "POST", SPEECH, JSON, _json({**SAY, "speed": "fast"})),
    "number for a voice": Bad(400, "POST", SPEECH, JSON, _json({**SAY, "voice": 5})),
    "no input": Bad(400, "POST", SPEECH, JSON, _json({"model": "tts-1"})),
    "null input": Bad(400, "POST", SPEECH, JSON, _json({"model": "tts-1", "input": None})),
    "empty input": Bad(400, "POST", SPEECH, JSON, _json({"model": "tts-1", "input": ""})),
    "number for a model": Bad(400, "POST", SPEECH, JSON, _json({"model": 1, "input": "Hi."})),
    "unknown model": Bad(400, "POST", SPEECH, JSON, _json({**SAY, "model": "tts-9"})),
    "model of the other capability": Bad(400, "POST", SPEECH, JSON, _json({**SAY, "model": "whisper-1"})),
    "no content type": Bad(400, "POST", SPEECH, {}, _json(SAY)),
    "text/plain": Bad(400, "POST", SPEECH, {"Content-Type": "text/plain"}, _json(SAY)),
    "a form for speech": Bad(400, "POST", SPEECH, FORM, _form(MODEL)),
    "urlencoded": Bad(400, "POST", HEARD, {"Content-Type": "application/x-www-form-urlencoded"}, b"model=whisper-1"),
    "no audio": Bad(400, "POST", HEARD, JSON, _json({"model": "whisper-1"})),
    "null audio": Bad(400, "POST", HEARD, JSON, _json({"model": "whisper-1", "audio": None})),
    "text for audio": Bad(400, "POST", HEARD, JSON, _json({"model": "whisper-1", "audio": "UklGRg=="})),
    "no data": Bad(400, "POST", HEARD, JSON, _json({"model": "whisper-1", "audio": {"fileName": "a.wav"}})),
    "null data": Bad(400, "POST", HEARD, JSON, _json({"model": "whisper-1", "audio": {"data": None}})),
    "number for data": Bad(400, "POST", HEARD, JSON, _json({"model": "whisper-1", "audio": {"data": 7}})),
    "empty data": Bad(400, "POST", HEARD, JSON, _json({"model": "whisper-1", "audio": {"data": ""}})),
    "no base64": Bad(400, "POST", HEARD, JSON, _json({"model": "whisper-1", "audio": {"data": "!!!"}})),
    "unmendable base64": Bad(400, "POST", HEARD, JSON, _json({"model": "whisper-1", "audio": {"data": "UklGR"}})),
    "base64 with a broken escape": Bad(400, "POST", HEARD, JSON, b'{"model":"whisper-1","audio":{"data":"Ukl\\q"}}'),
    "base64 with a NUL": Bad(400, "POST", HEARD, JSON, b'{"model":"whisper-1","audio":{"data":"Uk\x00lG"}}'),
    "bytes that are no audio": Bad(400, "POST", HEARD, JSON, _json(HEAR)),
    "unlisted transcript format": Bad(400, "POST", HEARD, JSON, _json({**HEAR, "response_format": "docx"})),
    "unlisted granularity": Bad(400, "POST", HEARD, JSON, _json({**HEAR, "timestamp_granularities": ["letter"]})),
    "form without a boundary": Bad(400, "POST", HEARD, {"Content-Type": "multipart/form-data"}, _form(MODEL, FILE)),
    "form with another boundary": Bad(
        400, "POST", HEARD, {"Content-Type": "multipart/form-data; boundary=c"}, _form(MODEL, FILE)
    ),
    "truncated form": Bad(400, "POST", HEARD, FORM, _form(MODEL, FILE, end=b"")),
    "form of nothing": Bad(400, "POST", HEARD, FORM, b"--b--\r\n"),
    "form without a file": Bad(400, "POST", HEARD, FORM, _form(MODEL)),
    "form without a model": Bad(400, "POST", HEARD, FORM, _form(FILE)),
    "form with an empty model": Bad(400, "POST", HEARD, FORM, _form(b'name="model"\r\n\r\n', FILE)),
    "form with an empty file": Bad(400, "POST", HEARD, FORM, _form(MODEL, b'name="file"; filename="a.wav"\r\n\r\n')),
    "form with text for a file": Bad(400, "POST", HEARD, FORM, _form(MODEL, b'name="file"\r\n\r\nhello')),
    "form with two files": Bad(400, "POST", HEARD, FORM, _form(MODEL, FILE, FILE)),
    "form with two models": Bad(400, "POST", HEARD, FORM, _form(MODEL, MODEL, FILE)),
    "form with a nameless part": Bad(400, "POST", HEARD, FORM, _form(MODEL, b'filename="a.wav"\r\n\r\nRIFF')),
    "form text that is no UTF-8": Bad(400, "POST", HEARD, FORM, _form(MODEL, b'name="prompt"\r\n\r\n\xff\xfe', FILE)),
    "form with a temperature of text": Bad(
        400, "POST", HEARD, FORM, _form(MODEL, b'name="temperature"\r\n\r\nhot', FILE)
    ),
    "form with a temperature of nan": Bad(
        400, "POST", HEARD, FORM, _form(MODEL, b'name="temperature"\r\n\r\nnan', FILE)
    ),
    "thousands of fields": Bad(400, "POST", HEARD, FORM, _form(*[b'name="x"\r\n\r\ny'] * 5000)),
    "a part's endless header": Bad(400, "POST", HEARD, FORM, _form(b'name="x"; y="' + b"z" * 100_000 + b'"\r\n\r\ny')),
    "oversized JSON": Bad(413, "POST", SPEECH, JSON, _json({**SAY, "input": "x" * 3_000_000})),
    "oversized upload": Bad(413, "POST", HEARD, FORM, _form(MODEL, FILE + bytes(30 * 1024 * 1024))),
    "oversized field": Bad(413, "POST", HEARD, FORM, _form(b'name="prompt"\r\n\r\n' + b"x" * 1_500_000)),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_request_is_refused_with_the_envelope(client: httpx.Client, bad: Bad) -> None:
    """The listed status, an envelope with a message, an id, no trace; and then a good request is served."""
    answer = client.request(bad.method, bad.path, headers=bad.headers, content=bad.content)
    assert answer.status_code == bad.status, answer.text
    _assert_enveloped(answer)
    assert client.post(SPEECH, json=SAY).status_code == 200


def _assert_enveloped(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"].startswith("req_")
    error = answer.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["message"]
    assert error["type"]
    assert "Traceback" not in answer.text
    assert "/site-packages/" not in answer.text


@pytest.mark.parametrize("path", [SPEECH, HEARD, "/audio/translations"])
@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer cpeer_wrong", "Basic {}", "{}", "Bearer {}x", "Token {}"]
)
def test_without_a_valid_token_nothing_is_looked_at(
    gateway: RunningGateway, path: str, authorization: str | None
) -> None:
    """401 comes before any judgement of the body, on all three routes."""
    headers = {} if authorization is None else {"Authorization": authorization.format(gateway.token)}
    answer = httpx.post(gateway.base_url + path, headers=headers, content=b"not even JSON")
    assert answer.status_code == 401
    _assert_enveloped(answer)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_schemes_case_does_not_matter(gateway: RunningGateway, scheme: str) -> None:
    """HTTP schemes are case-insensitive."""
    headers = {"Authorization": f"{scheme} {gateway.token}"}
    assert httpx.post(gateway.base_url + SPEECH, headers=headers, json=SAY).status_code == 200


def test_an_error_names_the_field_at_fault(client: httpx.Client) -> None:
    """`param` is the client's own spelling of the field."""
    answer = client.post(HEARD, json={**HEAR, "timestamp_granularities": ["segment", "letter"]})
    assert answer.json()["error"]["param"] == "timestamp_granularities"
    assert client.post(SPEECH, json={"model": "tts-1"}).json()["error"]["param"] == "input"
    assert client.post(HEARD, json={"model": "whisper-1", "audio": {}}).json()["error"]["param"] == "audio.data"


def test_a_chunked_oversized_upload_is_answered_while_it_is_sent(client: httpx.Client) -> None:
    """Without a declared length the bytes are counted, and the answer arrives although the client still sends."""

    def endless() -> Iterator[bytes]:
        yield b"--b\r\nContent-Disposition: form-data; " + FILE
        for _ in range(40):
            yield bytes(1024 * 1024)

    answer = client.post(HEARD, headers=FORM, content=endless())
    assert answer.status_code == 413
    _assert_enveloped(answer)
