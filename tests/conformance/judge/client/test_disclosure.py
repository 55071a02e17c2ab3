"""The judge of what errors tell: no false accusation for what the client said, no leak missed."""

from __future__ import annotations

import json

import pytest

from conformance.judge.client.disclosure import no_provider_key, no_server_path, no_stack_trace, texts_in
from tests.conformance.judge.answers import URL, answered
from tests.conformance.judge.findings import says

TRACES = {
    "python": 'Traceback (most recent call last):\n  File "/srv/gw/app.py", line 3, in f\nValueError: x',
    "python-frame": 'File "gw/app.py", line 3',
    "java": "java.lang.NullPointerException\n\tat com.example.Gateway.speak(Gateway.java:42)",
    "node": "TypeError: x\n    at Layer.handle [as handle_request] (/srv/gw/layer.js:95:5)",
    "node-internal": "Error\n    at process.processTicks (node:internal/process/task_queues:95:5)",
    "dotnet": "System.Exception: x\n   at Gateway.Speech.Post(Request r) in C:\\gw\\Speech.cs:line 12",
    "go": "panic: x\n\ngoroutine 17 [running]:\nmain.main()",
    "rust": "thread 'main' panicked at src/main.rs:4:5",
    "ruby": "app/speech.rb:12:in `call'",
    "php": "Stack trace:\n#0 /srv/gw/index.php(12): speak()",
}
PATHS = (
    "cannot open /usr/lib/python3.11/json/decoder.py",
    "No such file: '/tmp/upload_8f3.wav'",
    "/app/gateway/main.py failed",
    r"cannot read C:\gateway\conf\keys.yaml",
    "venv/lib/site-packages/starlette/routing.py",
    "in (/var/task/index.js)",
)


@pytest.mark.parametrize("name", TRACES)
@pytest.mark.parametrize("wrap", [str, lambda trace: json.dumps({"error": {"message": "x", "detail": [trace]}})])
def test_a_stack_trace_is_found_in_text_and_in_json(name: str, wrap: object) -> None:
    """A trace inside a JSON string has its line breaks escaped; it is still a trace."""
    assert callable(wrap)
    message, expected, got = says(no_stack_trace(answered(500, wrap(TRACES[name])), because="x"))
    assert (message, expected) == ("x: the answer shows a stack trace", "no stack trace")
    assert got in TRACES[name]


def test_a_trace_in_html_is_found() -> None:
    """Some frameworks show traces with line breaks as elements."""
    page = "<pre>Error: x<br> &nbsp; &nbsp;at handle (/srv/gw/layer.js:95:5)</pre>"
    assert says(no_stack_trace(answered(500, page), because="x"))[2] == "at handle (/srv/gw/layer.js:95:5)"


@pytest.mark.parametrize("text", PATHS)
@pytest.mark.parametrize("wrap", [str, lambda path: json.dumps({"error": {"message": path}})])
def test_a_path_of_the_server_is_found(text: str, wrap: object) -> None:
    """In plain text and in JSON, where backslashes and slashes may be escaped."""
    assert callable(wrap)
    message, expected, got = says(no_server_path(answered(500, wrap(text)), because="x"))
    assert (message, expected) == ("x: the answer shows a file path of the server", "no file path")
    assert got in text


def test_an_escaped_slash_hides_no_path() -> None:
    """JSON may write a slash as backslash and slash."""
    finding = no_server_path(answered(500, '{"error": "\\/usr\\/lib\\/x.so"}'), because="x")
    assert says(finding)[2] == "/usr/lib/x.so"


INNOCENT = (
    "Nothing is served at /api/client/v1/audio/speech.",
    "See https://docs.example.com/home/errors.py and http://localhost/usr/guide.",
    '<a href="/home/docs">back</a>',
    "`audio.data` is no base64 at line 1, column 7",
    "at /audio/data: a string is needed",
    "at most 25 MB; at least one of word/segment; either/or, text/plain, 1/2",
    "Look at this (it is 12:30:15 now).",
    "use application/json or multipart/form-data",
    "thread safety, goroutine, panic and Traceback are words",
    "Try again at 2026-01-01T10:00:00Z",
)


@pytest.mark.parametrize("text", INNOCENT)
def test_ordinary_messages_are_not_accused(text: str) -> None:
    """Addresses, pointers, media types and routes are no files of the server."""
    for body in (text, json.dumps({"error": {"message": text}})):
        assert no_stack_trace(answered(400, body), because="x") is None
        assert no_server_path(answered(400, body), because="x") is None
        assert no_provider_key(answered(400, body), because="x") is None


def test_what_the_client_sent_may_be_repeated() -> None:
    """A gateway that names the client's own file has told nothing."""
    sent = b'filename="/home/me/notes.py"'
    assert no_server_path(answered(400, "bad file /home/me/notes.py", sent=sent), because="x") is None
    assert says(no_server_path(answered(400, "bad file /home/me/notes.py"), because="x"))[2] == "/home/me/notes.py"
    assert no_server_path(answered(404, f"no {URL}"), because="x") is None


@pytest.mark.parametrize("key", ["sk-proj-" + "a1B2" * 8, "Bearer 0a1b2c3d4e5f6a7b8"])
def test_a_providers_key_is_found_by_its_shape_and_reported_as_a_secret(key: str) -> None:
    """No text of the finding shows it; the exchange holds it, so reports have to know that it is one."""
    finding = no_provider_key(answered(500, f"The key {key} is incorrect."), because="x")
    expected = (
        "x: the answer shows a provider's key",
        "no credential of the gateway's own",
        "a text in the shape of one",
    )
    assert says(finding) == expected
    assert finding
    assert [secret in key for secret in finding.secrets] == [True]


@pytest.mark.parametrize(
    "text", ["key sk-p…89", "Send Authorization: Bearer cpeer_your_development_token", "Bearer YOUR_TOKEN_GOES_IN_HERE"]
)
def test_a_placeholder_is_no_key(text: str) -> None:
    assert no_provider_key(answered(401, text), because="x") is None


def test_every_text_of_a_document_is_looked_at() -> None:
    assert list(texts_in({"a": ["b", {"c": 1}], "d": None})) == ["a", "b", "c", "1", "d", "None"]
