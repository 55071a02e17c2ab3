"""Probes are valid requests that tell capabilities apart and are never mistaken for one another."""

from conformance import contracts
from conformance.runner.probes import Prober
from conformance.runner.run import open_gateway
from conformance.target import Target
from tests.conformance.fake_gateway import TOKEN, Reply, fake_gateway


def test_each_capability_is_asked_by_one_operation() -> None:
    """Translations need the same model keys as transcriptions, so they are not asked too."""
    target = Target(base_url="http://127.0.0.1:9/v1", token=TOKEN)
    with open_gateway(target) as gateway:
        prober = Prober(contracts.load(), target, gateway)

        assert prober.operations == {"speech": "speech", "transcription": "transcriptions"}


def test_no_two_probes_carry_the_same_correlation_id() -> None:
    """Not even those of two runs against one mock."""
    target = Target(base_url="http://127.0.0.1:9/v1", token=TOKEN)
    with open_gateway(target) as gateway:
        probers = [Prober(contracts.load(), target, gateway) for _ in range(2)]
        markers = [prober.case().marker for prober in probers for _ in range(3)]

    assert len(set(markers)) == 6


def test_a_limit_is_taken_as_it_comes() -> None:
    """A probe of a limited token asks for just that; model and token are those given."""
    with fake_gateway(lambda _: Reply(429, headers={"Retry-After": "600"})) as (url, seen):
        target = Target(base_url=url, token=TOKEN)
        with open_gateway(target) as gateway:
            exchange = Prober(contracts.load(), target, gateway).ask("speech", model="m", token="cpeer_other")

    assert exchange.status == 429
    (asked,) = seen
    assert asked.headers["authorization"] == "Bearer cpeer_other"
    assert b'"model": "m"' in asked.body
