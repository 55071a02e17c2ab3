"""The embedded gateway: everything is declared, and it is stopped and started by the commands that its target declares."""

import subprocess
import time

import httpx
import pytest

from conformance import contracts
from conformance.runner.plan import NEEDS, Preflight
from conformance.target.embedded import embedded_gateway

_WAIT_S = 30.0


def answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=2.0, trust_env=False)
    except httpx.TransportError:
        return False
    return True


def becomes(url: str, *, up: bool) -> bool:
    """Whether it is up, or down, within a bounded time."""
    until = time.monotonic() + _WAIT_S
    while answers(url) != up and time.monotonic() < until:
        time.sleep(0.05)
    return answers(url) == up


@pytest.mark.slow
def test_it_declares_everything_and_its_commands_do_what_they_say() -> None:
    """Nothing is left to declare; the same address answers after a restart, and no more at the end."""
    with embedded_gateway() as target:
        missing = {need: rule(target, Preflight({})) for need, rule in NEEDS.items()}
        assert set(missing.values()) == {""}
        assert {need for each in contracts.load().catalogue for need in each.needs} <= set(missing)
        assert target.lifecycle is not None
        assert becomes(target.base_url, up=True)
        subprocess.run(target.lifecycle.terminate, shell=True, check=True)
        assert becomes(target.base_url, up=False)
        subprocess.run(target.lifecycle.start, shell=True, check=True)
        assert becomes(target.base_url, up=True)

    assert not answers(target.base_url)
