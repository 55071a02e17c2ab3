"""What the playground serves, and to whom; what its recorder keeps, and how much. No browser is needed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from reference_server.app import create_app
from reference_server.config import from_document
from reference_server.playground import recorder as recording
from reference_server.playground.pages import pages
from reference_server.playground.recorder import Recorder
from reference_server.tokens import Tokens, digest
from tests.servers import running_gateway, serving

ALICE, BOB = "cpeer_alice_plays", "cpeer_bob_plays"
CONFIG: dict[str, Any] = {
    "providers": {"mock": {"kind": "mock"}},
    "models": {"tts-1": {"capability": "speech", "provider": "mock"}},
    "tokens": [{"name": "alice", "token": ALICE}, {"name": "bob", "token": BOB}],
    "playground": True,
    "log_level": "critical",
}
SAY = {"model": "tts-1", "input": "Hi."}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with serving(create_app(from_document(CONFIG))) as served:
        yield served


@pytest.fixture
def client(origin: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=origin, timeout=20) as each:
        for token in (ALICE, BOB):
            each.delete("/playground/requests", headers=_bearer(token))
        yield each


def _speak(client: httpx.Client, token: str, **fields: Any) -> httpx.Response:
    return client.post("/api/client/v1/audio/speech", headers=_bearer(token), json=SAY | fields)


def _seen(client: httpx.Client, token: str) -> list[dict[str, Any]]:
    found = client.get("/playground/requests", headers=_bearer(token))
    assert found.status_code == 200
    return list(found.json()["exchanges"])


@pytest.mark.parametrize("path", sorted(pages()))
def test_every_file_has_a_strict_policy(client: httpx.Client, path: str) -> None:
    """Nothing by default, own scripts and styles only, none of them inline; no framing, no guessing of types."""
    page = client.get(path)
    assert page.status_code == 200
    policy = dict(each.strip().partition(" ")[::2] for each in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert (policy["script-src"], policy["style-src"]) == ("'self'", "'self'")
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["content-type"].split("/")[0] in {"text", "image"}


def test_the_page_loads_nothing_from_elsewhere() -> None:
    """No address of another host, no inline script, style or handler; every module that is imported is served."""
    served = pages()
    text = served["/"].body.decode()
    assert "http" not in text.replace("http-equiv", "")
    assert "<style" not in text
    assert "style=" not in text
    assert text.count("<script") == 1
    assert 'type="module" src="/playground/main.js"></script>' in text
    for path, page in served.items():
        if path.endswith(".js"):
            imported = [line.split('"')[1] for line in page.body.decode().splitlines() if line.startswith("import ")]
            assert all(f"/playground/{name.removeprefix('./')}" in served for name in imported), path


UNKNOWN = (
    *(
        "/playground",
        "/playground/",
        "/playground/../app.py",
        "/playground/%2e%2e/app.py",
        "/playground/assets/main.js",
    ),
    *("/playground/main.js/", "/playground/main.js%00", "/playground//main.js", "/playground/requests/1/request/x"),
)


@pytest.mark.parametrize("path", UNKNOWN)
def test_only_what_is_in_the_table_is_served(origin: str, path: str) -> None:
    """A path of a request is compared, never opened."""
    with httpx.Client() as client:
        request = client.build_request("GET", origin)
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = client.send(request)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_other_methods_are_refused(client: httpx.Client) -> None:
    """With those that there are."""
    assert client.post("/").status_code == 405
    assert client.post("/").headers["allow"] == "GET, HEAD"
    assert client.put("/playground/requests", headers=_bearer(ALICE)).headers["allow"] == "GET, DELETE"
    head = client.head("/")
    assert (head.status_code, head.content) == (200, b"")


def test_it_is_off_unless_it_is_asked_for() -> None:
    """Neither page nor inspector."""
    quiet = {name: value for name, value in CONFIG.items() if name != "playground"}
    with serving(create_app(from_document(quiet))) as origin, httpx.Client(base_url=origin) as client:
        for path in ("/", "/playground/main.js", "/playground/requests", "/favicon.ico"):
            assert client.get(path, headers=_bearer(ALICE)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/playground/requests", "/playground/requests/1/request", "/playground/requests/1/response"]
)
@pytest.mark.parametrize("headers", [{}, _bearer("cpeer_wrong"), {"Authorization": "Basic eDp5"}])
def test_the_inspector_needs_the_token(client: httpx.Client, path: str, headers: dict[str, str]) -> None:
    """Whatever is asked of it."""
    assert client.get(path, headers=headers).status_code == 401
    assert client.delete("/playground/requests", headers=headers).status_code == 401


def test_a_token_sees_its_own_requests(client: httpx.Client) -> None:
    """And those that came without a valid one: of them no body, for nobody can say whose they are."""
    _speak(client, ALICE, input="Of Alice.")
    _speak(client, "cpeer_wrong", input="Of nobody.")
    of_alice, of_bob = _seen(client, ALICE), _seen(client, BOB)
    assert [each["status"] for each in of_alice] == [200, 401]
    assert [each["status"] for each in of_bob] == [401]
    own, nobodys = (f"/playground/requests/{each['number']}/request" for each in of_alice)
    assert b"Of Alice." in client.get(own, headers=_bearer(ALICE)).content
    assert client.get(own, headers=_bearer(BOB)).status_code == 404
    assert client.get(nobodys, headers=_bearer(ALICE)).content == b""
    client.delete("/playground/requests", headers=_bearer(BOB))
    assert [each["status"] for each in _seen(client, ALICE)] == [200]


def test_what_is_told_of_a_request(client: httpx.Client) -> None:
    """Its id, who served it, when what happened, and its bytes as they were; no secret."""
    spoken = _speak(client, ALICE, response_format="wav")
    (seen,) = _seen(client, ALICE)
    assert seen["request_id"] == spoken.headers["x-request-id"]
    assert (seen["model"], seen["provider"], seen["status"], seen["over"]) == ("tts-1", "mock", 200, True)
    assert 0 <= seen["received_s"] <= seen["first_byte_s"] <= seen["seconds"]
    assert ALICE not in str(seen)
    body = client.get(f"/playground/requests/{seen['number']}/response", headers=_bearer(ALICE))
    assert body.content == spoken.content
    assert body.headers["content-type"] == "application/octet-stream"
    assert body.headers["content-disposition"] == "attachment"


def test_a_page_of_another_origin_cannot_read_it(client: httpx.Client) -> None:
    """No permission, even where the gateway itself gives it."""
    answer = client.get("/playground/requests", headers={**_bearer(ALICE), "Origin": "https://app.example.com"})
    assert "access-control-allow-origin" not in answer.headers


def test_a_change_ends_the_wait(client: httpx.Client, origin: str) -> None:
    """Who waits is told at once; who waits in vain is told so when the time is over."""
    revision = client.get("/playground/requests", headers=_bearer(ALICE)).json()["revision"]
    query = {"after": revision, "wait_s": 20}
    answers: list[httpx.Response] = []

    def ask() -> None:
        url = f"{origin}/playground/requests"
        answers.append(httpx.get(url, headers=_bearer(ALICE), params=query, timeout=30))

    waiting = threading.Thread(target=ask)
    began = time.monotonic()
    waiting.start()
    _speak(client, ALICE)
    waiting.join(20)
    assert time.monotonic() - began < 15
    assert answers[0].json()["exchanges"]


@pytest.mark.slow
def test_who_watches_delays_no_shutdown() -> None:
    """A page that waits for news is told that there is none, and the server ends."""
    with running_gateway() as gateway:
        about = httpx.get(f"{gateway.origin}/playground/requests", headers=gateway.headers).json()
        answers: list[int] = []

        def watch() -> None:
            query = {"after": about["revision"], "wait_s": 25}
            url = f"{gateway.origin}/playground/requests"
            answers.append(httpx.get(url, headers=gateway.headers, params=query, timeout=30).status_code)

        watching = threading.Thread(target=watch)
        watching.start()
        began = time.monotonic()
        assert gateway.terminate() == 0
        assert time.monotonic() - began < 4.5
        watching.join(20)
    assert answers == [200]


# --- the recorder by itself


async def _pass(recorder: Recorder, body: bytes, answer: bytes, path: str = "/v1/x", token: str = ALICE) -> None:
    async def app(_: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(_: Any) -> None:
        """Nobody reads it."""

    headers = [(b"authorization", f"Bearer {token}".encode()), (b"cookie", b"secret=1")]
    scope = {"method": "POST", "path": path, "query_string": b"", "headers": headers}
    await recorder.watch(app, scope, receive, send)


def _recorder() -> Recorder:
    return Recorder(Tokens({"alice": digest(ALICE)}), lambda _, path: path.startswith("/v1/"))


def test_its_memory_is_bounded() -> None:
    """So many exchanges, so many bytes of each body, so many bytes of all: the oldest go."""
    recorder = _recorder()

    async def run() -> None:
        for _ in range(recording.MOST_EXCHANGES + 5):
            await _pass(recorder, b"", b"")
        assert len(list(recorder.shown_to("alice"))) == recording.MOST_EXCHANGES
        large = bytes(recording.MOST_BODY_BYTES + 1)
        for _ in range(40):
            await _pass(recorder, large, large)

    asyncio.run(run())
    kept = list(recorder.shown_to("alice"))
    assert sum(each.kept_bytes for each in kept) <= recording.MOST_BYTES
    assert kept[-1].request.size == recording.MOST_BODY_BYTES + 1
    assert len(kept[-1].request.data) == recording.MOST_BODY_BYTES
    assert not kept[-1].request.is_whole


def test_no_change_is_missed() -> None:
    """Who asks for the next change is told of it, even where it comes before he has begun to wait."""
    recorder = _recorder()

    async def run() -> None:
        waiting = recorder.change.wait()
        await _pass(recorder, b"", b"")
        await asyncio.wait_for(waiting, 5)

    asyncio.run(run())


def test_secrets_are_never_kept() -> None:
    """Neither tokens nor cookies."""
    recorder = _recorder()
    asyncio.run(_pass(recorder, b"", b""))
    (kept,) = recorder.shown_to("alice")
    assert dict(kept.headers) == {b"authorization": b"(not kept)", b"cookie": b"(not kept)"}


def test_what_is_not_watched_is_passed_on() -> None:
    """Without a trace."""
    recorder = _recorder()
    asyncio.run(_pass(recorder, b"", b"", path="/healthz"))
    assert list(recorder.shown_to("alice")) == []
