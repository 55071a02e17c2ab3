"""What a contract of many gateways needs: which of the contracts one speaks, what it lacks, how it handles an operation."""

from __future__ import annotations

import json

import pytest

from conformance import contracts
from conformance.contracts import Contract
from conformance.runner.doctor import ProbeResult, examine
from conformance.runner.plan import Plan, Preflight, make_plan
from conformance.runner.preflight import run_preflight
from conformance.runner.probes import Prober
from conformance.runner.recognition import recognised
from conformance.runner.run import open_gateway
from conformance.target import Models, Target, parse
from conformance.target.model import Handling, MockProvider, PerOperation
from tests.conformance.fake_gateway import TOKEN, Behaviour, Reply, Seen, authorised, fake_gateway

AUDIO_API, DIALECT = contracts.load(), contracts.load("openai-audio-2026-11")
EVENTS = {"content-type": "text/event-stream"}


def as_openai(seen: Seen) -> Reply:
    """Forms only, plain text where it is asked for, no id in a transcript; whoever asks for a stream gets one."""
    if seen.path.endswith("transcriptions") and not seen.headers["content-type"].startswith("multipart/"):
        return Reply(415, b'{"error": {"message": "A form, please.", "type": "invalid_request_error"}}')
    if b'name="stream"' in seen.body or b"stream_format" in seen.body:
        return Reply(200, b'data: {"type": "x"}\n\n', EVENTS)
    if b"\r\n\r\ntext\r\n" in seen.body:
        return Reply(200, b"hello", {"content-type": "text/plain"})
    asked = {b"diarized_json": "segments", b"logprobs": "logprobs", b"languages": "languages"}
    told = {member: [] for word, member in asked.items() if word in seen.body}
    return Reply(200, json.dumps({"text": "hello", **told}).encode(), {"content-type": "application/json"})


def without(route: str) -> Behaviour:
    """A gateway that lacks an operation."""
    return lambda seen: Reply(404) if seen.path.endswith(route) else as_openai(seen)


def prefers_json(seen: Seen) -> Reply:
    """Takes forms only, and answers every transcript with JSON that has no id: between the two."""
    reply = as_openai(seen)
    return reply if reply.status != 200 else Reply(200, b'{"text": "hello"}')


def takes_recordings_in_json(seen: Seen) -> Reply:
    """As the Audio API wants it."""
    return (
        authorised(seen)
        if b"multipart" in seen.headers["content-type"].encode() or b"audio" in seen.body
        else Reply(400)
    )


def serves_anything(_: Seen) -> Reply:
    """One canned transcript for whatever comes, as a mock does."""
    return Reply(200, b'{"text": "hello"}', {"content-type": "application/json"})


@pytest.mark.parametrize(
    ("behave", "name", "agreeing"),
    [
        (takes_recordings_in_json, "audio-api", 3),
        (as_openai, "openai-audio-2026-11", 3),
        (prefers_json, "openai-audio-2026-11", 2),
        (serves_anything, "openai-audio-2026-11", 1),
    ],
    ids=["audio-api", "dialect", "between", "anything"],
)
@pytest.mark.parametrize("judged_by", [AUDIO_API, DIALECT], ids=lambda contract: contract.name)
def test_a_gateway_is_known_by_its_transcripts(
    behave: Behaviour, name: str, agreeing: int, judged_by: Contract
) -> None:
    """Whichever contract it is about to be judged by."""
    with fake_gateway(behave) as (url, _):
        target = Target(base_url=url, token=TOKEN)
        with open_gateway(target) as gateway:
            found = recognised(Prober(judged_by, target, gateway), (AUDIO_API, DIALECT))

    assert (found.name, len(found.agreeing)) == (name, agreeing)
    assert len(found.signs) == (2 if behave is serves_anything else 3)


def test_a_gateway_that_serves_no_transcript_is_not_known() -> None:
    """No sign is better than a wrong one."""
    with fake_gateway(lambda _: Reply(404)) as (url, _):
        target = Target(base_url=url, token=TOKEN)
        with open_gateway(target) as gateway:
            assert recognised(Prober(DIALECT, target, gateway), (AUDIO_API, DIALECT)).name == ""


def preflight(behave: Behaviour, models: Models | None = None) -> Preflight:
    with fake_gateway(behave) as (url, _):
        target = Target(base_url=url, token=TOKEN, models=models or Models())
        with open_gateway(target) as gateway:
            return run_preflight(DIALECT, target, gateway)


def test_what_is_beside_the_operations_is_asked_for() -> None:
    """Streams are shown by their media type, speakers by segments; who does not show it, and declares none, is left out."""
    streaming = preflight(as_openai).unusable
    assert set(streaming) == set()
    silent = preflight(prefers_json).unusable
    assert set(silent) == {"speech_stream", "transcription_stream", "diarization", "logprobs", "keywords"}
    assert silent["speech_stream"].startswith("declare models.speech_stream")


def test_doctor_doubts_what_is_declared_and_not_shown() -> None:
    """One who ignores the format answers in JSON as well; an operation that is neither declared nor there is no lie."""
    answers_as_always = doctor(prefers_json, models={"diarization": ["a"]})
    assert not answers_as_always["models.diarization"].holds
    assert doctor(as_openai, models={"diarization": ["a"]})["models.diarization"].holds
    assert "models.translation" not in doctor(without("translations"))
    assert not doctor(without("translations"), models={"translation": ["a"]})["models.translation"].holds


def doctor(behave: Behaviour, **declared: object) -> dict[str, ProbeResult]:
    with fake_gateway(behave) as (url, _):
        target = parse({"base_url": url, "token": TOKEN, **declared}, {})
        with open_gateway(target) as gateway:
            return {result.path: result for result in examine(DIALECT, target, gateway, None)}


def test_what_is_declared_is_not_doubted() -> None:
    """Then the checks find out, and accuse."""
    declared = Models(
        speech_stream=("a",), transcription_stream=("b",), diarization=("c",), logprobs=("d",), keywords=("e",)
    )
    assert preflight(prefers_json, declared).unusable == {}


def test_a_list_of_models_is_asked_for() -> None:
    """Who has none is not judged by one."""
    assert set(preflight(without("models")).unusable) == {"model_list"}
    assert "models.list" not in plan(preflight(without("models"))).run_ids


@pytest.mark.parametrize("key", ["own-words", None])
def test_a_key_may_be_handled_otherwise_than_others(key: str | None) -> None:
    """What makes answers of its own is then judged by that key."""
    declared = {"handling": Handling(speech="passthrough"), "models": Models(transformed=PerOperation(speech=key))}
    made = plan(Preflight({}), mock_provider=MockProvider(control_url="http://mock"), **declared)

    assert ("failures.speech.json-instead" in made.run_ids) is (key is not None)
    assert "transparency.speech.error" in made.run_ids


def plan(found: Preflight, **declared: object) -> Plan:
    target = Target(base_url="http://gateway", token=TOKEN, **declared)  # type: ignore[arg-type]
    return make_plan(DIALECT, frozenset(DIALECT.catalogue.by_id), target, found)


def test_an_operation_that_a_gateway_lacks_is_judged_by_nothing() -> None:
    """Neither by what names it nor, among others, by what asks all operations."""
    found = preflight(without("translations"))
    made = plan(found)

    assert set(found.unusable) == {"translation"}
    assert made.absent == {"translations"}
    assert [name for name in made.run_ids if "translations" in name.split(".")] == []
    assert "errors.object.missing-field" in made.run_ids


@pytest.mark.parametrize("handling", ["passthrough", "transform", "local", None])
def test_an_operation_is_judged_by_how_it_is_handled(handling: str | None) -> None:
    """What hands on is held to the provider's errors, what makes anew to its own; what is not declared is asked for."""
    mock = {"mock_provider": {"control_url": "http://mock", "control_token": "t"}}
    document = {"base_url": "http://gateway", "token": TOKEN, **mock} | (
        {"handling": {"speech": handling}} if handling else {}
    )
    target = parse(json.loads(json.dumps(document)))
    made = make_plan(DIALECT, frozenset(DIALECT.catalogue.by_id), target, Preflight({}))

    assert ("transparency.speech.error" in made.run_ids) is (handling == "passthrough")
    assert ("failures.speech.json-instead" in made.run_ids) is (handling == "transform")
    assert isinstance(target.handling, Handling)
    reason = made.undecided.get("transparency.speech.error")
    assert handling is not None or (reason is not None and reason.reason.startswith("declare handling.speech"))
