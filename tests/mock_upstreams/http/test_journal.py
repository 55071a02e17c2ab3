"""The journal shows every call as it arrived, finds it again, waits for it, and is bounded."""

import hashlib
import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from mock_upstreams.config import JournalSettings, Settings
from tests.mock_upstreams.http.running import HELLO, KEY, bench


def post_raw(mock, path, body, headers):
    address = urlsplit(mock.base_url)
    wire = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    try:
        chunked = "Transfer-Encoding" in headers
        wire.request("POST", path, body, {"Authorization": f"Bearer {KEY}"} | headers, encode_chunked=chunked)
        return wire.getresponse().read()
    finally:
        wire.close()


def form(*parts):
    lines = b"".join(b"--b\r\n%s\r\n\r\n%s\r\n" % part for part in parts)
    return lines + b"--b--\r\n"


FORM = {"Content-Type": "multipart/form-data; boundary=b"}
TEXT = b'Content-Disposition: form-data; name="%s"'


def test_a_speech_call_is_recorded_whole(mock):
    """Path, query, headers, fields in order with their JSON types, and what was answered."""
    body = b'{"speed": 1.5, "model": "tts-1", "input": "\\u00e9\\ud83d\\ude42", "x": [1, {"y": null}], "x": false}'
    headers = {"Content-Type": "application/json; charset=utf-8", "X-Odd": "one"}
    audio = post_raw(mock, "/v1/audio/speech?a=1&b=&a=2", body, headers)
    (call,) = mock.calls()
    assert (call["face"], call["operation"], call["method"]) == ("openai", "speech", "POST")
    assert (call["path"], call["query"]) == ("/v1/audio/speech", {"a": "2", "b": ""})
    assert call["fields"] == [
        *(["speed", 1.5], ["model", "tts-1"], ["input", "é🙂"]),
        *(["x", [1, {"y": None}]], ["x", False]),
    ]
    assert ["x-odd", "one"] in call["headers"]
    assert ["authorization", f"Bearer {KEY}"] in call["headers"]
    assert (call["state"], call["script"], call["unexpected"]) == ("answered", None, False)
    digest = hashlib.sha256(audio).hexdigest()
    expected = {"status": 200, "content_type": "audio/mpeg", "size": len(audio), "sha256": digest, "text": None}
    assert call["answer"] == expected | {"content_encoding": None, "left_out": []}


def test_a_form_is_recorded_in_order(mock):
    """Repeated fields, the file wherever it stands, and its bytes on request."""
    parts = (
        (TEXT % b"timestamp_granularities[]", b"word"),
        (
            b'Content-Disposition: form-data; name="file"; filename="a.mp3"\r\nContent-Type: audio/mpeg',
            b"\x00\r\n--\xff",
        ),
        (TEXT % b"model", b"whisper-1"),
        (TEXT % b"timestamp_granularities[]", b"segment"),
        (TEXT % "größe".encode(), b"  spaces stay \r\n"),
    )
    post_raw(mock, "/v1/audio/transcriptions", form(*parts), FORM)
    (call,) = mock.calls()
    assert call["fields"] == [
        ["timestamp_granularities[]", "word"],
        ["model", "whisper-1"],
        ["timestamp_granularities[]", "segment"],
        ["größe", "  spaces stay \r\n"],
    ]
    upload = b"\x00\r\n--\xff"
    assert call["file"] == {
        "field": "file",
        "name": "a.mp3",
        "content_type": "audio/mpeg",
        "disposition": 'form-data; name="file"; filename="a.mp3"',
        "size": len(upload),
        "sha256": hashlib.sha256(upload).hexdigest(),
    }
    assert mock.control.get(f"/journal/{call['position']}/upload").content == upload


def test_a_form_in_small_chunks(mock):
    """Chunked coding that splits a form anywhere makes no difference."""
    body = form((TEXT % b"model", b"whisper-1"), (TEXT % b"file" + b'; filename="a.mp3"', b"\r\n--c" * 50))
    pieces = (body[start : start + 7] for start in range(0, len(body), 7))
    post_raw(mock, "/v1/audio/transcriptions", pieces, FORM | {"Transfer-Encoding": "chunked"})
    (call,) = mock.calls()
    assert call["file"]["sha256"] == hashlib.sha256(b"\r\n--c" * 50).hexdigest()
    assert call["fields"] == [["model", "whisper-1"]]


NAMES = {
    b'filename="plain.mp3"': "plain.mp3",
    'filename="größe 世界.mp3"'.encode(): "größe 世界.mp3",
    b'filename="percent %22quoted%22 %0D%0A 100%.mp3"': 'percent "quoted" \r\n 100%.mp3',
    b'filename="back \\"quoted\\" \\\\ slash.mp3"': 'back "quoted" \\ slash.mp3',
    b'filename="semi;colon=1.mp3"': "semi;colon=1.mp3",
    b'filename="in"ner.mp3"': 'in"ner.mp3',
    b'filename="C:\\dir\\a.mp3"': "C:\\dir\\a.mp3",
    b'filename="../../etc/passwd"': "../../etc/passwd",
    b"filename=bare.mp3": "bare.mp3",
    b'filename=""': "",
    b"filename*=UTF-8''na%C3%AFve%20%22x%22.mp3": 'naïve "x".mp3',
    b"filename=\"fallback.mp3\"; filename*=utf-8'en'%E4%B8%96.mp3": "世.mp3",
    b"filename=\"fallback.mp3\"; filename*=UTF-8''%FF.mp3": "fallback.mp3",
}


@pytest.mark.parametrize("parameter", NAMES)
def test_file_names_however_written(mock, parameter):
    """Each custom of writing a file name gives the name that was meant."""
    part = (b'Content-Disposition: form-data; name="file"; ' + parameter, b"abc")
    post_raw(mock, "/v1/audio/transcriptions", form((TEXT % b"model", b"whisper-1"), part), FORM)
    assert mock.calls()[-1]["file"]["name"] == NAMES[parameter]


def test_calls_are_found_by_what_they_were(mock):
    """Marker, hash, operation, face, model, deployment, state and position select; what does not fit is left out."""
    audio = mock.synthesize("needle in the input").content
    mock.transcribe(audio, name="needle.mp3")
    mock.transcribe(audio, prompt="a needle")
    mock.caller.post("/openai/deployments/speech-prod/audio/speech", json={"input": "x", "model": "my-tts"})
    first, second, third, fourth = (call["position"] for call in mock.calls())
    digest = hashlib.sha256(audio).hexdigest()
    found = {
        json.dumps(wanted): [call["position"] for call in mock.calls(**wanted)]
        for wanted in (
            {"marker": "needle"},
            {"marker": "Needle"},
            {"marker": "Needle", "any_case": True},
            {"sha256": digest},
            {"operation": "speech"},
            {"face": "azure"},
            {"model": "my-tts"},
            {"deployment": "speech-prod"},
            {"since": second},
            {"marker": "needle", "operation": "transcription"},
            {"state": "held"},
        )
    }
    assert list(found.values()) == [
        [first, second, third],
        [],
        [first, second, third],
        [second, third],
        [first, fourth],
        [fourth],
        [fourth],
        [fourth],
        [third, fourth],
        [second, third],
        [],
    ]
    assert mock.control.get("/journal/position").json() == {"position": fourth}


def test_waiting_for_calls_that_are_still_on_their_way(mock):
    """``at_least`` returns as soon as so many are there, and not before."""
    mock.synthesize("early")
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(mock.calls, at_least=2, wait_s=30)
        mock.synthesize("late")
        assert [dict(call["fields"])["input"] for call in waiting.result(15)] == ["early", "late"]


def test_waiting_is_bounded(mock):
    """When the time is up, what is there is returned."""
    assert mock.calls(at_least=1, wait_s=0.05) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/audio/speeches"), ("GET", "/v1/audio/speech"), ("POST", "/audio/speech"), ("POST", "/")],
)
def test_unexpected_calls_are_answered_and_can_be_asked_for(mock, method, path):
    """A path or method that no provider has is refused as the provider would, and marked."""
    answer = mock.caller.request(method, path, json=HELLO)
    assert answer.status_code in {404, 405}
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    mock.synthesize()
    assert [(call["method"], call["path"]) for call in mock.calls(unexpected="true")] == [(method, path)]


def test_an_unknown_model_or_deployment_is_unexpected(mock):
    """A gateway that routes to a name nobody mentioned can be caught."""
    mock.synthesize(model="nobody-mentioned-this")
    mock.caller.post("/openai/deployments/azure-tts/audio/speech", json=HELLO)
    assert [(call["model"], call["deployment"]) for call in mock.calls(unexpected="true")] == [
        ("nobody-mentioned-this", None),
        (HELLO["model"], "azure-tts"),
    ]


def test_the_journal_is_bounded():
    """Old calls go, and are counted; old uploads go before their calls."""
    settings = Settings(journal=JournalSettings(calls=3, upload_mb=1))
    with bench(settings) as mock:
        for upload in (b"a" * 600_000, b"b" * 600_000, b"c" * 10):
            mock.transcribe(upload)
        first, second, third = (call["position"] for call in mock.calls())
        kept = [mock.control.get(f"/journal/{position}/upload").status_code for position in (first, second, third)]
        assert kept == [404, 200, 200]
        mock.synthesize()
        answer = mock.control.get("/journal").json()
        assert (answer["dropped"], [call["position"] for call in answer["calls"]]) == (1, [2, 3, 4])
        assert mock.control.delete("/journal").json() == {"removed": 3}
        mock.synthesize()
        assert [call["position"] for call in mock.calls()] == [5]


def test_lone_surrogates_survive(mock):
    """Half an emoji in a JSON string can be recorded and read."""
    post_raw(mock, "/v1/audio/speech", b'{"model": "tts-1", "input": "\\ud83d"}', {"Content-Type": "application/json"})
    assert dict(mock.calls()[-1]["fields"])["input"] == "\ud83d"
    assert mock.calls()[-1]["answer"]["status"] == 400
