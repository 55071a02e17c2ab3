"""Streams: the request for one, and one that its provider holds after the first event; none where none is served."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from conformance.drive.case import Case
from conformance.drive.requests import valid_request
from conformance.drive.scripts import match_of
from conformance.errors import Blocked
from conformance.http.connection import Connection
from conformance.http.exchange import Exchange, Finding, Request, WireExchange
from conformance.http.raw import converse, serialise
from conformance.judge.client.streams import is_stream

FIRST_S = 5.0
"""How long a client waits for what is on its way."""
_NOTICED_WITHIN_S = 0.3


def stream_request(case: Case, route: str, **changes: Any) -> Request:
    """A valid request for a stream of an operation, to a model key that streams."""
    capability = case.contract.stream(route).capability
    fields = {"model": case.model_keys(capability)[0], **case.contract.probes[capability].fields, **changes}
    marked = {} if case.contract.operations[route].takes_text else {"prompt": case.marker}
    return valid_request(case, route, **{**marked, **fields})


def streamed(case: Case, route: str, act: dict[str, Any] | None = None, **changes: Any) -> WireExchange:
    """A stream read to its end on a bare socket, while its provider does what the act says."""
    request = stream_request(case, route, **changes)
    if not act:
        return converse(case.gateway, request)
    with case.provider.scripted(match_of(case, route), act):
        result = converse(case.gateway, request, limited=True, provoked=True)
    if not any(call.script for call in case.calls()):
        raise Blocked("the provider's scripted stream was met by no call of this case", result.exchange)
    return result


def a_stream(case: Case, route: str, **changes: Any) -> Exchange:
    """A stream that was served. Raises Blocked where none was: that is for `streams.{route}.events` to say."""
    exchange = case.succeeded(streamed(case, route, **changes).exchange)
    if is_stream(exchange, because=""):
        raise Blocked(f"no stream of events came: {exchange.got}", exchange)
    return exchange


def judge_stream(case: Case, route: str, *findings: Finding | None) -> None:
    """Judges a stream that was odd in some way. Raises Blocked where a plain one is no stream of events either."""
    if any(findings):
        a_stream(case.example(), route)
    case.judge(*findings)


def held_after_first(
    case: Case, route: str, request: Request, enough: Callable[[bytes], bool], act: dict[str, Any]
) -> tuple[bool, Exchange]:
    """Sends a request whose provider sends one piece and waits; says whether `enough` came meanwhile, and what came in all.

    Raises Blocked where the provider was not brought to wait: then nothing is known.
    """
    held, reached = [False], [False]

    # The gateway may not take the provider for silent meanwhile.
    first_s = min(FIRST_S, (case.target.timeout_s or 4 * FIRST_S) / 4)

    def attempt(timeout_s: float) -> Exchange:
        started = time.monotonic()
        with case.provider.gate(f"gate-{case.marker}") as gate:
            script = {**act, "hold_body": {"gate": gate.name, "after": 1}}
            with case.provider.scripted(match_of(case, route), script), _connected(case, timeout_s) as connection:
                connection.send(b"".join(serialise(request, case.gateway.endpoint)))
                held[0] = gate.wait_for(1) == 1
                reached[0], wire = connection.read_answer_in_two(enough, first_s, gate.release)
        answer = wire.answer if wire else None
        return Exchange(request, answer, None if answer else "no answer", time.monotonic() - started)

    exchange = case.gateway.within_limits(attempt, provoked=True)
    if not held[0]:
        raise Blocked("the provider was not brought to wait after its first piece", exchange)
    return reached[0], exchange


def _connected(case: Case, timeout_s: float) -> Connection:
    return Connection(case.gateway.endpoint, timeout_s)


def left_after_first(case: Case, route: str) -> None:
    """Begins a stream and leaves once its first event is there, while the provider waits with the second.

    The provider waits on for a moment: what the gateway notices then is that its client has left, not the end of the stream.
    """
    with case.provider.gate(f"gate-{case.marker}") as gate:
        act = {"hold_body": {"gate": gate.name, "after": 1}}
        with case.provider.scripted(match_of(case, route), act):
            with _connected(case, FIRST_S) as connection:
                connection.send(b"".join(serialise(stream_request(case, route), case.gateway.endpoint)))
                gate.wait_for(1)
                connection.await_bytes()
            time.sleep(_NOTICED_WITHIN_S)
