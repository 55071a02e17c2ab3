"""What a run has exercised of openapi.yaml: what was sent or seen counts, and nothing else does."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import contracts
from conformance.coverage import Coverage, Kind, Summary
from conformance.coverage.outline import MOST_READ, make_outline
from conformance.coverage.points import Point
from conformance.http.bodies import Body, Upload, json_body, multipart_body, transcript_json, transcript_multipart
from conformance.http.client import SPEECH, Gateway
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Answer, Exchange, Request
from conformance.http.kept import KeptConnection
from conformance.http.raw import converse
from tests.conformance.fake_gateway import TOKEN, Reply, Seen, fake_gateway

BASE = "http://127.0.0.1:1/some/base/v1"
SPEAK = "POST /audio/speech requestBody application/json"
HEAR = "POST /audio/transcriptions requestBody multipart/form-data"
TRANSLATE = "POST /audio/translations requestBody application/json"
UPLOAD = Upload(b"RIFF", "a.wav", "audio/wav")


def exchange(
    body: Body,
    path: str = "/audio/speech",
    status: int | None = 200,
    method: str = "POST",
    answer_type: str = "audio/mpeg",
) -> Exchange:
    request = Request(method, BASE + path, (("Content-Type", body.content_type),), body.data)
    return Exchange(request, None if status is None else Answer(status, (("content-type", answer_type),), b""))


def seen(*exchanges: Exchange) -> Summary:
    coverage = Coverage(BASE + "/", contracts.load().document)
    for each in exchanges:
        coverage.note(each)
    return coverage.summary()


def spoken(**fields: Any) -> Summary:
    return seen(exchange(json_body({"model": "tts-1", "input": "some text", **fields})))


def reached(summary: Summary, kind: Kind) -> int:
    count: int = summary.counts[kind].reached
    return count


def has(summary: Summary, kind: Kind, where: str) -> bool:
    """Whether a place was reached; one that the contract does not know at all was not."""
    everything = Coverage(BASE, contracts.load().document).summary().not_reached
    assert f"{kind}: {where}" in everything
    return f"{kind}: {where}" not in summary.not_reached


def test_nothing_is_reached_before_anything_is_sent() -> None:
    summary = seen()

    assert [reached(summary, kind) for kind in Kind] == [0] * len(Kind)
    assert len(summary.not_reached) == sum(count.known for count in summary.counts.values())


def test_a_property_counts_as_sent_and_its_absence_as_left_out() -> None:
    """Of the values that the contract lists only the one that was sent is reached."""
    summary = spoken(response_format="flac", unknown=1)

    assert reached(summary, Kind.REQUEST_PROPERTIES) == 3
    assert has(summary, Kind.VALUES, f"{SPEAK} response_format=flac")
    assert has(summary, Kind.VALUES, f"{SPEAK} voice left out")
    assert has(summary, Kind.VALUES, f"{SPEAK} with a further field")
    assert not has(summary, Kind.VALUES, f"{SPEAK} response_format=opus")
    assert not has(summary, Kind.VALUES, f"{SPEAK} response_format left out")
    assert not has(summary, Kind.REQUEST_PROPERTIES, f"{SPEAK} voice")


@pytest.mark.parametrize(
    ("value", "label"),
    [(1.5, "of its kind"), (2, "of its kind"), (None, "null"), ("fast", "of another kind"), (True, "of another kind")],
)
def test_a_value_is_told_by_its_kind(value: object, label: str) -> None:
    """A property that allows any value has still a documented kind; true is no number."""
    summary = spoken(speed=value)

    labels = ("of its kind", "null", "of another kind")
    assert [each for each in labels if has(summary, Kind.VALUES, f"{SPEAK} speed {each}")] == [label]


@pytest.mark.parametrize(
    ("value", "label"),
    [("", "below minLength 1"), ("a", "minLength 1"), ("ab", None), (7, None)],
)
def test_a_bound_is_reached_on_it_and_beyond_it(value: object, label: str | None) -> None:
    summary = spoken(input=value)

    labels = ("below minLength 1", "minLength 1")
    found = [each for each in labels if has(summary, Kind.VALUES, f"{SPEAK} input {each}")]
    assert found == ([label] if label else [])


@pytest.mark.parametrize(
    ("value", "places"), [(-1, {"below"}), (0, {"least"}), (3, set()), (4, {"most"}), (5, {"above"})]
)
def test_bounds_of_numbers_are_told_apart(value: int, places: set[str]) -> None:
    """In another contract than ours, which leaves the bounds of its numbers to the providers."""
    labels = {"least": "minimum 0", "below": "below minimum 0", "most": "maximum 4", "above": "above maximum 4"}
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 4}}}
    content = {"application/json": {"schema": schema}}
    outline = make_outline({"paths": {"/x": {"post": {"requestBody": {"content": content}, "responses": {}}}}})

    sent = exchange(json_body({"n": value}), "/x")
    operation = outline.operation(BASE, sent)

    assert operation is not None
    assert sent.answer is not None
    found: set[Point] = set()
    operation.note(sent.request, sent.answer, found)
    wheres = {place.where for place in found}
    assert {
        name for name, label in labels.items() if f"POST /x requestBody application/json n {label}" in wheres
    } == places


def test_a_form_is_read_as_texts() -> None:
    """A repeated field has several values, and a text may be a number; a file is there whichever way it was sent."""
    fields = {"model": "w", "timestamp_granularities": ["word"], "temperature": 0.2, "response_format": "vtt"}
    summary = seen(exchange(transcript_multipart(UPLOAD, fields), "/audio/transcriptions"))

    assert has(summary, Kind.REQUEST_MEDIA_TYPES, HEAR)
    assert has(summary, Kind.REQUEST_PROPERTIES, f"{HEAR} file")
    assert has(summary, Kind.VALUES, f"{HEAR} timestamp_granularities[]=word")
    assert has(summary, Kind.VALUES, f"{HEAR} temperature of its kind")
    assert has(summary, Kind.VALUES, f"{HEAR} response_format=vtt")
    assert has(summary, Kind.VALUES, f"{HEAR} prompt left out")
    assert not has(summary, Kind.VALUES, f"{HEAR} timestamp_granularities[]=segment")
    assert not has(summary, Kind.VALUES, f"{HEAR} temperature of another kind")


def test_a_form_can_break_the_kind_of_a_field_too() -> None:
    fields = [("temperature", "warm"), ("response_format", "midi"), ("timestamp_granularities[]", "letter")]
    summary = seen(exchange(multipart_body(fields), "/audio/transcriptions"))

    for name, _ in fields:
        assert has(summary, Kind.VALUES, f"{HEAR} {name} of another kind")
    assert has(summary, Kind.VALUES, f"{HEAR} file left out")


def test_properties_of_properties_are_read_too() -> None:
    summary = seen(exchange(transcript_json(Upload(b"RIFF", None, None), {"model": "w"}), "/audio/translations"))

    assert has(summary, Kind.REQUEST_PROPERTIES, f"{TRANSLATE} audio data")
    assert has(summary, Kind.VALUES, f"{TRANSLATE} audio fileName left out")
    assert not has(summary, Kind.REQUEST_PROPERTIES, f"{TRANSLATE} audio fileName")


@pytest.mark.parametrize(
    ("body", "label"),
    [
        (Body(b"", "application/json"), "left out"),
        (Body(b"{}", "text/plain"), "of another media type"),
        (Body(b"{", "application/json"), "that is no form or object"),
        (Body(b"[" * 50_000, "application/json"), "that is no form or object"),
    ],
)
def test_a_body_that_is_none_is_something_tried_as_well(body: Body, label: str) -> None:
    summary = seen(exchange(body, status=400))

    assert has(summary, Kind.VALUES, f"POST /audio/speech requestBody {label}")
    assert reached(summary, Kind.VALUES) == 1
    assert reached(summary, Kind.REQUEST_PROPERTIES) == 0


@pytest.mark.parametrize(("status", "named"), [(400, "400"), (404, "4XX"), (500, "500")])
def test_a_status_counts_under_the_name_that_the_contract_has_for_it(status: int, named: str) -> None:
    summary = seen(exchange(json_body({}), status=status, answer_type="application/json"))

    assert has(summary, Kind.STATUSES, f"POST /audio/speech responses {named}")
    assert has(summary, Kind.RESPONSE_MEDIA_TYPES, f"POST /audio/speech responses {named} application/json")
    assert reached(summary, Kind.STATUSES) == reached(summary, Kind.RESPONSE_MEDIA_TYPES) == 1
    assert summary.undocumented == ()


def test_a_media_type_counts_in_any_letter_case_and_by_the_widest_name_at_last() -> None:
    summary = seen(
        exchange(json_body({}), answer_type="Audio/l16; rate=24000"),
        exchange(json_body({}), status=400, answer_type="text/html"),
    )

    assert has(summary, Kind.RESPONSE_MEDIA_TYPES, "POST /audio/speech responses 200 audio/L16")
    assert has(summary, Kind.RESPONSE_MEDIA_TYPES, "POST /audio/speech responses 400 */*")


@pytest.mark.parametrize(
    ("status", "answer_type", "told"),
    [(302, "text/html", "302"), (200, "text/html", "200 text/html"), (200, "", "200")],
)
def test_an_answer_that_the_contract_does_not_name_is_told(status: int, answer_type: str, told: str) -> None:
    summary = seen(exchange(json_body({}), status=status, answer_type=answer_type))

    assert summary.undocumented == (f"POST /audio/speech responses {told}",)


def test_undocumented_answers_cannot_flood_the_report() -> None:
    """However many odd media types a gateway answers with, and however long or odd they are."""
    types = [f"\x1b[2Jx/{number}{'y' * (number % 3) * 1000}" for number in range(200)]
    told = seen(*(exchange(json_body({}), answer_type=each) for each in types)).undocumented

    assert 0 < len(told) <= 50
    assert all(len(each) < 200 and each.isprintable() for each in told)


@pytest.mark.parametrize("status", [401, 413, 429, 503])
def test_a_body_that_the_gateway_did_not_look_into_has_tried_nothing(status: int) -> None:
    """These are answered before the body is judged; operation and status count all the same."""
    summary = seen(exchange(json_body({"model": "tts-1"}), status=status))

    assert has(summary, Kind.STATUSES, f"POST /audio/speech responses {status}")
    for kind in (Kind.REQUEST_MEDIA_TYPES, Kind.REQUEST_PROPERTIES, Kind.VALUES):
        assert reached(summary, kind) == 0


def test_what_is_no_operation_or_got_no_answer_reaches_nothing() -> None:
    """Another path, method or host, and an answer that never came."""
    elsewhere = Request("POST", "http://127.0.0.1:2/audio/speech", (), b"{}")
    summary = seen(
        exchange(json_body({}), "/audio/other"),
        exchange(json_body({}), method="GET"),
        exchange(json_body({}), status=None),
        Exchange(elsewhere, Answer(200, (), b"")),
    )

    assert [reached(summary, kind) for kind in Kind] == [0] * len(Kind)
    assert summary.exchanges == 0


def test_a_large_body_is_counted_and_not_looked_into() -> None:
    large = json_body({"input": "x" * MOST_READ})
    summary = seen(exchange(large), exchange(json_body({})))

    assert (summary.exchanges, summary.unread) == (2, 1)
    assert reached(summary, Kind.REQUEST_PROPERTIES) == 0


def test_nothing_of_a_request_but_names_of_the_contract_is_kept() -> None:
    summary = spoken(model="secret-model", input="secret text", voice="secret voice", secret=1)

    assert "secret" not in msgspec.json.encode(summary).decode()


@given(
    data=st.binary(max_size=200)
    | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps).map(str.encode),
    content_type=st.text(max_size=30) | st.sampled_from(["application/json", "multipart/form-data; boundary=--"]),
    status=st.integers(100, 999),
)
def test_no_exchange_makes_it_stumble(data: bytes, content_type: str, status: int) -> None:
    """The suite sends odd things on purpose, and a gateway may answer anything."""
    summary = seen(exchange(Body(data, content_type), status=status, answer_type=content_type))

    assert summary.exchanges == 1
    assert reached(summary, Kind.OPERATIONS) == 1


def test_every_way_of_sending_is_counted() -> None:
    """Through the client, over the wire by hand, and on a kept connection."""

    def behave(_: Seen) -> Reply:
        return Reply(200, b"x", {"content-type": "audio/wav"})

    with fake_gateway(behave) as (url, _):
        counted = Coverage(url, contracts.load().document)
        with Gateway(Endpoint(url), TOKEN, timeout_s=5.0, observe=counted.note) as gateway:
            request = gateway.request(SPEECH, json_body({"model": "tts-1", "input": "x"}))
            gateway.send(request)
            converse(gateway, request)
            with KeptConnection(Endpoint(url), 5.0, gateway.observe) as connection:
                connection.ask(request)
        summary = counted.summary()

    assert summary.exchanges == 3
    assert reached(summary, Kind.RESPONSE_MEDIA_TYPES) == 1
