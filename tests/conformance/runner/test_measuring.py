"""Measuring: a slow provider is the provider's time, a slow gateway the gateway's, and who is not served is not measured."""

from __future__ import annotations

import pytest

from conformance import contracts
from conformance.commands.gateways import provider_of
from conformance.runner.measuring import measurements
from conformance.runner.probes import Prober
from conformance.runner.run import open_gateway
from conformance.target import Target
from conformance.target.embedded import embedded_gateway
from tests.conformance.fake_gateway import TOKEN, Reply, Seen, authorised, fake_gateway


@pytest.mark.slow
def test_what_a_provider_takes_is_not_the_gateways() -> None:
    """It waits 80 ms: they are in the time to the first byte, and not in what is over the provider."""
    with embedded_gateway() as target, provider_of(target) as mock, open_gateway(target) as gateway:
        assert mock is not None
        prober = Prober(contracts.load(), target, gateway, mock)
        with mock.scripted({"operation": "transcription"}, {"delay_s": 0.08}):
            found = {(each.operation, each.size): each for each in measurements(prober.case)}
    slow, plain = found["transcriptions", "small"], found["translations", "small"]

    assert found.keys() == {(name, size) for name in prober.contract.operations for size in ("small", "large")}
    assert found["transcriptions", "large"].bytes > 1_000_000
    assert slow.provider is not None
    assert slow.overhead is not None
    assert plain.provider is not None
    assert slow.first_byte.least >= 80
    assert slow.provider.least >= 80
    assert slow.overhead.most <= slow.last_byte.most - 79.9


def test_an_operation_that_is_not_served_has_no_times() -> None:
    """Nor a provider's, where nobody tells them."""

    def behave(seen: Seen) -> Reply:
        return Reply(500) if seen.path.endswith("speech") else authorised(seen)

    with fake_gateway(behave) as (url, _):
        target = Target(base_url=url, token=TOKEN)
        with open_gateway(target) as gateway:
            found = list(measurements(Prober(contracts.load(), target, gateway).case))

    assert {each.operation for each in found} == {"transcriptions", "translations"}
    assert {each.overhead for each in found} == {None}
