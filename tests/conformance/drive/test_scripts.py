"""Scripted responses: what the mock is told, and whether the response fits what the gateway asked for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from conformance.contracts import TranscriptShape
from conformance.drive.scripts import (
    asked_of_provider,
    audio_response,
    canned,
    differences,
    json_response,
    match_of,
    scripted_response,
    verbose_document,
)
from conformance.errors import Blocked, NotForwarded
from mock_upstreams.scripts import Act
from tests.conformance.drive.stubs import StubProvider, case_of
from tests.conformance.judge.answers import answered, answered_json
from tests.conformance.judge.calls import form_call
from tests.conformance.judge.findings import says

SHAPE = TranscriptShape(kind="object", media_types=("application/json",))


class Recorder(StubProvider):
    """Keeps what it was told."""

    script: Any = None

    @contextmanager
    def scripted(self, *script: Any, **_: Any) -> Iterator[None]:
        self.script = script
        yield


def test_speech_is_matched_by_its_text_and_a_transcript_by_its_upload() -> None:
    case = case_of(lambda _: 200)
    assert match_of(case, "speech") == {"marker": case.marker}
    assert match_of(case, "translations") == {"sha256": case.upload().digest}
    assert match_of(case, "translations", case.upload(1.0)) == {"sha256": case.upload(1.0).digest}


def test_a_response_is_scripted_for_one_operation_and_one_upload() -> None:
    provider = Recorder()
    case = case_of(lambda _: 200, provider)
    act = json_response({"text": "x"})
    with scripted_response(case, "translations", case.upload(), act):
        assert provider.script == ({"operation": "translation", "sha256": case.upload().digest}, act)


@pytest.mark.parametrize("route", ["speech", "transcriptions"])
def test_the_mock_takes_what_is_scripted(route: str) -> None:
    msgspec.convert(canned(case_of(lambda _: 200), route), Act)


def test_a_document_is_written_in_raw_text_or_in_escapes() -> None:
    raw, escaped = json_response({"text": "ü"}), json_response({"text": "ü"}, ensure_ascii=True)
    assert raw["body"]["text"] == '{"text": "ü"}'
    assert escaped["body"]["text"] == '{"text": "\\u00fc"}'
    assert json.loads(escaped["body"]["text"]) == json.loads(raw["body"]["text"])


def test_audio_comes_byte_by_byte() -> None:
    act = audio_response(b"\0\xff", "audio/pcm")
    assert (act["content_type"], base64.b64decode(act["body"]["base64"])) == ("audio/pcm", b"\0\xff")


def call_asking(wanted: str | None) -> tuple[Any, Any]:
    provider = StubProvider()
    case = case_of(lambda _: 200, provider)
    fields = (("prompt", case.marker), *((("response_format", wanted),) if wanted else ()))
    provider.journal.append(form_call(*fields))
    return case, provider.journal[0]


@pytest.mark.parametrize("wanted", [None, "json"])
def test_a_call_in_a_fitting_format_is_judged(wanted: str | None) -> None:
    """Without one the provider's default counts."""
    case, expected = call_asking(wanted)
    assert asked_of_provider(case, answered(200), case.upload(), "json") is expected


def test_a_call_in_another_format_is_not_judged() -> None:
    case, _ = call_asking("verbose_json")
    with pytest.raises(Blocked, match="asks its provider for verbose_json, not for json or text"):
        asked_of_provider(case, answered(200), case.upload(), "json", "text")


def test_without_a_call_nothing_is_judged() -> None:
    case = case_of(lambda _: 200)
    with pytest.raises(NotForwarded):
        asked_of_provider(case, answered(200), case.upload(), "json")


def test_a_detailed_document_has_the_kinds_asked_for() -> None:
    assert verbose_document(("segments",)).keys() >= {"text", "duration", "segments"}
    assert "words" not in verbose_document(("segments",))
    assert len(verbose_document(("words",))["words"]) == 60


def test_every_part_that_differs_has_a_finding() -> None:
    provided, kinds = verbose_document(("segments", "words")), ("segments", "words")
    call = form_call()

    def found(document: dict[str, Any]) -> list[str]:
        findings = differences(answered_json(200, document), provided, call, kinds, shape=SHAPE, because="x")
        return [says(finding)[0] for finding in findings if finding]

    assert found(provided) == []
    changed = {**provided, "text": "All", "duration": 1, "words": provided["words"][:-1]}
    assert found(changed) == [
        "x: the text differs from character 3 on (10 characters expected, 3 came)",
        "x: wrong detail",
        "x: wrong detail",
    ]


def test_details_that_the_provider_did_not_give_block() -> None:
    with pytest.raises(Blocked, match="the provider gave no words: was it asked for them"):
        differences(answered(200), {"text": "x", "words": []}, form_call(), ("words",), shape=SHAPE, because="x")
