"""The client sends what it is given and tells what became of it, whatever the gateway does."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from conformance.errors import Blocked
from conformance.http.bodies import Body, json_body
from conformance.http.client import SPEECH, Gateway
from conformance.http.endpoint import Endpoint
from conformance.http.limits import WaitBudget
from tests.conformance.fake_gateway import TOKEN, Behaviour, Reply, Seen, authorised, fake_gateway


@contextmanager
def client_of(behave: Behaviour = authorised, **options: float) -> Iterator[tuple[Gateway, list[Seen]]]:
    with fake_gateway(behave) as (url, seen), gateway(url, **options) as client:
        yield client, seen


def gateway(url: str, **options: float) -> Gateway:
    return Gateway(Endpoint(url), TOKEN, **{"timeout_s": 5.0, **options})


def url_of(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def assert_blocked(client: Gateway, reason: str, body: Body | None = None) -> None:
    with pytest.raises(Blocked, match=reason):
        client.send(client.request(SPEECH, body))


def test_an_exchange_holds_request_and_answer() -> None:
    """Status, headers and body of the answer stand beside the request that was sent."""
    with client_of() as (client, seen):
        exchange = client.send(client.request(SPEECH, json_body({"input": "Grüße"})))

    assert exchange.status == 200
    assert exchange.answer is not None
    assert exchange.answer.document() == {"text": "hello", "request_id": "req_1"}
    assert seen[0].body == '{"input": "Grüße"}'.encode()
    assert seen[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_kept_connection_closed_by_the_gateway_is_not_held_against_it() -> None:
    """A request that meets a closed connection goes out again on a fresh one, and the exchange says so."""
    closing = iter([False, True, False])

    def behave(seen: Seen) -> Reply:
        reply = authorised(seen)
        reply.close_without_answer = next(closing)
        return reply

    with client_of(behave) as (client, _):
        first = client.send(client.request(SPEECH))
        second = client.send(client.request(SPEECH))

    assert not first.resent
    assert second.status == 200
    assert second.resent


def test_a_connection_closed_twice_is_an_exchange_without_an_answer() -> None:
    """The error names the fact; nothing is raised."""
    with client_of(lambda _: Reply(close_without_answer=True)) as (client, _):
        exchange = client.send(client.request(SPEECH))

    assert exchange.answer is None
    assert exchange.error is not None
    assert "connection broken" in exchange.error


def test_an_unexpected_limit_is_waited_for_as_asked() -> None:
    """A 429 with Retry-After 0 is tried again at once; the caller never sees it."""
    replies = iter([Reply(429, headers={"retry-after": "0"}), Reply(200)])
    with client_of(lambda _: next(replies)) as (client, seen):
        exchange = client.send(client.request(SPEECH))

    assert exchange.status == 200
    assert len(seen) == 2


def test_a_limit_that_does_not_pass_blocks() -> None:
    """Longer than the run is ready to wait: the check is blocked, not failed."""
    with client_of(lambda _: Reply(429, headers={"retry-after": "3600"})) as (client, _):
        assert_blocked(client, "own limit")


def test_a_limit_that_asks_for_no_wait_but_never_passes_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite does not hammer a gateway that always says 429 and Retry-After 0."""
    monkeypatch.setattr("conformance.http.client._SHORTEST_PAUSE_S", 0.001)
    with client_of(lambda _: Reply(429, headers={"retry-after": "0"})) as (client, seen):
        assert_blocked(client, "however often")
    assert len(seen) == 30


def test_a_limit_of_requests_in_flight_is_kept_to() -> None:
    """A 429 without Retry-After where ten are served at a time: fewer are sent, all are served, and nobody waits."""
    room, crowd = threading.Semaphore(10), threading.Barrier(11)

    def behave(_: Seen) -> Reply:
        if not room.acquire(blocking=False):
            with suppress(threading.BrokenBarrierError):
                crowd.wait(timeout=5)
            return Reply(429)
        with suppress(threading.BrokenBarrierError):
            crowd.wait(timeout=5)
        crowd.abort()
        room.release()
        return Reply(200)

    with client_of(behave) as (client, _), ThreadPoolExecutor(12) as pool:
        client.budget = WaitBudget(0.0)
        answers = [pool.submit(client.send, client.request(SPEECH)) for _ in range(12)]
        assert [answer.result().status for answer in answers] == [200] * 12


def test_a_limit_that_refuses_one_alone_is_no_limit_of_requests_in_flight() -> None:
    """What is refused even alone is refused for its rate: the others go side by side again."""
    crowd = threading.Barrier(4)

    def behave(seen: Seen) -> Reply:
        if seen.path.endswith("/limited"):
            return Reply(429)
        crowd.wait(timeout=5)
        return Reply(200)

    with client_of(behave) as (client, _), ThreadPoolExecutor(4) as pool:
        client.budget = WaitBudget(0.0)
        with pytest.raises(Blocked, match="own limit"):
            client.send(client.request("/limited"))
        answers = [pool.submit(client.send, client.request(SPEECH)) for _ in range(4)]
        assert [answer.result().status for answer in answers] == [200] * 4


def test_an_expected_limit_is_handed_over() -> None:
    """With limited=True a 429 is an answer like any other."""
    with client_of(lambda _: Reply(429, headers={"retry-after": "3600"})) as (client, seen):
        assert client.send(client.request(SPEECH), limited=True).status == 429
    assert len(seen) == 1


def test_silence_is_bounded() -> None:
    """A gateway that accepts and says nothing is given up after the time-out."""
    with socket.create_server(("127.0.0.1", 0)) as silent, gateway(url_of(silent), timeout_s=0.2) as client:
        exchange = client.send(client.request(SPEECH))

    assert exchange.timed_out
    assert exchange.error == "no whole answer within 0.2 s"


@contextmanager
def dripping(answer: bytes) -> Iterator[str]:
    """One connection is answered with a byte at a time."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                for each in answer:
                    connection.sendall(bytes([each]))
                    if stop.wait(0.005):
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield url_of(server)
        finally:
            stop.set()
            thread.join()


def test_a_drip_that_never_ends_is_bounded() -> None:
    """The time-out counts for the whole answer, not for each byte."""
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000
    with dripping(body) as url, gateway(url, timeout_s=0.5) as client:
        assert client.send(client.request(SPEECH)).timed_out


def test_a_gateway_that_is_not_there_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection says nothing of the request: it is asked for a while, then it is gone, for all that follow."""
    monkeypatch.setattr("conformance.http.client._PROBING_S", 0.1)
    monkeypatch.setattr("conformance.http.client._RECONNECT_PAUSE_S", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = url_of(closed)
    with gateway(url) as client:
        assert_blocked(client, "no longer answers")
        monkeypatch.setattr("conformance.http.client._PROBING_S", 3600)
        assert_blocked(client, "no longer answers")


def test_a_gateway_that_falls_silent_blocks_what_comes_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a few requests without an answer other kinds of requests decide that it is gone."""
    monkeypatch.setattr("conformance.http.client._PROBING_S", 0.1)
    monkeypatch.setattr("conformance.http.client._PROBE_TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent, gateway(url_of(silent), timeout_s=0.1) as client:
        for _ in range(4):
            assert client.send(client.request(SPEECH)).timed_out
        assert_blocked(client, "no longer answers")


def test_a_gateway_that_comes_back_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused connections while it starts anew are not held against it."""
    monkeypatch.setattr("conformance.http.client._RECONNECT_PAUSE_S", 0.01)
    with fake_gateway() as (url, _):
        pass
    port = int(url.rpartition(":")[2].partition("/")[0])
    refused = threading.Event()

    class Watched(Gateway):
        def _probe_for_a_while(self) -> None:
            refused.set()
            super()._probe_for_a_while()

    def come_back() -> None:
        refused.wait(10)
        with fake_gateway(port=port):
            answered.wait(10)

    answered = threading.Event()
    thread = threading.Thread(target=come_back)
    thread.start()
    with Watched(Endpoint(url), TOKEN, timeout_s=5) as client:
        exchange = client.send(client.request(SPEECH))
    answered.set()
    thread.join()
    assert exchange.status == 200


@pytest.mark.slow
def test_an_exhausted_silence_budget_shortens_the_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that hangs on one kind of request: each is an exchange at first; later ones block, and soon."""
    monkeypatch.setattr("conformance.http.health._SHORT_TIMEOUT_S", 0.25)
    over = threading.Event()

    def behave(seen: Seen) -> Reply:
        if seen.body:
            over.wait(30)
        return authorised(seen)

    with client_of(behave, timeout_s=0.4) as (client, _):
        # Each takes a little longer than the time-out of 0.4 s: the budget lasts for about twenty.
        for _ in range(15):
            assert client.send(client.request(SPEECH, json_body({}))).timed_out
            assert client.send(client.request(SPEECH)).status == 200
        while not client.health.silence_exhausted:
            assert client.send(client.request(SPEECH, json_body({}))).timed_out
        assert_blocked(client, "without an answer for 8 s in all", json_body({}))
        assert client.send(client.request(SPEECH)).status == 200
        over.set()


def test_a_head_that_drips_is_bounded() -> None:
    """Each byte comes in time, the answer does not."""
    with dripping(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1000) as url, gateway(url, timeout_s=0.5) as client:
        assert client.send(client.request(SPEECH)).timed_out


def test_a_body_that_never_ends_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came is dropped, and the error says why."""
    monkeypatch.setattr("conformance.http.strict.MOST_ANSWER", 2**20)
    with client_of(lambda _: Reply(body=b"x" * (2**20 + 1))) as (client, _):
        exchange = client.send(client.request(SPEECH))

    assert exchange.answer is None
    assert exchange.error == "the body does not end: more than 1 MiB of it came"
