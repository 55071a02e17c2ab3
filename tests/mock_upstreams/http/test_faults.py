"""Every fault that a script can ask for, seen from the caller's side of a real socket."""

import errno
import json
import time

import httpx
import pytest

from tests.mock_upstreams.http.running import raw_speech, received


def reply_to(mock, act):
    mock.script(act)
    with raw_speech(mock) as wire:
        data, ending = received(wire)
    head, _, body = data.partition(b"\r\n\r\n")
    return head.decode(), body, ending


@pytest.fixture
def ordinary(mock):
    """The bytes that the ordinary answer to the call would have."""
    return mock.synthesize().content


def test_reset_before_headers_sends_nothing(mock):
    """The connection is reset (RST, not FIN) before a byte is answered."""
    head, body, ending = reply_to(mock, {"reset": "before_headers"})
    assert (head, body, ending) == ("", b"", errno.ECONNRESET)
    assert mock.calls()[-1]["state"] == "reset"


def test_reset_before_body_sends_headers_only(mock, ordinary):
    """The headers announce the whole body; then comes RST."""
    head, body, ending = reply_to(mock, {"reset": "before_body"})
    assert head.startswith("HTTP/1.1 200")
    assert f"content-length: {len(ordinary)}" in head
    assert (body, ending) == (b"", errno.ECONNRESET)


def test_reset_mid_body_sends_half(mock, ordinary):
    """Half of the body arrives, the rest never does; then comes RST."""
    _, body, ending = reply_to(mock, {"reset": "mid_body"})
    assert body == ordinary[: len(ordinary) // 2]
    assert ending == errno.ECONNRESET
    assert mock.calls()[-1]["state"] == "reset"


@pytest.mark.parametrize(("keep", "kept"), [(10, 10), (0.25, 0.25), (0, 0), (0.0, 0), (10**9, 1.0), (1.0, 1.0)])
def test_truncated_body_under_the_whole_length(mock, ordinary, keep, kept):
    """The whole length is announced, less is sent, the connection is closed in good order."""
    size = kept if isinstance(kept, int) else int(len(ordinary) * kept)
    head, body, ending = reply_to(mock, {"truncate": {"keep": keep}, "headers": {"connection": "close"}})
    assert f"content-length: {len(ordinary)}" in head
    assert (body, ending) == (ordinary[:size], 0)


def test_truncated_body_cleanly_framed(mock, ordinary):
    """What is sent is what is announced: only its reader can tell that something is missing."""
    mock.script({"truncate": {"keep": 0.5, "length": "actual"}})
    answer = mock.synthesize()
    assert answer.content == ordinary[: len(ordinary) // 2]
    assert int(answer.headers["content-length"]) == len(ordinary) // 2


def test_chunked_body_without_its_end(mock):
    """Cut off in chunked coding, the last chunk is missing."""
    mock.script({"chunked": True, "truncate": {"keep": 100}})
    with pytest.raises(httpx.RemoteProtocolError):
        mock.synthesize()


def test_chunked_answer_has_no_length(mock, ordinary):
    """``chunked`` changes the framing only."""
    mock.script({"chunked": True})
    answer = mock.synthesize()
    assert "content-length" not in answer.headers
    assert answer.content == ordinary


def test_malformed_json(mock):
    """The body is labelled JSON, framed cleanly, and is no JSON."""
    audio = mock.synthesize().content
    mock.script({"malform": True})
    answer = mock.transcribe(audio)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_status_headers_and_body_are_replaced(mock):
    """A script can say all that an answer has; ``null`` takes a header away."""
    act = {
        "status": 429,
        "headers": {"Retry-After": "7", "X-Request-Id": None},
        "body": {"json": {"error": {"message": "slow down"}}},
    }
    mock.script(act)
    answer = mock.synthesize()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert "x-request-id" not in answer.headers
    assert answer.json() == {"error": {"message": "slow down"}}


@pytest.mark.parametrize(
    ("body", "media_type", "content"),
    [
        ({"text": "<h1>Bad gateway</h1>"}, "text/plain; charset=utf-8", b"<h1>Bad gateway</h1>"),
        ({"base64": "AAEC"}, "application/octet-stream", b"\x00\x01\x02"),
        ({"json": None}, "application/json", b"null"),
        ({"text": ""}, "text/plain; charset=utf-8", b""),
    ],
)
def test_bodies_of_every_kind(mock, body, media_type, content):
    """A body brings its media type with it."""
    mock.script({"body": body})
    answer = mock.synthesize()
    assert (answer.headers["content-type"], answer.content) == (media_type, content)


def test_content_type_alone(mock, ordinary):
    """The bytes stay as they are under a wrong label."""
    mock.script({"content_type": "text/html"})
    answer = mock.synthesize()
    assert (answer.headers["content-type"], answer.content) == ("text/html", ordinary)


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503, 599])
def test_a_failure_without_a_body_gets_the_providers_error_body(mock, status):
    """No provider fails with audio."""
    mock.script({"status": status})
    answer = mock.synthesize()
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_no_content(mock):
    """204 has no body, whatever was to be answered."""
    mock.script({"status": 204})
    assert (mock.synthesize().status_code, mock.calls()[-1]["answer"]["size"]) == (204, 0)


def test_delay(mock):
    """The answer comes no sooner than asked."""
    mock.script({"delay_s": 0.2})
    before = time.monotonic()
    assert mock.synthesize().status_code == 200
    assert time.monotonic() - before >= 0.2


def test_drip(mock, ordinary):
    """The body comes in pieces, with a pause between each two."""
    mock.script({"drip": {"chunk": len(ordinary) // 4 + 1, "interval_s": 0.05}})
    before = time.monotonic()
    answer = mock.synthesize()
    assert answer.content == ordinary
    assert time.monotonic() - before >= 0.15


def test_the_next_call_is_ordinary_again(mock, ordinary):
    """A script is over when its calls are used up."""
    mock.script({"status": 500}, times=2)
    assert [mock.synthesize().status_code for _ in range(3)] == [500, 500, 200]
    assert mock.synthesize().content == ordinary


def test_newest_script_first_and_matching(mock):
    """Scripts match by operation, face, model, deployment, marker and hash; the newest that has calls left wins."""
    audio = mock.synthesize("for the hash").content
    digest = mock.transcribe(audio).status_code and mock.calls()[-1]["file"]["sha256"]
    mock.script({"status": 501}, {"marker": "needle"}, times=None)
    mock.script({"status": 502}, {"operation": "transcription", "sha256": digest}, times=1)
    mock.script({"status": 503}, {"model": "my-tts", "face": "openai"}, times=1)
    mock.script({"status": 504}, {"deployment": "speech-prod"}, times=1)
    assert mock.synthesize("hay").status_code == 200
    assert mock.synthesize("hay needle hay").status_code == 501
    assert mock.transcribe(audio, name="needle.mp3").status_code == 502
    assert mock.transcribe(audio, name="needle.mp3").status_code == 501
    assert mock.transcribe(audio, prompt="a needle").status_code == 501
    assert mock.synthesize(model="my-tts").status_code == 503
    path = "/openai/deployments/speech-prod/audio/speech?api-version=2024-06-01"
    assert [mock.caller.post(path, json={"input": "hay"}).status_code for _ in range(2)] == [504, 200]


def test_unused_scripts_can_be_asked_for(mock):
    """A script that met no call is reported as such."""
    used = mock.script({"status": 500})
    unused = mock.script({"status": 500}, {"marker": "never said"})
    mock.synthesize()
    listed = mock.control.get("/scripts").json()["scripts"]
    assert [(script["id"], script["used"]) for script in listed] == [(used["id"], 1), (unused["id"], 0)]
    assert [one["id"] for one in mock.control.get("/scripts?unused=true").json()["scripts"]] == [unused["id"]]
