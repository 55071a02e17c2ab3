"""Sends what Schemathesis drew, once for all checks that judge it, and makes failing bodies small.

The batches belong to one run. Whoever asks first for the cases of an operation, encoding and kind sends them; the others
wait and judge the same exchanges.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.drive.case import Case
from conformance.drive.requests import model_key
from conformance.errors import CheckStopped, Violated
from conformance.generated.reading import smaller
from conformance.generated.schemathesis_bridge import Kind, drawn_bodies
from conformance.http.bodies import Body
from conformance.http.exchange import Exchange, Finding

_SENDING_S = 30.0
_LEAST_SENT = 5
_SHRINKING_S = 8.0
_MOST_FINDINGS = 3


@dataclass(frozen=True, slots=True)
class Sent:
    """One drawn body and what came of it."""

    route: str
    form: str
    kind: Kind
    model: str
    body: Body
    exchange: Exchange


Judge = Callable[[Sent], Finding | None]
Key = tuple[str, str, Kind]


@dataclass
class _Batch:
    """The exchanges of one key, or why there are none."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    sent: list[Sent] | None = None
    trouble: CheckStopped | None = None


class Batches:
    """All batches of one run, by operation, encoding and kind."""

    def __init__(self) -> None:
        self._batches: dict[Key, _Batch] = {}
        self._lock = threading.Lock()

    def exchanges(self, case: Case, route: str, form: str, kind: Kind) -> list[Sent]:
        """The exchanges of a key, sent now or before. Raises what stopped them (Blocked)."""
        with self._lock:
            batch = self._batches.setdefault((route, form, kind), _Batch())
        with batch.lock:
            if batch.sent is None and batch.trouble is None:
                try:
                    batch.sent = _send_all(case, route, form, kind)
                except CheckStopped as trouble:
                    batch.trouble = trouble
        if batch.sent is None:
            raise batch.trouble or AssertionError("a batch is sent or says why not")
        return batch.sent


def exchanges(case: Case, route: str, form: str, *kinds: Kind) -> list[Sent]:
    """The exchanges of the run that the case belongs to. Raises Blocked where the gateway's limit is in the way."""
    batches = case.shared.get(Batches)
    return [sent for kind in kinds for sent in batches.exchanges(case, route, form, kind)]


def judge_all(case: Case, sent: list[Sent], judge: Judge) -> None:
    """Judge every exchange. Raises Violated with one finding for each way of failing, each from as small a body as found."""
    failures: dict[str, Sent] = {}
    for each in sent:
        finding = judge(each)
        if finding is not None:
            failures.setdefault(finding.message, each)
    if failures:
        until = time.monotonic() + _SHRINKING_S
        raise Violated(*[_smallest(case, each, judge, until) for each in list(failures.values())[:_MOST_FINDINGS]])


def _smallest(case: Case, failing: Sent, judge: Judge, until: float) -> Finding:
    """Drop members of the body as long as what is left fails too. A stopped attempt leaves what was found so far."""
    best, finding = failing, judge(failing)
    assert finding is not None
    shrunk = True
    while shrunk and time.monotonic() < until:
        shrunk = False
        for body in smaller(best.body):
            try:
                attempt = _send(case, best, body)
            except CheckStopped:
                return finding
            found = judge(attempt)
            if found is not None:
                best, finding, shrunk = attempt, found, True
                break
            if time.monotonic() > until:
                break
    return finding


def _send_all(case: Case, route: str, form: str, kind: Kind) -> list[Sent]:
    model = model_key(case, route)
    until = time.monotonic() + _SENDING_S
    sent: list[Sent] = []
    for body in drawn_bodies(case, route, form, model, kind):
        if len(sent) >= _LEAST_SENT and time.monotonic() > until:
            break
        exchange = case.send(case.request(route, body))
        sent.append(Sent(route, form, kind, model, body, exchange))
    return sent


def _send(case: Case, like: Sent, body: Body) -> Sent:
    exchange = case.send(case.request(like.route, body))
    return Sent(like.route, like.form, like.kind, like.model, body, exchange)
