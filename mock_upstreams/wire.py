"""The providers' side of the mock: takes a call, notes it, and has it answered ordinarily or as a script says."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from mock_upstreams.arrivals import Address, Arrival, ReceivedBody
from mock_upstreams.bodies import TooLargeError, read_body
from mock_upstreams.errors import MockProviderError
from mock_upstreams.faces import FACES, OPENAI
from mock_upstreams.faces.refusals import UnexpectedCallError, too_large, unknown_path
from mock_upstreams.operations import Provider, answer
from mock_upstreams.orders import check_body
from mock_upstreams.player import Performance, play
from mock_upstreams.scripts import Act
from mock_upstreams.stage import HungUpError, Stage
from mock_upstreams.strictness import MOST_BODY_BYTES, check_strictly

if TYPE_CHECKING:
    from mock_upstreams.answers import Answer
    from mock_upstreams.faces import Face, Policy
    from mock_upstreams.gates import Gates
    from mock_upstreams.journal import Entry, Journal
    from mock_upstreams.scripts import ScriptBook
    from mock_upstreams.stage import Receive, Scope, Send

__all__ = ["Answering", "ProviderAnswering", "Wire"]

_MOST_BODY_BYTES = 256 * 2**20


class Answering(Protocol):
    """Where ordinary answers come from: the pretend provider, a recording, or a real provider."""

    keeps_raw: bool
    """Whether calls must carry their body as it was received."""

    async def answer(self, arrival: Arrival, face: Face) -> Answer:
        """Return the ordinary answer. Raises MockProviderError for a refusal."""

    async def close(self) -> None:
        """Stop answering."""


class ProviderAnswering:
    """Ordinary answers by the pretend provider, made in ``threads`` threads beside the event loop."""

    keeps_raw = False

    def __init__(self, provider: Provider, policy: Policy, threads: int) -> None:
        self._provider = provider
        self._policy = policy
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="mock-provider")

    async def answer(self, arrival: Arrival, face: Face) -> Answer:
        """Return what the provider says. Raises MockProviderError."""
        if arrival.address.operation is None:
            raise unknown_path(arrival.method, arrival.path)
        face.admit(arrival, self._policy)
        if self._policy.strict and arrival.body.size > MOST_BODY_BYTES:
            raise too_large(MOST_BODY_BYTES, arrival.body.size)
        check_body(arrival)
        model = face.resolve(arrival, self._policy)
        if self._policy.strict:
            check_strictly(arrival, model)
        work = partial(answer, self._provider, arrival, model)
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def close(self) -> None:
        """End the threads when they have done what they are at."""
        self._pool.shutdown(wait=False, cancel_futures=True)


@dataclass(slots=True, eq=False)
class Wire:
    """ASGI application of both faces."""

    answering: Answering
    scripts: ScriptBook
    journal: Journal
    gates: Gates
    _busy: set[Stage] = field(default_factory=set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        stage = Stage(scope, receive, send)
        self._busy.add(stage)
        try:
            arrival = await self._arrival(stage)
            await self._answer(arrival, stage)
        except HungUpError:
            pass  # it never arrived whole, so it is no call
        finally:
            self._busy.discard(stage)

    async def close(self) -> None:
        """Reset the connection of every call that is still being answered, and stop answering."""
        for stage in self._busy:
            stage.connection.reset()
        await self.answering.close()

    async def _arrival(self, stage: Stage) -> Arrival:
        scope = stage.scope
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        content_type = next((value for name, value in headers if name == "content-type"), "")
        query = scope["query_string"].decode("latin-1")
        return Arrival(
            method=scope["method"],
            path=scope["raw_path"].decode("latin-1"),
            query=tuple(parse_qsl(query, keep_blank_values=True)),
            headers=headers,
            address=_address(scope["raw_path"].decode("latin-1")),
            body=await self._body(stage, content_type),
            query_string=query,
        )

    async def _body(self, stage: Stage, content_type: str) -> ReceivedBody:
        try:
            return await read_body(
                stage.pieces(), content_type, most=_MOST_BODY_BYTES, keep_raw=self.answering.keeps_raw
            )
        except TooLargeError as error:
            return ReceivedBody("other", fault=too_large(_MOST_BODY_BYTES, error.size).message, size=error.size)

    async def _answer(self, arrival: Arrival, stage: Stage) -> None:
        began = time.monotonic()
        face = next((face for face in FACES if face.name == arrival.address.face), OPENAI)
        entry = self.journal.record(arrival)
        script = self.scripts.take(arrival)
        entry.script = script.id if script else None
        request_id = f"req_{uuid4().hex}"

        def dress(answer: Answer) -> Answer:
            return answer.with_defaults(face.headers(request_id, int((time.monotonic() - began) * 1000)))

        await play(
            Performance(
                act=script.act if script else Act(),
                entry=entry,
                stage=stage,
                gates=self.gates,
                journal=self.journal,
                ordinary=lambda: self._ordinary(arrival, face, entry),
                dress=dress,
            )
        )

    async def _ordinary(self, arrival: Arrival, face: Face, entry: Entry) -> Answer:
        try:
            return await self.answering.answer(arrival, face)
        except UnexpectedCallError as error:
            entry.unexpected = True
            return face.refusal(error)
        except MockProviderError as error:
            return face.refusal(error)


def _address(raw_path: str) -> Address:
    path = unquote(raw_path) if "%2F" not in raw_path.upper() else raw_path
    return next((address for face in FACES if (address := face.address(path))), Address())
