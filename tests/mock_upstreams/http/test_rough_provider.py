"""The legal ways in which a provider may respond, over real sockets: each as the script says, and none of them a fault."""

import gzip
import json
import zlib

import pytest

from tests.mock_upstreams.http.raw import connected
from tests.mock_upstreams.http.running import HELLO, bench

TEXT = "Größe, 世界 🙃: naïve."
SPEECH, AZURE = "/v1/audio/speech", "/openai/deployments/speech-prod/audio/speech?api-version=2025-03-01"


@pytest.fixture
def wire(mock):
    with connected(mock.base_url) as one:
        yield one


def speak(wire, *headers, target=SPEECH, version="1.1"):
    body = json.dumps(HELLO).encode()
    wire.send("POST", target, "Content-Type: application/json", *headers, body=body, version=version)
    return wire.response()


def transcribe(mock, wire, *headers, **fields):
    """Upload speech by hand; returns the response."""
    audio = mock.synthesize(TEXT).content
    parts = [b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n' + audio]
    for name, value in {"model": "whisper-1", **fields}.items():
        parts.append(f'--b\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}'.encode())
    body = b"\r\n".join([*parts, b"--b--\r\n"])
    wire.send("POST", "/v1/audio/transcriptions", "Content-Type: multipart/form-data; boundary=b", *headers, body=body)
    return wire.response()


@pytest.fixture(scope="session")
def unscripted(shared):
    return shared.synthesize().content


# --- compression

ACCEPTED = {
    "gzip, deflate, br": ("gzip", gzip.decompress),
    "br;q=1.0, GZIP;q=0.2": ("gzip", gzip.decompress),
    "*": ("deflate", zlib.decompress),
    "deflate": ("deflate", zlib.decompress),
}


@pytest.mark.parametrize("accepted", ACCEPTED)
def test_a_body_is_compressed_where_that_is_accepted(mock, wire, unscripted, accepted):
    """Content-Encoding and Content-Length are of what is sent; the journal shows the coding and the plain body."""
    coding, decode = ACCEPTED[accepted]
    mock.script({"compress": coding})
    response = speak(wire, f"Accept-Encoding: {accepted}")
    assert response.header("content-encoding") == coding
    assert int(response.header("content-length")) == len(response.body)
    assert decode(response.body) == unscripted
    answer = mock.calls()[-1]["answer"]
    assert (answer["content_encoding"], answer["size"], answer["left_out"]) == (coding, len(unscripted), [])


@pytest.mark.parametrize("header", [(), ("Accept-Encoding: identity",), ("Accept-Encoding: gzip;q=0, *",)])
def test_a_body_is_not_compressed_unasked(mock, wire, unscripted, header):
    """It is sent plain, and the journal says what was left out."""
    mock.script({"compress": "gzip"})
    response = speak(wire, *header)
    assert response.header("content-encoding") is None
    assert response.body == unscripted
    answer = mock.calls()[-1]["answer"]
    assert (answer["content_encoding"], answer["left_out"]) == (None, ["compress"])


def test_a_compressed_transcript_in_small_chunks(mock, wire):
    """Together with pieces of a few bytes, on another operation."""
    mock.script(
        {"compress": "gzip", "drip": {"chunk": 3, "interval_s": 0}, "framing": "chunked"}, {"model": "whisper-1"}
    )
    response = transcribe(mock, wire, "Accept-Encoding: gzip")
    assert json.loads(gzip.decompress(response.body))["text"] == TEXT


# --- connections


def test_a_connection_is_closed_after_the_response_unannounced(mock, wire, unscripted):
    """The response is whole and says nothing of it; then the connection is gone."""
    mock.script({"close_idle_s": 0})
    response = speak(wire)
    assert response.body == unscripted
    assert response.header("connection") is None
    assert wire.closed()


def test_a_connection_that_is_used_in_time_is_kept(mock, wire, unscripted):
    """The idle time of one script does not outlive the next request."""
    mock.script({"close_idle_s": 30})
    assert speak(wire).body == unscripted
    mock.script({"close_idle_s": 0.05})
    assert speak(wire).body == unscripted
    assert wire.closed()


# --- framing and pieces


def test_a_length_with_leading_zeros(mock, wire, unscripted):
    """Legal, and the same number."""
    mock.script({"framing": "padded_length"})
    response = speak(wire)
    assert response.header("content-length") == f"000{len(unscripted)}"
    assert response.body == unscripted


def test_a_body_that_ends_with_its_connection(mock, wire, unscripted):
    """No length, no chunks, and the close announced."""
    mock.script({"framing": "close"})
    response = speak(wire)
    assert (response.header("content-length"), response.header("transfer-encoding")) == (None, None)
    assert response.header("connection") == "close"
    assert response.body == unscripted
    assert wire.closed()


@pytest.mark.parametrize(("framing", "header"), [("chunked", "transfer-encoding"), ("length", "content-length")])
def test_both_framings_on_every_kind_of_response(mock, wire, framing, header):
    """A stream of events too can be sent with a length, and a document in chunks."""
    for model, fields in (("whisper-1", {}), ("gpt-4o-transcribe", {"stream": "true"})):
        mock.script({"framing": framing}, {"model": model})
        response = transcribe(mock, wire, model=model, **fields)
        assert response.header(header) is not None
        assert TEXT in response.body.decode().replace('"}', "")


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_pieces_that_cut_through_characters(mock, chunk):
    """Each piece is a chunk of its own on the wire."""
    mock.script({"drip": {"chunk": chunk, "interval_s": 0}, "framing": "chunked"}, {"model": "whisper-1"})
    with connected(mock.base_url) as wire:
        sizes = []
        take = wire._take
        wire._take = lambda size: sizes.append(size - 2) or take(size)
        response = transcribe(mock, wire, response_format="text")
    assert response.body.decode() == TEXT
    assert set(sizes) - {0} <= {chunk, len(response.body) % chunk}
    assert chunk in sizes


# --- spellings

SPELLINGS = {
    "title_case": ("Audio/Mpeg", "Application/Json", "Text/Plain; charset=utf-8"),
    "upper_case": ("AUDIO/MPEG", "APPLICATION/JSON", "TEXT/PLAIN; charset=utf-8"),
    "quoted_charset": ('audio/mpeg;version="1"', 'application/json;charset="UTF-8"', 'text/plain;charset="UTF-8"'),
    "parameter": ("audio/mpeg; version=1", "application/json; version=1", "text/plain; charset=utf-8; version=1"),
    "spaces": ("audio/mpeg ;\tversion=1", "application/json ;\tversion=1", "text/plain ;\tversion=1; charset=utf-8"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_media_types_in_other_spellings(mock, wire, spelling):
    """On sound, on JSON and on text, whatever the response's own type is."""
    mock.script({"media_type": spelling}, {"operation": "speech", "marker": HELLO["input"]})
    mock.script({"media_type": spelling}, {"operation": "transcription"}, times=2)
    found = (
        speak(wire).header("content-type"),
        transcribe(mock, wire).header("content-type"),
        transcribe(mock, wire, response_format="text").header("content-type"),
    )
    assert found == SPELLINGS[spelling]


CASES = {
    "upper": ("CONTENT-TYPE", "X-ODD-NAME"),
    "title": ("Content-Type", "X-Odd-Name"),
    "lower": ("content-type", "x-odd-name"),
    "mixed": ("cOnTeNt-tYpE", "x-oDd-nAmE"),
    None: ("content-type", "x-ODD-Name"),
}


@pytest.mark.parametrize("case", CASES)
def test_names_of_headers_in_other_letters(mock, wire, case):
    """As scripted where nothing else is said."""
    act = {"headers": {"x-ODD-Name": "here"}} | ({"header_case": case} if case else {})
    mock.script(act)
    response = speak(wire)
    content_type, odd = CASES[case]
    assert (response.named(content_type), response.named(odd)) == (["audio/mpeg"], ["here"])


# --- interim responses and redirects


def test_interim_responses_come_first(mock, wire, unscripted):
    """100, 102 and 103 in their order, with their headers, then the final one."""
    mock.script({"interim": [{"status": 100}, {"status": 102}, {"status": 103, "headers": {"Link": "</a>; rel=x"}}]})
    first = speak(wire)
    second, third, final = wire.response(), wire.response(), wire.response()
    assert [first.status, second.status, third.status, final.status] == [100, 102, 103, 200]
    assert third.named("Link") == ["</a>; rel=x"]
    assert final.body == unscripted


def test_an_old_client_is_sent_no_interim_response(mock, wire, unscripted):
    """HTTP/1.0 does not know them; the journal says so."""
    mock.script({"interim": [{"status": 102}]})
    assert speak(wire, version="1.0").body == unscripted
    assert mock.calls()[-1]["answer"]["left_out"] == ["interim"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", [SPEECH, AZURE])
def test_a_redirect_leads_to_a_path_that_serves(mock, wire, unscripted, status, target):
    """Within the same origin; whoever follows with the same request is served, script or not."""
    mock.script({"redirect": {"status": status}}, times=None)
    response = speak(wire, "api-key: k", target=target)
    assert (response.status, response.body) == (status, b"")
    assert response.header("location") == f"/redirected{target}"
    assert speak(wire, "api-key: k", target=response.header("location")).body == unscripted
    first, second = mock.calls()
    assert (first["answer"]["status"], second["answer"]["status"]) == (status, 200)
    assert (second["operation"], second["unexpected"]) == ("speech", False)
    assert second["answer"]["left_out"] == ["redirect"]


def test_a_redirect_to_another_origin(mock, wire):
    """Where another mock can see whether a key came along."""
    with bench() as other, connected(other.base_url) as there:
        mock.script({"redirect": {"status": 307, "origin": other.base_url}})
        assert speak(wire).header("location") == f"{other.base_url}/redirected{SPEECH}"
        assert speak(there, target=f"/redirected{SPEECH}").status == 200
        assert [call["path"] for call in other.calls()] == [f"/redirected{SPEECH}"]


def test_a_redirect_to_anywhere(mock, wire):
    """The location is sent as it is given."""
    mock.script({"redirect": {"location": "../elsewhere"}})
    response = speak(wire)
    assert (response.status, response.header("location")) == (307, "../elsewhere")


# --- what is not the provider's but the wire's


def test_a_whole_url_as_the_target(mock, wire, unscripted):
    """As a proxy is sent it: served as the path in it, and shown as that."""
    assert speak(wire, target=f"http://provider.example{SPEECH}?a=b").body == unscripted
    call = mock.calls()[-1]
    assert (call["path"], call["query"], call["unexpected"]) == (SPEECH, {"a": "b"}, False)


def test_an_offered_upgrade_is_passed_over(mock, wire, unscripted, caplog, capfd):
    """Neither to WebSocket nor to HTTP/2, and without a word in the log."""
    for protocol in ("websocket", "h2c"):
        assert speak(wire, "Connection: Upgrade", f"Upgrade: {protocol}").body == unscripted
    assert caplog.text == ""
    assert capfd.readouterr().err == ""


def test_an_offered_upgrade_with_a_body_in_parts_and_a_request_behind_it(mock, wire, unscripted):
    """Whatever parts the bytes come in, both requests are served."""
    body = json.dumps(HELLO).encode()
    head = [
        f"POST {SPEECH} HTTP/1.1", "Host: mock", "Authorization: Bearer k", "Content-Type: application/json",
        f"Content-Length: {len(body)}", "Connection: Upgrade", "Upgrade: h2c",
    ]  # fmt: skip
    request = "\r\n".join([*head, "", ""]).encode() + body
    for cut in (len(request) - len(body), len(request) - 5, len(request)):
        whole = request * 2
        wire.send_bytes(whole[:cut], whole[cut:])
        assert [wire.response().body, wire.response().body] == [unscripted] * 2
    assert {tuple(pair) for pair in mock.calls()[-1]["headers"]} >= {("connection", "Upgrade"), ("upgrade", "h2c")}


# --- malformed bodies are malformed


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "flac", "wav"])
def test_malformed_audio_is_no_audio(mock, name):
    """Its length is right, and no decoder takes it."""
    plain = mock.synthesize(response_format=name)
    mock.script({"malform": True}, {"operation": "speech"})
    response = mock.synthesize(response_format=name)
    assert len(response.content) == len(plain.content)
    assert response.headers["content-type"] == plain.headers["content-type"]
    assert mock.transcribe(response.content, name=f"speech.{name}").status_code == 400


def test_malformed_pcm_is_half_a_sample_short_or_long(mock):
    """Any other bytes would be sound."""
    mock.script({"malform": True}, {"operation": "speech"})
    assert len(mock.synthesize(response_format="pcm").content) % 2 == 1


@pytest.mark.parametrize("response_format", ["json", "verbose_json", "text", "srt", "vtt"])
def test_malformed_transcripts_are_no_documents(mock, unscripted, response_format):
    """JSON that does not parse, text that is no UTF-8."""
    mock.script({"malform": True}, {"operation": "transcription"})
    body = mock.transcribe(unscripted, response_format=response_format).content
    with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
        json.loads(body) if "json" in response_format else body.decode()


@pytest.mark.parametrize("body", [{"json": 7}, {"json": {}}, {"json": [1]}, {"text": ""}])
def test_malformed_short_json(mock, body):
    """Even what would still parse when cut."""
    mock.script({"malform": True, "body": body, "content_type": "application/json"})
    with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
        mock.synthesize().json()
