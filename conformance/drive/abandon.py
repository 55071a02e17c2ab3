"""Clients that go away before they have their response: in the middle of the request, while they wait, while they read."""

from __future__ import annotations

from collections.abc import Callable

from conformance.drive.case import Case
from conformance.errors import Blocked
from conformance.http.connection import Connection
from conformance.http.exchange import Request
from conformance.http.raw import serialise

Leave = Callable[[Connection, bytes, bytes], None]


def _mid_upload(connection: Connection, head: bytes, body: bytes) -> None:
    connection.send(head + body[: len(body) // 2])


def _mid_wait(connection: Connection, head: bytes, body: bytes) -> None:
    connection.send(head + body)


def _mid_response(connection: Connection, head: bytes, body: bytes) -> None:
    if connection.send(head + body):
        connection.await_bytes()


STAGES: dict[str, Leave] = {"mid-upload": _mid_upload, "mid-wait": _mid_wait, "mid-response": _mid_response}
"""When the client goes, by name."""


def abandon(case: Case, request: Request, stage: str = "mid-upload") -> None:
    """Begin a request on a connection of its own and close that at a stage. Raises Blocked where none can be made."""
    head, body = serialise(request, case.gateway.endpoint)
    case.gateway.wait_for_limits()
    try:
        with Connection(case.gateway.endpoint, case.gateway.timeout_s) as connection:
            STAGES[stage](connection, head, body)
    except OSError as error:
        raise Blocked(f"no connection can be made ({error})") from error
