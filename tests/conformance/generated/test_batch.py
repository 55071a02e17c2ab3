"""Drawn bodies are sent once for all checks that judge them, and what fails is made small."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from conformance.errors import Blocked, Violated
from conformance.generated import batch
from conformance.generated.batch import Sent, exchanges, judge_all
from conformance.generated.schemathesis_bridge import Kind
from conformance.http.client import Gateway
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Finding
from tests.conformance.fake_gateway import TOKEN, Reply, Seen, authorised, fake_gateway
from tests.conformance.generated.cases import case

_CHECKS = 4


def test_checks_of_one_run_judge_the_same_exchanges() -> None:
    """Whoever comes second waits, and sends nothing; another run sends its own."""
    with fake_gateway() as (url, seen), Gateway(Endpoint(url), TOKEN, timeout_s=5.0) as gateway:
        first = case(gateway, examples=8)
        start = threading.Barrier(_CHECKS)

        def ask(_: int) -> list[Sent]:
            start.wait()
            return exchanges(first.example(), "speech", "json", Kind.SURE)

        with ThreadPoolExecutor(_CHECKS) as pool:
            found = list(pool.map(ask, range(_CHECKS)))
        sent_once = len(seen)
        exchanges(case(gateway, examples=8), "speech", "json", Kind.SURE)

    assert all(each == found[0] for each in found)
    assert sent_once == len(found[0]) > 0
    assert len(seen) == 2 * sent_once


def test_what_stops_the_sending_stops_every_check() -> None:
    """None of them takes the few that went through for all."""
    reply = Reply(429, headers={"Retry-After": "9999"})
    with fake_gateway(lambda _: reply) as (url, seen), Gateway(Endpoint(url), TOKEN, timeout_s=5.0) as gateway:
        blocked = case(gateway, examples=8)
        for _ in range(2):
            with pytest.raises(Blocked, match="limit"):
                exchanges(blocked, "speech", "json", Kind.SURE)
        asked = len(seen)

    assert asked == 1


def test_each_way_of_failing_is_reported_once_from_a_small_body() -> None:
    """What has nothing to do with the failure is left out of the request that shows it."""

    def behave(seen: Seen) -> Reply:
        return Reply(500) if b'"speed"' in seen.body else authorised(seen)

    def judge(sent: Sent) -> Finding | None:
        return Finding("it broke", "", "", (sent.exchange,)) if sent.exchange.status == 500 else None

    with fake_gateway(behave) as (url, _), Gateway(Endpoint(url), TOKEN, timeout_s=5.0) as gateway:
        failing = case(gateway, examples=60)
        with pytest.raises(Violated) as caught:
            judge_all(failing, exchanges(failing, "speech", "json", *Kind), judge)

    (finding,) = caught.value.findings
    assert list(json.loads(finding.exchanges[0].request.body)) == ["speed"]


def test_a_batch_is_bounded_in_time_but_never_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow gateway gets few requests; some it always gets."""
    monkeypatch.setattr(batch, "_SENDING_S", 0.0)
    with fake_gateway() as (url, seen), Gateway(Endpoint(url), TOKEN, timeout_s=5.0) as gateway:
        found = exchanges(case(gateway, examples=100), "speech", "json", Kind.WIDE)

    assert len(found) == len(seen) == batch._LEAST_SENT
