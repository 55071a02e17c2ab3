"""Requests of another model key: judged in full where they are served, and not at all where they may be refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from conformance.audio.samples import tiny_wav
from conformance.drive.case import Case
from conformance.drive.other_models import fields_in_full, speech_in_full, transcript_in_full
from conformance.drive.requests import OMIT
from conformance.errors import Violated
from conformance.http.exchange import Answer, Exchange, Headers, Request
from tests.conformance.drive.stubs import StubGateway, StubProvider, case_of
from tests.conformance.judge.calls import call, form_call, response

AUDIO = tiny_wav()
HEADERS: Headers = (("Content-Type", "audio/wav"), ("Content-Length", str(len(AUDIO))), ("X-Request-Id", "r"))
JSON: Headers = (("Content-Type", "application/json"), ("X-Request-Id", "r"))
Respond = Callable[[dict[str, Any]], Answer]


class Speaking(StubGateway):
    """Answers as it is told and forwards what it was sent."""

    respond: Respond

    def send(self, request: Request, **_: Any) -> Exchange:
        document = json.loads(request.body)
        answer = self.respond(document)
        sent = [[name, value] for name, value in document.items() if name != "audio"]
        if "audio" in document:
            text = answer.body.decode(errors="replace")
            self.provider.journal.append(form_call(fields=sent, answer=response(text)))
        else:
            self.provider.journal.append(call(fields=sent, answer=response(answer.body)))
        return Exchange(request, answer)


def case_with(respond: Respond) -> Case:
    provider = StubProvider()
    case = case_of(lambda _: 200, provider)
    gateway = Speaking(lambda _: 200, provider)
    gateway.respond = respond
    case.gateway = gateway  # type: ignore[assignment]
    return case


def spoken(body: bytes = AUDIO, headers: Headers = HEADERS, status: int = 200) -> Respond:
    return lambda _: Answer(status, headers, body)


def messages(act: Callable[[], None]) -> list[str]:
    with pytest.raises(Violated) as raised:
        act()
    return [finding.message for finding in raised.value.findings]


@pytest.mark.parametrize("wanted", ["wav", OMIT])
def test_whole_audio_with_its_headers_is_speech_in_full(wanted: Any) -> None:
    speech_in_full(case_with(spoken()), "my-key", wanted)


def test_every_fault_of_speech_is_found_at_once() -> None:
    found = messages(lambda: speech_in_full(case_with(spoken(headers=())), "my-key", "wav"))
    assert found == [
        "speech of my-key, response_format wav: Content-Type and bytes disagree",
        "the audio comes without its length",
        "an answer: no X-Request-Id",
    ]


def test_speech_that_is_not_served_is_one_finding() -> None:
    found = messages(lambda: speech_in_full(case_with(spoken(status=400)), "my-key", OMIT))
    assert found == ["speech of my-key, response_format not given: wrong status"]


def transcribed(**changes: Any) -> Respond:
    """The text that is scripted, and an id."""
    text = "  e\u0301 is not \u00e9, \u4e00 \U0001f98a & <b> \u2028 so\r\n "
    document = {"text": text, "request_id": "r", **changes}
    return lambda _: Answer(200, JSON, json.dumps(document).encode())


def test_the_providers_text_is_a_transcript_in_full() -> None:
    transcript_in_full(case_with(transcribed()), "my-key", "transcriptions", "json", "json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"request_id": ""}, "transcriptions (json) of my-key in json: no request_id"),
        ({"text": 5}, "transcriptions (json) of my-key in json: not a transcript"),
    ],
)
def test_what_a_transcript_lacks_is_found(change: dict[str, Any], message: str) -> None:
    case = case_with(transcribed(**change))
    assert messages(lambda: transcript_in_full(case, "my-key", "transcriptions", "json", "json")) == [message]


@pytest.mark.parametrize("name", ["verbose_json", "srt"])
def test_a_format_that_a_model_may_lack_may_be_refused(name: str) -> None:
    transcript_in_full(case_with(spoken(b"{}", JSON, 400)), "my-key", "translations", "json", name)


def test_the_ordinary_format_may_not_be_refused() -> None:
    case = case_with(spoken(b"{}", JSON, 400))
    found = messages(lambda: transcript_in_full(case, "my-key", "translations", "json", "json"))
    assert found == ["translations (json) of my-key in json: wrong status"]


@pytest.mark.parametrize("route", ["speech", "transcriptions", "translations"])
def test_fields_that_are_forwarded_are_in_full(route: str) -> None:
    fields_in_full(case_with(spoken()), "my-key", route, "json")


def test_a_field_that_is_lost_is_found_and_a_refused_request_is_not_judged() -> None:
    def losing(document: dict[str, Any]) -> Answer:
        document.pop("temperature", None)
        return Answer(200, (), b"")

    found = messages(lambda: fields_in_full(case_with(losing), "my-key", "translations", "json"))
    assert found == ["temperature does not reach the provider as it was sent"]
    fields_in_full(case_with(spoken(status=400)), "my-key", "translations", "json")
