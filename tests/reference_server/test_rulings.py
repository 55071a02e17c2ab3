"""Rulings on values at the edge of the contract, seen from both sides of the gateway."""

import base64
import contextlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from reference_server.app import create_app
from reference_server.config import from_document
from tests.reference_server.raw_provider import Play, RawProvider, answer, as_json, raw_provider
from tests.reference_server.test_refusals import BAD
from tests.servers import serving

TOKEN = "cpeer_rulings_token"
WAV = b"RIFF1234WAVEfmt " + bytes(range(256))
MP3 = b"\xff\xf3\x84\xc4" + bytes(400)
SPEECH, TRANSCRIPTS = "/audio/speech", ("/audio/transcriptions", "/audio/translations")


class Sides(NamedTuple):
    """A client of the gateway, and the provider behind it with what it received."""

    client: httpx.Client
    provider: RawProvider

    def form(self, path: str = TRANSCRIPTS[0], **fields: Any) -> httpx.Response:
        data = {"model": "whisper-1", **fields}
        return self.client.post(path, data=data, files={"file": ("a.wav", WAV, "audio/wav")})

    def raw_form(self, *parts: bytes) -> httpx.Response:
        body = b"".join(b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--b--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        return self.client.post(TRANSCRIPTS[0], headers=headers, content=body)

    def json(self, data: str, path: str = TRANSCRIPTS[0], audio: dict[str, Any] | None = None, **fields: Any) -> Any:
        body = {"model": "whisper-1", "audio": {"data": data, **(audio or {})}, **fields}
        return self.client.post(path, json=body)

    def speech(self, **fields: Any) -> httpx.Response:
        return self.client.post(SPEECH, json={"model": "tts-1", "input": "Hi.", **fields})


@contextlib.contextmanager
def _between(play: Play) -> Iterator[Sides]:
    with raw_provider(play) as provider:
        document = {
            "providers": {"cloud": {"kind": "openai", "base_url": f"{provider.url}/v1"}},
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
            yield Sides(client, provider)


@pytest.fixture(scope="module")
def sides() -> Iterator[Sides]:
    with _between(as_json({})) as both:
        yield both


@pytest.fixture
def transcribing(sides: Sides) -> Sides:
    """The provider has been called by nobody and transcribes everything as `Hello.`"""
    return _reset(sides, as_json({"text": "Hello."}))


@pytest.fixture
def synthesizing(sides: Sides) -> Sides:
    """The provider has been called by nobody and synthesizes everything as the same mp3."""
    return _reset(sides, answer(MP3, "audio/mpeg"))


def _reset(sides: Sides, play: Play) -> Sides:
    sides.provider.play = play
    sides.provider.requests.clear()
    return sides


def _field(provider: RawProvider, name: str, call: int = -1) -> bytes:
    """The value of a text field of a call, byte for byte as the provider received it."""
    _, mark, rest = provider.requests[call].body.partition(f'name="{name}"\r\n\r\n'.encode())
    assert mark, f"no field {name}"
    return rest.partition(b"\r\n--gateway-")[0]


NUMBERS = ["0.1", "0.30000000000000004", "1e-7", "0.123456789", "2", "0", "1E0", "0.25000001"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_reaches_the_provider_as_the_same_double(sides: Sides, number: str) -> None:
    """`speed` of JSON, `temperature` of both encodings: equal to the last bit, so also to single precision."""
    synthesizing = _reset(sides, answer(MP3, "audio/mpeg"))
    body = f'{{"model": "tts-1", "input": "Hi.", "speed": {number}}}'
    headers = {"Content-Type": "application/json"}
    assert synthesizing.client.post(SPEECH, headers=headers, content=body).status_code == 200
    assert json.loads(synthesizing.provider.requests[0].body)["speed"] == float(number)
    transcribing = _reset(sides, as_json({"text": "Hello."}))
    assert transcribing.form(temperature=number).status_code == 200
    assert transcribing.json(base64.b64encode(WAV).decode(), temperature=json.loads(number)).status_code == 200
    assert [float(_field(transcribing.provider, "temperature", call)) for call in (0, 1)] == [float(number)] * 2


CONTROLS = [chr(code) for code in range(32)] + ["\x7f", "\x85", "\u2028", "\ufeff", "\u202e"]


def test_control_characters_in_a_file_name_are_no_fault_of_the_server(transcribing: Sides) -> None:
    """In JSON and in a form, raw or percent-encoded: 200 or 400, and never a second header at the provider."""
    data = base64.b64encode(WAV).decode()
    statuses = set()
    for letter in CONTROLS:
        name = f"a{letter}X-Injected: yes{letter}.wav"
        statuses.add(transcribing.json(data, audio={"fileName": name, "contentType": f"audio/wav{letter}"}).status_code)
        for spelt in (name.encode(), name.replace(letter, f"%{ord(letter):02X}").encode()):
            part = b'name="file"; filename="%b"\r\nContent-Type: audio/wav\r\n\r\n%b' % (spelt, WAV)
            statuses.add(transcribing.raw_form(b'name="model"\r\n\r\nwhisper-1', part).status_code)
    assert statuses <= {200, 400}
    assert 200 in statuses
    lines = [line for request in transcribing.provider.requests for line in request.body.split(b"\r\n")]
    assert not any(line.startswith(b"X-Injected") for line in lines)


EXTENDED = {
    "beside filename": (b"filename=\"x\"; filename*=UTF-8''na%C3%AFve.wav", "naïve.wav"),
    "instead of filename": (b"filename*=UTF-8''na%C3%AFve.wav", "naïve.wav"),
    "before filename": (b"filename*=UTF-8''na%C3%AFve.wav; filename=\"x\"", "naïve.wav"),
    "broken": (b'filename="x.wav"; filename*=%FF', "x.wav"),
    "no UTF-8": (b"filename=\"x.wav\"; filename*=UTF-8''%FF%FE", "x.wav"),
    "a surrogate through a codec of Python's": (b"filename=\"x.wav\"; filename*=unicode_escape''%5Cud800", "x.wav"),
    "control characters": (b"filename*=UTF-8''a%0D%0Ab%00.wav", "a%0D%0Ab%00.wav"),
}


@pytest.mark.parametrize(("parameters", "name"), EXTENDED.values(), ids=EXTENDED.keys())
def test_an_extended_file_name_is_read_where_it_can_be(transcribing: Sides, parameters: bytes, name: str) -> None:
    """RFC 7578 forbids `filename*`; some clients send it."""
    part = b'name="file"; %b\r\nContent-Type: audio/wav\r\n\r\n%b' % (parameters, WAV)
    assert transcribing.raw_form(b'name="model"\r\n\r\nwhisper-1', part).status_code == 200
    assert f'filename="{name}"'.encode() in transcribing.provider.requests[0].body


@pytest.mark.parametrize(
    "prefix",
    ["data:audio/wav;base64,", "data:;base64,", "DATA:audio/wav; codecs=1 ;BASE64,", "data:audio\\/wav;base64,"],
)
def test_a_data_url_is_its_data(transcribing: Sides, prefix: str) -> None:
    """The provider receives the bytes behind the comma, and nothing of the prefix."""
    body = f'{{"model":"whisper-1","audio":{{"data":"{prefix}{base64.b64encode(WAV).decode()}"}}}}'
    headers = {"Content-Type": "application/json"}
    assert transcribing.client.post(TRANSCRIPTS[0], headers=headers, content=body).status_code == 200
    assert b"\r\n\r\n" + WAV + b"\r\n--" in transcribing.provider.requests[0].body


@pytest.mark.parametrize("url", ["data:audio/wav,RIFF", "data:", "data:audio/wav;base64", "data:audio/wav;base64,"])
def test_a_data_url_without_base64_is_refused(transcribing: Sides, url: str) -> None:
    """400 that names the field; the prefix is never taken for the recording."""
    refused = transcribing.json(url)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "audio.data")
    assert transcribing.provider.requests == []


def test_blank_input_and_padded_model_keys_are_no_fault_of_the_server(client: httpx.Client) -> None:
    """White space alone to the mock: 200 or 400. A key with blanks around it is not known."""
    for blank in (" ", "\n\n", "\t", "\u3000", "\u200b", "\ufeff"):
        assert client.post(SPEECH, json={"model": "tts-1", "input": blank}).status_code in {200, 400}
    for key in (" tts-1", "tts-1 ", "tts-1\n", "\ufefftts-1"):
        refused = client.post(SPEECH, json={"model": key, "input": "Hi."})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "model_not_found")


@pytest.mark.parametrize("path", TRANSCRIPTS)
@pytest.mark.parametrize(
    "document", [{}, {"text": None}, {"text": 5}, {"text": ["Hi."]}, {"text": {"a": 1}}, {"Text": "Hi."}]
)
def test_a_transcript_without_a_text_is_a_failure(transcribing: Sides, path: str, document: dict[str, Any]) -> None:
    """A provider's 2xx is judged by what it brings."""
    transcribing.provider.play = as_json(document)
    assert transcribing.form(path).status_code == 500
    assert len(transcribing.provider.requests) == 1


@pytest.mark.parametrize("text", ["", "\ufeffHi.", "a\r\nb\rc\nd", " Hi. ", "\u0000"])
def test_any_string_is_a_text(transcribing: Sides, text: str) -> None:
    """Silence is an answer too; and what the provider sent is what the client gets."""
    transcribing.provider.play = as_json({"text": text})
    assert transcribing.form().json()["text"] == text
    transcribing.provider.play = answer(text.encode(), "text/plain")
    if text:
        assert transcribing.form(response_format="text").json()["text"] == text


WORDS = ["model is required", "not found", "invalid file format", "rate limit reached", "Incorrect API key provided"]


@pytest.mark.parametrize("words", WORDS)
def test_the_words_of_an_error_never_change_the_status(transcribing: Sides, words: str) -> None:
    """A 500 stays one whatever it says, and so does a 400."""
    error = {"error": {"message": words, "type": "invalid_request_error", "param": "file", "code": words}}
    for status, expected in (("500 Oh", 500), ("502 Oh", 500), ("401 Oh", 500), ("400 Oh", 400), ("422 Oh", 400)):
        transcribing.provider.play = as_json(error, status)
        assert transcribing.form().status_code == expected


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See", "304 Not Modified", "307 Temp", "308 Perm", "300 Many"]
)
def test_a_redirect_is_not_relayed(synthesizing: Sides, status: str) -> None:
    """500, no Location, and no second call."""
    synthesizing.provider.play = answer(b"", "text/html", status, "Location: /v1/elsewhere\r\n")
    failed = synthesizing.speech()
    assert (failed.status_code, failed.headers.get("location")) == (500, None)
    assert len(synthesizing.provider.requests) == 1


def test_the_request_id_is_the_gateways_own(synthesizing: Sides) -> None:
    """A client's id is not taken over: two clients may send the same one."""
    ids = {
        synthesizing.client.post(SPEECH, headers={"X-Request-Id": "mine"}, json=body).headers["x-request-id"]
        for body in ({"model": "tts-1", "input": "Hi."}, {"model": "tts-1", "input": "Hi."}, {})
    }
    assert len(ids) == 3
    assert "mine" not in ids


def test_leading_zeros_in_a_content_length_are_legal(synthesizing: Sides) -> None:
    """The client's and the provider's."""
    body = b'{"model":"tts-1","input":"Hi."}'
    headers = {"Content-Type": "application/json", "Content-Length": f"000{len(body)}"}
    synthesizing.provider.play = lambda connection: connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 000404\r\n\r\n" + MP3
    )
    response = synthesizing.client.post(SPEECH, headers=headers, content=body)
    assert (response.status_code, response.content) == (200, MP3)


@pytest.mark.parametrize("path", TRANSCRIPTS)
def test_nothing_is_made_up_for_the_provider(transcribing: Sides, path: str) -> None:
    """No language, no prompt, no field at all that the client did not send; an empty one counts as not sent."""
    for send in (lambda: transcribing.form(path, language="", prompt=""), lambda: transcribing.json("UklGRg==", path)):
        assert send().status_code == 200
    for call in transcribing.provider.requests:
        assert call.body.count(b"form-data; name=") == 2
        assert b'name="model"' in call.body
        assert b'name="file"' in call.body


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\r\nb", "\ufeffa", "a\n", "\r\na", "\u2028a\u2029"])
def test_line_breaks_and_a_byte_order_mark_are_kept(transcribing: Sides, text: str) -> None:
    """Byte for byte as the client sent them, from a form and from JSON."""
    part = b'name="file"; filename="a.wav"\r\n\r\n' + WAV
    model = b'name="model"\r\n\r\nwhisper-1'
    assert transcribing.raw_form(model, b'name="prompt"\r\n\r\n' + text.encode(), part).status_code == 200
    assert transcribing.json("UklGRg==", prompt=text).status_code == 200
    assert [_field(transcribing.provider, "prompt", call) for call in (0, 1)] == [text.encode()] * 2


def test_what_the_gateway_refuses_reaches_no_provider() -> None:
    """Every bad request that the gateway itself can see, token and model included; then a good one does."""
    with _between(answer(MP3, "audio/mpeg")) as sides:
        for name, bad in BAD.items():
            if name not in {"bytes that are no audio", "oversized upload"}:  # the provider's to say; large
                status = sides.client.request(
                    bad.method, bad.path, headers=bad.headers, content=bad.content
                ).status_code
                assert status == bad.status, name
        sides.client.post(SPEECH, headers={"Authorization": "Bearer no"}, json={"model": "tts-1", "input": "Hi."})
        assert sides.provider.requests == []
        assert sides.speech().status_code == 200
        assert len(sides.provider.requests) == 1
