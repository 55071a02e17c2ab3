"""The control API: its token, its schema, its errors."""

import httpx
import jsonschema
import pytest

from mock_upstreams.scripts import Act
from tests.mock_upstreams.http.running import KEY

FULL_SCRIPT = {
    "match": {
        "operation": "speech",
        "face": "openai",
        "model": "tts-1",
        "deployment": "speech-prod",
        "marker": "needle",
        "sha256": "ab",
    },
    "times": None,
    "act": {
        "hold": "gate",
        "delay_s": 0.2,
        "interim": [{"status": 103, "headers": {"Link": "</a>"}}],
        "reset": "mid_body",
        "status": 503,
        "headers": {"x-a": "b", "x-request-id": None},
        "body": {"json": {"a": [1]}},
        "media_type": "title_case",
        "truncate": {"keep": 0.5, "length": "actual"},
        "malform": True,
        "compress": "gzip",
        "drip": {"chunk": 10, "interval_s": 0.1},
        "framing": "padded_length",
        "header_case": "mixed",
    },
}
# What excludes something above, or goes with it only in another script.
OTHERS = (
    {"chunked": True},
    {"content_type": "text/html"},
    {"redirect": {"status": 302, "origin": "http://a:1"}},
    {"close_idle_s": 0.5},
    {"hold_body": {"gate": "first-event", "after": 2, "again": True}},
)

# A wrong script, the path of the fault that is named, and a word of what is said to be allowed there.
WRONG = {
    "no object": ([], None, "act, match, times"),
    "no act": ({}, "act", "act, match, times"),
    "empty act": ({"act": {}}, "act", "hold, delay_s"),
    "interim": ({"act": {"interim": [{"status": 101}]}}, "act.interim[0].status", "100, 102, 103"),
    "redirect": ({"act": {"redirect": {"status": 304}}}, "act.redirect.status", "301, 302, 303, 307, 308"),
    "coding": ({"act": {"compress": "br"}}, "act.compress", "deflate, gzip"),
    "media type": ({"act": {"media_type": "odd"}}, "act.media_type", "title_case"),
    "framing": ({"act": {"framing": "http2"}}, "act.framing", "padded_length"),
    "header case": ({"act": {"header_case": "camel"}}, "act.header_case", "mixed"),
    "idle": ({"act": {"close_idle_s": -1}}, "act.close_idle_s", "from 0"),
    "unknown field": ({"act": {"status": 500}, "when": 1}, "when", "act, match, times"),
    "unknown act": ({"act": {"explode": True}}, "act.explode", "hold, delay_s"),
    "unknown match": ({"act": {"status": 500}, "match": {"path": "/"}}, "match.path", "operation, face"),
    "operation": ({"act": {"status": 500}, "match": {"operation": "chat"}}, "match.operation", "speech, transcription"),
    "face": ({"act": {"status": 500}, "match": {"face": "google"}}, "match.face", "azure"),
    "empty marker": ({"act": {"status": 500}, "match": {"marker": ""}}, "match.marker", "non-empty"),
    "times": ({"act": {"status": 500}, "times": 0}, "times", "from 1 or null"),
    "delay": ({"act": {"delay_s": -1}}, "act.delay_s", "from 0"),
    "reset": ({"act": {"reset": "now"}}, "act.reset", "before_headers"),
    "status": ({"act": {"status": 99}}, "act.status", "from 200 to 599"),
    "status type": ({"act": {"status": "503"}}, "act.status", "whole number"),
    "header value": ({"act": {"headers": {"a": 1}}}, "act.headers[...]", "string or null"),
    "keep": ({"act": {"truncate": {"keep": 1.5}}}, "act.truncate.keep", "from 0 to 1"),
    "length": ({"act": {"truncate": {"keep": 1, "length": "some"}}}, "act.truncate.length", "declared"),
    "drip": ({"act": {"drip": {"chunk": 0, "interval_s": 1}}}, "act.drip.chunk", "from 1"),
    "two bodies": ({"act": {"body": {"text": "a", "json": 1}}}, "act.body", "json, text, base64"),
    "no body": ({"act": {"body": {}}}, "act.body", "json, text, base64"),
}

# Faults that JSON Schema has no words for.
BEYOND_SCHEMA = {
    "framing": ({"act": {"headers": {"Content-Length": "3"}}}, "truncate"),
    "header injection": ({"act": {"headers": {"x": "a\r\nb: c"}}}, "no HTTP header"),
    "content type": ({"act": {"content_type": "a\nb"}}, "no HTTP header"),
    "base64": ({"act": {"body": {"base64": "!!!"}}}, "base64"),
    "nothing but no": ({"act": {"malform": False, "headers": {}, "interim": []}}, "the act does nothing"),
    "two framings": ({"act": {"framing": "close", "chunked": True}}, "give framing or chunked, not both"),
    "two media types": ({"act": {"content_type": "a/b", "media_type": "spaces"}}, "content_type or media_type"),
    "redirect and status": ({"act": {"redirect": {}, "status": 200}}, "redirect or status"),
    "redirect to two places": ({"act": {"redirect": {"origin": "http://a", "location": "/b"}}}, "origin or location"),
    "an origin with a path": ({"act": {"redirect": {"origin": "http://a/b"}}}, "is no origin"),
    "no origin": ({"act": {"redirect": {"origin": "http://[a"}}}, "is no origin"),
    "location injection": ({"act": {"redirect": {"location": "/a\r\nb: c"}}}, "no HTTP header"),
    "interim header": ({"act": {"interim": [{"status": 103, "headers": {"a b": "c"}}]}}, "no HTTP header"),
    "close twice": ({"act": {"close_idle_s": 1, "framing": "close"}}, "closed already"),
    "reset and close": ({"act": {"close_idle_s": 1, "reset": "mid_body"}}, "close_idle_s or reset"),
}


@pytest.fixture(scope="session")
def definitions(shared):
    schema = shared.control.get("/schema").json()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    return schema["$defs"]


def problems(definitions, name, value):
    validator = jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": definitions})
    return [error.message for error in validator.iter_errors(value)]


def test_health_needs_no_token(mock):
    """Anybody may ask whether the mock is there."""
    answer = httpx.get(f"{mock.base_url}/_mock/health", trust_env=False)
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["strict"]) == ("ok", False)


@pytest.mark.parametrize("token", ["", "Bearer", f"Bearer {KEY}", "Basic x"])
@pytest.mark.parametrize("path", ["/_mock/journal", "/_mock/scripts", "/_mock/schema", "/_mock/gates/x"])
def test_all_else_needs_the_token(mock, path, token):
    """A missing or wrong token is 401, a provider's key among them."""
    answer = httpx.get(mock.base_url + path, headers={"authorization": token}, trust_env=False)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["error"]["code"] == "wrong_control_token"


def test_the_token_is_a_bearer_token(mock):
    """The right token under another scheme is refused; the scheme's letter case does not matter."""
    url, token = f"{mock.base_url}/_mock/gates", mock.running.control_token
    found = {
        scheme: httpx.get(url, headers={"authorization": f"{scheme} {token}"}, trust_env=False).status_code
        for scheme in ("Basic", "bearer", "BEARER")
    }
    assert found == {"Basic": 401, "bearer": 200, "BEARER": 200}


def test_control_requests_are_no_calls(mock):
    """What the suite asks the mock is not in the journal."""
    before = mock.control.get("/journal/position").json()
    mock.control.get("/nothing")
    assert mock.control.get("/journal/position").json() == before


def test_a_script_with_everything(mock, definitions):
    """Every field of the API is taken, given back as it came, and covered by the schema."""
    assert set(FULL_SCRIPT["act"]).union(*OTHERS) == set(Act.__struct_fields__)
    for act in OTHERS:
        assert mock.script(act)["act"] == act
        assert problems(definitions, "Script", {"act": act}) == []
    stored = mock.script(FULL_SCRIPT["act"], FULL_SCRIPT["match"], FULL_SCRIPT["times"])
    assert {name: stored[name] for name in FULL_SCRIPT} == FULL_SCRIPT
    assert stored["used"] == 0
    assert problems(definitions, "Script", FULL_SCRIPT) == []
    assert problems(definitions, "StoredScript", stored) == []
    assert mock.control.get(f"/scripts/{stored['id']}").json() == stored
    assert mock.control.delete(f"/scripts/{stored['id']}").status_code == 200
    assert mock.control.get(f"/scripts/{stored['id']}").status_code == 404
    mock.control.delete("/gates/gate")


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_script_is_told_where_and_what_is_allowed(mock, definitions, fault):
    """400, the path of the field, what may stand there; the schema refuses it, too."""
    script, path, allowed = WRONG[fault]
    answer = mock.control.post("/scripts", json=script)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "invalid_value", path)
    assert allowed in error["message"].partition("(allowed: ")[2]
    assert problems(definitions, "Script", script)
    assert mock.control.get("/scripts").json() == {"scripts": []}


@pytest.mark.parametrize("fault", BEYOND_SCHEMA)
def test_a_script_that_would_break_http_is_refused(mock, fault):
    """400 with a hint, before it could do harm."""
    script, told = BEYOND_SCHEMA[fault]
    answer = mock.control.post("/scripts", json=script)
    assert answer.status_code == 400
    assert told in answer.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(mock, body):
    """400 in the API's own form."""
    answer = mock.control.post("/scripts", content=body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "mock_control_error")


def test_calls_and_gates_agree_with_the_schema(mock, definitions):
    """What the journal and the gates answer is what the schema says."""
    audio = mock.synthesize().content
    mock.transcribe(audio, response_format="verbose_json")
    mock.caller.post("/openai/deployments/speech-prod/audio/speech?api-version=1", json={"input": "x"})
    mock.caller.get("/elsewhere")
    for call in mock.calls():
        assert problems(definitions, "RecordedCall", call) == []
    assert len(mock.calls()) == 4
    gate = mock.control.put("/gates/g").json()
    assert problems(definitions, "Gate", gate) == []
    assert gate == {"name": "g", "waiting": 0, "released": 0, "open": False, "positions": []}
    assert gate in mock.control.get("/gates").json()["gates"]
    mock.control.delete("/gates/g")


def test_registration(mock, definitions):
    """Names come as lists or with their operations, add up, and are known from then on."""
    both = {"models": {"only-stt": ["transcription"]}, "deployments": ["all-prod"]}
    assert problems(definitions, "Registration", both) == []
    known = mock.control.post("/models", json=both).json()
    assert known["models"]["only-stt"] == ["transcription"]
    assert known["deployments"]["all-prod"] == ["speech", "transcription", "translation"]
    assert known["models"]["tts-1"] == ["speech"]
    assert mock.synthesize(model="only-stt").status_code == 404
    assert mock.control.post("/models", json={"models": {"only-stt": ["speech"]}}).status_code == 201
    assert mock.synthesize(model="only-stt").status_code == 200
    assert mock.control.get("/models").json()["models"]["only-stt"] == ["speech", "transcription"]
    wrong = mock.control.post("/models", json={"deployments": {"x": ["chat"]}})
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "deployments[...][0]")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("PATCH", "/scripts", 405),
        ("GET", "/scripts/none", 404),
        ("DELETE", "/scripts/none", 404),
        ("GET", "/gates/none", 404),
        ("DELETE", "/gates/none", 404),
        ("GET", "/journal/999999/upload", 404),
        ("GET", "/journal?wait_s=31", 400),
        ("GET", "/journal?sinc=3", 400),
        ("GET", "/journal?since=x", 400),
        ("GET", "/journal?operation=chat", 400),
        ("GET", "/gates/none?waiting_at_least=-1", 400),
    ],
)
def test_every_refusal_has_the_same_form(mock, method, path, status):
    """message, type, param and code, whatever went wrong."""
    answer = mock.control.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("body", [{}, {"all": False}, {"count": 0}, {"count": 1, "all": True}, {"positions": 1}])
def test_wrong_releases(mock, body):
    """A release says exactly one thing."""
    mock.control.put("/gates/g")
    assert mock.control.post("/gates/g/release", json=body).status_code == 400
    mock.control.delete("/gates/g")


def test_releasing_who_does_not_wait(mock):
    """404, and who does wait."""
    mock.control.put("/gates/g")
    answer = mock.control.post("/gates/g/release", json={"position": 12345})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_waiting")
    mock.control.delete("/gates/g")
