"""A case: what is its own, how it finds its calls, and how it turns findings into outcomes."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.errors import Blocked, NotForwarded, NotVerified, Violated
from conformance.http.exchange import Finding
from conformance.mock.calls import ScriptedResponse
from tests.conformance.drive.stubs import StubProvider, case_of
from tests.conformance.judge.answers import answered, unanswered

SERVED, REFUSED = answered(200), answered(400)


def served(**declared: Any) -> Any:
    return case_of(lambda _: 200, **declared)


def test_examples_have_markers_that_contain_no_other() -> None:
    """The mock finds calls by what they contain."""
    case = served()
    first, second = case.example(), case.example()
    markers = [case.marker, first.marker, second.marker, first.example().marker]
    assert len(set(markers)) == 4
    assert not any(one in other for one in markers for other in markers if one is not other)


def test_a_violation_says_what_the_provider_was_told_to_do() -> None:
    """Without it nobody can see again what was seen."""
    case, scripted = served(), ScriptedResponse({"marker": "mark0"}, {"status": 502})
    case.mock.script = (scripted,)

    with pytest.raises(Violated) as caught:
        case.judge(Finding("m", "e", "g"), None)
    assert [finding.script for finding in caught.value.findings] == [(scripted,)]


def test_text_and_upload_are_the_cases_own() -> None:
    case, other = served(), served().example()
    assert case.marker in case.text
    assert case.upload().file_name == f"{case.marker}.wav"
    assert case.upload() == case.upload()
    assert case.upload().data != other.upload().data
    assert len(case.upload(1.0).data) > len(case.upload(0.5).data)


def test_model_keys_are_the_targets_or_what_most_gateways_know() -> None:
    assert served().model_keys("speech") == ("tts-1",)
    case = served(models={"speech": ["say", "shout"], "transcription": ["hear"]})
    assert (case.model_keys("speech"), case.speech_model) == (("say", "shout"), "say")
    assert (case.model_keys("transcription"), case.transcription_model) == (("hear",), "hear")


def test_a_request_goes_to_the_contracts_path() -> None:
    case = served()
    for route, operation in case.contract.operations.items():
        request = case.request(route, method="PUT", token="another")
        assert request.url.endswith(operation.path)
        assert (request.method, request.header("Authorization")) == ("PUT", "Bearer another")


def test_calls_are_found_by_marker_in_their_order() -> None:
    provider = StubProvider()
    case = case_of(lambda _: 200, provider)
    for text in (case.text, "somebody else's", case.text):
        provider.receive(text)
    assert [each.position for each in case.calls()] == [1, 3]
    assert case.call(SERVED).position == 3


def test_without_a_call_there_is_nothing_to_look_at() -> None:
    with pytest.raises(NotForwarded, match="is the gateway routed to the mock"):
        served().call(SERVED)


def test_what_was_not_served_blocks() -> None:
    case = served()
    assert case.is_served(SERVED)
    assert not case.is_served(unanswered())
    assert case.succeeded(SERVED) is SERVED
    with pytest.raises(Blocked, match="a valid request was not served: 400"):
        case.succeeded(REFUSED)


def test_the_contract_says_which_status_a_situation_allows() -> None:
    case = served()
    assert case.answered(REFUSED, "missing-field", because="x") is None
    finding = case.answered(SERVED, "missing-field", because="no model")
    assert finding
    assert (finding.message, finding.expected) == ("no model: wrong status", "status 400")


def test_without_a_mock_nothing_is_asked_of_it() -> None:
    case = served()
    case.mock = None
    with pytest.raises(Blocked, match="no mock provider is declared"):
        case.calls()


def test_every_finding_is_raised() -> None:
    case = served()
    case.judge(None, None)
    one, other = Finding("a", "b", "c", (SERVED,)), Finding("d", "e", "f")
    with pytest.raises(Violated) as raised:
        case.judge(one, None, other)
    assert raised.value.findings == (one, other)


def test_silence_is_judged_only_by_a_declared_time() -> None:
    finding = Finding("a", "b", "c", (unanswered(timed_out=True),))
    with pytest.raises(NotVerified, match="declare timeout_s"):
        served().judge(finding)
    with pytest.raises(Violated):
        served(timeout_s=5).judge(finding)
