"""A gateway and a provider that say what a test tells them: for what checks do between sending and judging."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from conformance import contracts
from conformance import target as targets
from conformance.contracts.requirements import Level, Requirement
from conformance.drive.case import Case
from conformance.http.bodies import Body
from conformance.http.exchange import Answer, Exchange, Request
from conformance.mock.calls import RecordedCall, ScriptedResponse
from tests.conformance.judge.calls import call

TOKEN = "cpeer_of_the_client"
URL = "http://gateway.test/v1"


@dataclass
class StubGateway:
    """Answers each request with a status; served ones become calls of the provider."""

    status_of: Callable[[Request], int]
    provider: StubProvider
    sent: list[Request] = field(default_factory=list)

    def request(
        self, path: str, body: Body | None = None, *, method: str = "POST", token: str | None = None
    ) -> Request:
        headers = (("Authorization", f"Bearer {token or TOKEN}"),)
        return Request(method, URL + path, headers, body.data if body else b"")

    def send(self, request: Request, **_: Any) -> Exchange:
        self.sent.append(request)
        status = self.status_of(request)
        if status == 200:
            self.provider.receive(request.body.decode("latin-1"))
        return Exchange(request, Answer(status, (), b'{"text": "x"}'))


@dataclass
class StubProvider:
    """A journal: calls by marker and position, and what another user of the mock does meanwhile."""

    strangers: Callable[[], int] = lambda: 0
    journal: list[RecordedCall] = field(default_factory=list)
    script: tuple[ScriptedResponse, ...] = ()

    def receive(self, text: str) -> None:
        self.journal.append(call(position=len(self.journal) + 1, fields=[["input", text]]))

    def position(self) -> int:
        at = len(self.journal)
        for _ in range(self.strangers()):
            self.receive("somebody else's")
        return at

    def calls(self, *, marker: str = "", since: int = 0, or_sha256: str = "", any_case: str = "") -> list[RecordedCall]:
        del or_sha256
        if any_case:
            return []
        return [each for each in self.journal if each.position > since and marker in str(each.fields)]

    @contextmanager
    def scripted(self, *_: Any, **__: Any) -> Iterator[None]:
        yield


def case_of(status_of: Callable[[Request], int], provider: StubProvider | None = None, **declared: Any) -> Case:
    """A case over the two stubs; `declared` is what the target says besides its address."""
    journal = provider or StubProvider()
    requirement = Requirement(id="a.b", level=Level.MUST, section="s", link="p.md#s", statement="It must.")
    target = targets.parse({"base_url": URL, "token": TOKEN, **declared}, {})
    gateway = StubGateway(status_of, journal)
    return Case("markabc123n1z", requirement, contracts.load(), target, gateway, journal, 0, 1)  # type: ignore[arg-type]
