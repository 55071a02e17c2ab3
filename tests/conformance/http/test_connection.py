"""The bare connection reads what comes, how it was framed and how it ended."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from conformance.http.connection import Connection
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Ending
from tests.conformance.http.canned import OK, Canned


def read(answer: bytes, end: str = "close", timeout_s: float = 5.0, *, until_close: bool = True):
    with Canned(answer, end=end).running() as server, Connection(Endpoint(server.base_url), timeout_s) as connection:
        connection.send(b"POST / HTTP/1.1\r\n\r\n")
        return connection.read_answer(until_close=until_close)


def test_a_sized_body_is_whole_and_nothing_is_left():
    answer = read(OK)
    assert (answer.status, answer.body, answer.surplus) == (200, b"hello", b"")
    assert (answer.ending, answer.connection) == (Ending.COMPLETE, Ending.CLOSED)
    assert answer.headers == (("Content-Length", "5"),)


def test_bytes_after_the_declared_end_are_surplus():
    assert read(OK + b"!!").surplus == b"!!"


def test_a_body_that_ends_early_is_what_came_of_it():
    answer = read(OK[:-2])
    assert (answer.body, answer.ending) == (b"hel", Ending.CLOSED)


def test_a_reset_is_told_from_a_close():
    assert read(OK[:-2], end="reset").ending in {Ending.RESET, Ending.CLOSED}
    assert read(b"", end="reset") is None


def test_silence_within_a_body_ends_at_the_deadline():
    answer = read(OK[:-2], end="hold", timeout_s=0.3)
    assert (answer.body, answer.ending) == (b"hel", Ending.SILENT)


def test_a_connection_that_stays_open_after_a_whole_answer_is_not_waited_for_long():
    answer = read(OK, end="hold", timeout_s=60)
    assert (answer.ending, answer.connection) == (Ending.COMPLETE, Ending.SILENT)


def test_chunks_are_joined_and_extensions_and_trailers_passed_over():
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: 1\r\n\r\n"
    answer = read(chunked)
    assert (answer.body, answer.ending, answer.surplus) == (b"hello", Ending.COMPLETE, b"")


@pytest.mark.parametrize("cut", [b"3\r\nhel\r\n", b"3\r\nhel\r\n2\r\nl", b"3\r\nhel\r\nxyz\r\n", b"3\r\nhel\r\n0\r\n"])
def test_chunks_without_their_end_are_not_complete(cut):
    answer = read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + cut)
    assert answer.body.startswith(b"hel")
    assert answer.ending is not Ending.COMPLETE


def test_a_body_without_framing_lasts_until_the_close():
    answer = read(b"HTTP/1.0 200 OK\nX: y\n\nhello")
    assert (answer.body, answer.ending, answer.headers) == (b"hello", Ending.COMPLETE, (("X", "y"),))


def test_interim_answers_are_passed_over():
    assert read(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK).status == 200


@pytest.mark.parametrize("garbage", [b"", b"hello", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_answer_is_none(garbage):
    assert read(garbage) is None


def test_several_answers_on_one_connection_are_read_one_by_one():
    with (
        Canned(OK + OK.replace(b"hello", b"there")).running() as server,
        Connection(Endpoint(server.base_url), 5) as connection,
    ):
        connection.send(b"\r\n\r\n")
        assert [connection.read_answer().body, connection.read_answer().body] == [b"hello", b"there"]
        assert connection.read_answer() is None
        assert connection.lost is Ending.CLOSED


def test_half_closing_still_lets_the_answer_in():
    with Canned(OK, wanted=b"never").running() as server, Connection(Endpoint(server.base_url), 5) as connection:
        connection.send(b"half a request")
        connection.finish_sending()
        assert connection.read_answer().body == b"hello"


FLOODS = {
    "body": (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"4\r\nxxxx\r\n" * 1000),
    "one-chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n", b"x" * 65536),
    "surplus": (OK, b"x" * 65536),
    "trailers": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n" * 1000),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", FLOODS)
def test_what_never_ends_is_not_read_for_ever(kind, monkeypatch):
    monkeypatch.setattr("conformance.http.connection.MOST_ANSWER", 2**22)
    start, more = FLOODS[kind]
    answer = read(start + more * (2**22 // len(more) + 20))
    assert Ending.ENDLESS in {answer.ending, answer.connection}
    assert len(answer.body) + len(answer.surplus) <= 2**18


@pytest.mark.slow
def test_interim_answers_without_end_are_no_answer(monkeypatch):
    monkeypatch.setattr("conformance.http.connection.MOST_ANSWER", 2**20)
    assert read(b"HTTP/1.1 102 Processing\r\n\r\n" * 100_000) is None


@pytest.mark.parametrize("head", ["HTTP/1.1 ²²² OK", "HTTP/1.1 200 OK\r\nContent-Length: " + "9" * 5000])
def test_numbers_that_are_none_do_no_harm(head):
    answer = read(head.encode("latin-1") + b"\r\n\r\n")
    assert answer is None or answer.status == 200


_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def in_two(first: bytes, rest: bytes) -> Iterator[tuple[Connection, Callable[[], None]]]:
    """A connection whose server sends `first`, and `rest` once it is told to."""
    go_on = threading.Event()

    def serve() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(1000)
            peer.sendall(first)
            go_on.wait(20)
            peer.sendall(rest)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with Connection(Endpoint(f"http://127.0.0.1:{listener.getsockname()[1]}"), 5.0) as connection:
            connection.send(b"POST / HTTP/1.1\r\n\r\n")
            yield connection, go_on.set
        go_on.set()
        thread.join(5)


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        (_HEAD + b"2\r\nab\r\n3\r\nc", b"de\r\n0\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", b"de"),
    ],
    ids=["chunked", "sized"],
)
def test_a_body_is_read_as_far_as_is_enough_and_then_to_its_end(first, rest):
    """What is enough is asked of the payload, without its framing."""
    with in_two(first, rest) as (connection, go_on):
        reached, answer = connection.read_answer_in_two(lambda body: body == b"abc", 5.0, go_on)
    assert reached
    assert (answer.body, answer.ending) == (b"abcde", Ending.COMPLETE)


@pytest.mark.parametrize(
    "first", [_HEAD + b"2\r\nab\r\n", _HEAD[:-2], b""], ids=["too-little", "half-a-head", "nothing"]
)
def test_what_does_not_come_in_time_is_read_all_the_same(first):
    """The judge hears that there was not enough, and gets the whole."""
    rest = (_HEAD + b"2\r\nab\r\n")[len(first) :] + b"1\r\nc\r\n0\r\n\r\n"
    with in_two(first, rest) as (connection, go_on):
        reached, answer = connection.read_answer_in_two(lambda body: b"abc" in body, 0.2, go_on)
    assert not reached
    assert (answer.body, answer.ending) == (b"abc", Ending.COMPLETE)
