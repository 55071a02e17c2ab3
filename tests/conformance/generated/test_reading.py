"""Faults that every gateway sees in a drawn body, and what is none; whose recording it is; bodies made smaller."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from conformance import contracts
from conformance.audio.samples import tiny_wav
from conformance.generated.reading import audio_is_ours, faults, is_plain, smaller
from conformance.http.bodies import Body, Upload, json_body, multipart_body

CONTRACT = contracts.load()
SPEECH, HEARING = (CONTRACT.operations[name] for name in ("speech", "transcriptions"))
KEY = "tts-1"
LIKE_THE_KEY = (" tts-1", "tts-1\n", "TTS-1", "openai/tts-1", "azure-tts-1 ")
UNKNOWN = ("tts-12", "tts-", "tts-1/", "1-tts", " ")
WAV = base64.b64encode(tiny_wav()).decode()


def spoken(model: str) -> Body:
    return json_body({"model": model, "input": "Hello."})


def form(model: str) -> Body:
    return multipart_body([("model", model), ("file", Upload(b"RIFF"))])


def named(body: Body, operation: contracts.Operation = SPEECH) -> list[tuple[str, str]]:
    return [(fault.what, fault.situation) for fault in faults(operation, body, KEY)]


@pytest.mark.parametrize("model", [KEY, *LIKE_THE_KEY])
def test_what_a_gateway_may_take_for_the_key_is_no_fault(model: str) -> None:
    assert faults(SPEECH, spoken(model), KEY) == []
    assert faults(HEARING, form(model), KEY) == []


@pytest.mark.parametrize("model", UNKNOWN)
def test_any_other_key_is_unknown(model: str) -> None:
    """Its statuses are the contract's for an unknown key: any 4xx."""
    for found in (faults(SPEECH, spoken(model), KEY), faults(HEARING, form(model), KEY)):
        assert [fault.what for fault in found] == ["the model key is not known"]
        statuses = CONTRACT.statuses(found[0].situation)
        assert 400 in statuses
        assert 500 not in statuses


@pytest.mark.parametrize(
    ("body", "what", "situation"),
    [
        (Body(b"{", "application/json"), "a body that is no JSON", "unreadable-body"),
        (Body(b"[" * 100_000, "application/json"), "a body that is no JSON", "unreadable-body"),
        (json_body([1]), "JSON that is no object", "unreadable-body"),
        (json_body({"model": KEY}), "input is missing, empty or no string", "missing-field"),
        (json_body({"model": KEY, "input": ["x"]}), "input is missing, empty or no string", "missing-field"),
        (json_body({"model": 1, "input": "x"}), "model is missing, empty or no string", "missing-field"),
    ],
)
def test_a_speech_body_has_the_fault(body: Body, what: str, situation: str) -> None:
    """Each by itself obliges a gateway to refuse."""
    assert named(body) == [(what, situation)]


@pytest.mark.parametrize(
    ("audio", "what"),
    [
        (None, "audio is missing or no object"),
        ("RIFF", "audio is missing or no object"),
        ({}, "audio.data is missing, empty or no string"),
        ({"data": ""}, "audio.data is missing, empty or no string"),
        ({"data": "!!!"}, "audio.data is no base64"),
        ({"data": "AAAAA"}, "audio.data is no base64"),
    ],
)
def test_an_audio_object_has_the_fault(audio: Any, what: str) -> None:
    """What no base64 variant decodes is one; its statuses are the contract's."""
    ((found, situation),) = named(json_body({"model": KEY, "audio": audio}), HEARING)

    assert found == what
    assert 400 in CONTRACT.statuses(situation)


@pytest.mark.parametrize("data", ["QUI=", "QUI", "QU\nI=", "-_-_", "+/+/"])
def test_what_some_reader_decodes_is_no_fault(data: str) -> None:
    """Unpadded, wrapped, or of the other alphabet: it may be taken or refused."""
    assert named(json_body({"model": KEY, "audio": {"data": data}}), HEARING) == []


def test_a_form_has_each_of_its_faults() -> None:
    """A part that is not there, and one that is empty."""
    assert [what for what, _ in named(multipart_body([]), HEARING)] == ["model is missing or empty", "file is missing"]
    assert [what for what, _ in named(multipart_body([("model", "")]), HEARING)] == [
        "model is missing or empty",
        "file is missing",
    ]


_KINDS_OF_WRONG = {"missing": {}, "null": {"model": None}, "empty": {"model": ""}, "type": {"model": 7}}


@pytest.mark.parametrize("kind", _KINDS_OF_WRONG)
def test_a_fault_names_the_plain_requirement_that_it_breaks(kind: str) -> None:
    (fault,) = faults(SPEECH, json_body({"input": "x", **_KINDS_OF_WRONG[kind]}), KEY)

    assert fault.plainer("speech") == (f"speech.model.{kind}",)


@pytest.mark.parametrize(
    ("members", "plain"),
    [
        ({"model": None, "input": "x"}, True),
        ({"input": "x"}, True),
        ({"model": None, "input": "x", "speed": {"a": 1}}, False),
        ({"model": None, "input": "\ud800"}, False),
        ({"model": "no\nbody", "input": "x"}, False),
    ],
)
def test_what_may_fail_by_something_besides_its_fault_is_not_plain(members: dict[str, Any], *, plain: bool) -> None:
    assert is_plain(SPEECH, Body(json.dumps(members).encode(), "application/json")) is plain


def test_a_form_with_more_than_it_needs_is_not_plain() -> None:
    assert is_plain(HEARING, multipart_body([("model", "x")]))
    assert not is_plain(HEARING, multipart_body([("model", "x"), ("model", "x")]))
    assert not is_plain(HEARING, multipart_body([("model", "x"), ("temperature", "hot")]))


@pytest.mark.parametrize("audio", [{}, {"audio": None}, {"audio": ""}, {"audio": 7}])
@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": ""}, {"data": 7}, {"data": "!!!"}])
@pytest.mark.parametrize("model", [{}, {"model": None}, {"model": "nobody"}])
def test_the_plain_requirements_are_known(audio: dict[str, Any], data: dict[str, Any], model: dict[str, Any]) -> None:
    bodies = [json_body({**model, **audio}), json_body({**model, "audio": data}), multipart_body([])]
    named = {name for body in bodies for fault in faults(HEARING, body, KEY) for name in fault.plainer("translations")}

    assert len(named) > 1
    assert named <= set(CONTRACT.catalogue.by_id)


def test_a_content_field_is_called_as_the_contract_calls_it() -> None:
    """The toy contract's text is `words`, say: by its name a body is judged."""
    other = contracts.Operation(
        operation="speech",
        path="/say",
        capability="speech",
        encodings=("json",),
        takes="text",
        gives="audio",
        content_field="words",
    )

    assert named(json_body({"model": KEY, "words": "Hello."}), other) == []
    assert named(spoken(KEY), other) == [("words is missing, empty or no string", "missing-field")]


@pytest.mark.parametrize(
    ("body", "ours"),
    [
        (multipart_body([("file", Upload(tiny_wav()))]), True),
        (multipart_body([("file", Upload(b"RIFF"))]), False),
        (multipart_body([("file", Upload(tiny_wav())), ("file", Upload(tiny_wav()))]), False),
        (json_body({"audio": {"data": WAV}}), True),
        (json_body({"audio": {"data": "QUI="}}), False),
        (json_body(["audio"]), False),
    ],
)
def test_a_recording_is_the_suites_own_byte_by_byte(body: Body, *, ours: bool) -> None:
    """A provider may refuse any other; speech needs none."""
    assert audio_is_ours(HEARING, body) is ours
    assert audio_is_ours(SPEECH, body)


def test_a_body_is_made_smaller_by_one_member_at_a_time() -> None:
    """A form by one part; what is no object cannot be."""
    left = [json.loads(body.data) for body in smaller(json_body({"a": 1, "b": 2}))]
    forms = list(smaller(multipart_body([("model", "x"), ("file", Upload(b"RIFF"))], boundary="edge")))

    assert left == [{"b": 2}, {"a": 1}]
    assert [(b'"model"' in each.data, b'"file"' in each.data) for each in forms] == [(False, True), (True, False)]
    assert list(smaller(json_body([1, 2]))) == []
