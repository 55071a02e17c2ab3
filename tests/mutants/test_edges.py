"""The wrappers that make faults do what they say, and nothing to requests that do not meet their condition."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.conditions import AS_FORM, SERVED, every, on, sent, status
from tests.mutants.edge import answers, instead, requests
from tests.mutants.exchange import ABSENT, BASE_PATH, Answer, Asked, Part, asked_of, error_answer
from tests.mutants.fault import Fault


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers 200 with the body, in two pieces."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Number", b"1")]})
    await send({"type": "http.response.body", "body": body[:3], "more_body": True})
    await send({"type": "http.response.body", "body": body[3:], "more_body": False})


def _asked(body: bytes = b'{"model":"m"}', route: str = "speech") -> Asked:
    return Asked(1, "POST", f"{BASE_PATH}/audio/{route}", b"", (("content-type", "application/json"),), body)


def _run(fault: Fault, asked: Asked, app: App = _echo) -> list[Message]:
    """The messages that a request in two pieces is answered with."""
    for wrap in fault.around:
        app = wrap(app)
    return asyncio.run(_collected(app, asked))


async def _collected(app: App, asked: Asked) -> list[Message]:
    pieces = iter([(asked.body[:4], True), (asked.body[4:], False)])
    said: list[Message] = []

    async def receive() -> Message:
        piece, more = next(pieces)
        return {"type": "http.request", "body": piece, "more_body": more}

    async def send(message: Message) -> None:
        said.append(message)

    headers = [(name.encode(), value.encode()) for name, value in asked.headers]
    scope = {"type": "http", "method": asked.method, "path": asked.path, "query_string": b"", "headers": headers}
    done: Awaitable[None] = app(scope, receive, send)
    await done
    return said


def _body(said: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in said)


def test_answer_is_rewritten_when_the_condition_holds() -> None:
    """The rewritten answer is sent whole, with the length of its own body."""
    fault = answers(lambda _, answer: answer.with_body(answer.body + b"!"), on("speech") & SERVED)
    said = _run(fault, _asked())
    assert _body(said) == b'{"model":"m"}!'
    assert (b"content-length", b"14") in said[0]["headers"]


def test_answer_passes_untouched_when_the_condition_does_not_hold() -> None:
    """Piece by piece, header for header: a mutant of one route is no mutant of another."""
    fault = answers(lambda _, __: error_answer(500), on("translations") | status(400))
    said = _run(fault, _asked())
    assert [message.get("body") for message in said[1:]] == [b'{"m', b'odel":"m"}']
    assert said[0]["headers"] == [(b"X-Number", b"1")]


def test_request_is_rewritten_before_the_gateway() -> None:
    """A field is put into the body that the gateway reads."""
    fault = requests(lambda request: request.with_fields(model=ABSENT, voice="v"), sent("model"))
    assert _body(_run(fault, _asked())) == b'{"voice": "v"}'


def test_reply_takes_the_gateways_place_for_each_second_request() -> None:
    """The condition counts the gateway's requests."""
    fault = instead(lambda _: error_answer(503), every(2))
    app = fault.around[0](_echo)
    statuses = [asyncio.run(_collected(app, _asked()))[0]["status"] for _ in range(4)]
    assert statuses == [200, 503, 200, 503]


def test_forms_are_read_and_written_alike() -> None:
    """Parts keep order, bytes, names and types through both."""
    parts = (Part("model", b"whisper-1"), Part("file", b"\x00\r\n--x\xff", 'a "b".wav', "audio/wav"), Part("p", b"1"))
    form = _asked(route="transcriptions").with_parts(parts)
    assert form.parts == parts
    assert AS_FORM.holds(form, None)
    assert form.get("p") == "1"
    assert form.with_fields(p=ABSENT).get("p") is ABSENT


def test_answers_document_of_no_json_is_absent() -> None:
    """Audio is no JSON, and no fault may stumble over it."""
    assert Answer(200, (), b"RIFF").document is ABSENT
    assert asked_of({"method": "GET", "path": "/", "headers": []}, 1).route == ""
