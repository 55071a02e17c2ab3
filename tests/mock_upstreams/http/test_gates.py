"""Gates hold real requests in flight, as many as wanted, and let them go in any order."""

import random
from concurrent.futures import ThreadPoolExecutor

from tests.mock_upstreams.http.running import HELLO, raw_speech

HELD = 50


def test_fifty_requests_in_flight_are_released_in_any_order(mock):
    """Fifty calls wait at one gate at the same time; each is released alone, in a shuffled order, and only it answers."""
    mock.control.put("/gates/fifty")
    mock.script({"hold": "fifty", "body": {"text": "through"}}, times=HELD)
    with ThreadPoolExecutor(HELD) as pool:
        asked = {f"number {number}": pool.submit(mock.synthesize, f"number {number}") for number in range(HELD)}
        gate = mock.control.get("/gates/fifty", params={"waiting_at_least": HELD, "wait_s": 20}).json()
        assert gate["waiting"] == HELD
        held = mock.calls()
        assert {call["state"] for call in held} == {"held"}
        random.Random(7).shuffle(held)
        for released, call in enumerate(held, 1):
            answer = mock.control.post("/gates/fifty/release", json={"position": call["position"]}).json()
            assert (answer["waiting"], answer["released"]) == (HELD - released, released)
            assert asked.pop(dict(call["fields"])["input"]).result(20).text == "through"
            assert sum(future.done() for future in asked.values()) == 0
    assert {call["state"] for call in mock.calls()} == {"answered"}
    mock.control.delete("/gates/fifty")


def test_two_hundred_requests_can_be_held_at_once(mock):
    """The mock stays responsive while two hundred calls wait."""
    mock.control.put("/gates/many")
    mock.script({"hold": "many", "body": {"text": "through"}}, times=None)
    with ThreadPoolExecutor(200) as pool:
        asked = [pool.submit(mock.synthesize, f"number {number}") for number in range(200)]
        gate = mock.control.get("/gates/many", params={"waiting_at_least": 200, "wait_s": 30}).json()
        assert gate["waiting"] == 200
        assert mock.control.post("/gates/many/release", json={"all": True}).json()["open"] is True
        assert {future.result(30).text for future in asked} == {"through"}
    mock.control.delete("/gates/many")


def test_count_lets_the_longest_waiting_through(mock):
    """``count`` releases that many in the order of arrival; the others stay."""
    mock.control.put("/gates/queue")
    mock.script({"hold": "queue", "body": {"text": "through"}}, times=3)
    with ThreadPoolExecutor(3) as pool:
        asked = []
        for number in range(3):
            asked.append(pool.submit(mock.synthesize, f"number {number}"))
            params = {"waiting_at_least": number + 1, "wait_s": 20}
            assert mock.control.get("/gates/queue", params=params).json()["waiting"] == number + 1
        gate = mock.control.post("/gates/queue/release", json={"count": 2}).json()
        assert (gate["waiting"], gate["released"], gate["open"]) == (1, 2, False)
        assert asked[0].result(20).text == asked[1].result(20).text == "through"
        assert not asked[2].done()
        assert mock.control.delete("/gates/queue").json()["open"] is True
        assert asked[2].result(20).text == "through"


def test_a_caller_that_hangs_up_waits_no_more(mock):
    """A held call whose client gives up is noted as disconnected and leaves the gate."""
    mock.control.put("/gates/left")
    mock.script({"hold": "left"})
    with raw_speech(mock):
        held = {"waiting_at_least": 1, "wait_s": 10}
        assert mock.control.get("/gates/left", params=held).json()["waiting"] == 1
    assert len(mock.calls(state="disconnected", at_least=1, wait_s=10)) == 1
    assert mock.control.get("/gates/left").json()["waiting"] == 0


def test_a_body_waits_on_its_way(mock):
    """One event is there while the call is held; the rest comes when the gate is released."""
    mock.control.put("/gates/second")
    mock.script({"hold_body": {"gate": "second"}})
    body = {**HELLO, "model": "gpt-4o-mini-tts", "stream_format": "sse", "response_format": "wav"}
    with mock.caller.stream("POST", "/v1/audio/speech", json=body) as response:
        pieces = response.iter_text()
        first = next(pieces)
        assert first.count("data: ") == 1
        assert mock.control.get("/gates/second", params={"waiting_at_least": 1, "wait_s": 20}).json()["waiting"] == 1
        assert {call["state"] for call in mock.calls()} == {"held"}
        mock.control.post("/gates/second/release", json={"all": True})
        assert "speech.audio.done" in "".join(pieces)
    assert {call["state"] for call in mock.calls()} == {"answered"}
    mock.control.delete("/gates/second")


def test_a_body_waits_again_and_again(mock):
    """After each portion, until it is let go; nothing of the next is there before."""
    mock.control.put("/gates/portions")
    text = "".join(f"data: {number}\n\n" for number in range(6))  # of 9 bytes each
    act = {"content_type": "text/event-stream", "body": {"text": text}, "drip": {"chunk": 18, "interval_s": 0}}
    mock.script(act | {"hold_body": {"gate": "portions", "again": True}})
    with mock.caller.stream("POST", "/v1/audio/speech", json=HELLO) as response:
        pieces = response.iter_text()
        for portion in range(2):
            assert next(pieces) == text[18 * portion : 18 * (portion + 1)]
            held = {"waiting_at_least": 1, "wait_s": 20}
            assert mock.control.get("/gates/portions", params=held).json()["waiting"] == 1
            mock.control.post("/gates/portions/release", json={"count": 1})
        assert "".join(pieces) == text[36:]
    assert mock.control.get("/gates/portions").json()["released"] == 2
    mock.control.delete("/gates/portions")
