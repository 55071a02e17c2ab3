"""The embedded gateway: everything is declared, and it is stopped and started by the commands that its target declares."""

import signal
import subprocess
import sys
import time

import httpx
import pytest

from conformance import contracts
from conformance.errors import UsageError
from conformance.runner.plan import NEEDS, Preflight
from conformance.target.embedded import embedded_gateway

_WAIT_S = 30.0
_A_SUITE = """
import time
from conformance.target.embedded import embedded_gateway
with embedded_gateway() as target:
    print(target.base_url, target.mock_provider.control_url, flush=True)
    time.sleep(600)
"""


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


@pytest.mark.slow(about_s=8)
def test_it_speaks_the_dialect_when_it_is_asked_to() -> None:
    """All is declared, but for the library that is in a folder of somebody's own."""
    with embedded_gateway("openai-audio-2026-11") as target:
        needs = {need for each in contracts.load(target.contract).catalogue for need in each.needs}
        missing = {need for need in needs if NEEDS[need](target, Preflight({}))}
        assert missing == {"sdk.node"}
        assert target.base_url.endswith("/v1")
        assert becomes(target.base_url, up=True)


def test_a_contract_that_it_does_not_speak_is_refused() -> None:
    """Before anything is started."""
    with pytest.raises(UsageError, match="does not speak toy"), embedded_gateway("toy"):
        pass


@pytest.mark.slow
def test_it_declares_everything_and_its_commands_do_what_they_say() -> None:
    """Nothing is left to declare; the same address answers after a restart, and no more at the end."""
    with embedded_gateway() as target:
        needs = {need for each in contracts.load().catalogue for need in each.needs}
        assert {need: NEEDS[need](target, Preflight({})) for need in needs} == dict.fromkeys(needs, "")
        assert target.lifecycle is not None
        assert becomes(target.base_url, up=True)
        subprocess.run(target.lifecycle.terminate, shell=True, check=True)
        assert becomes(target.base_url, up=False)
        subprocess.run(target.lifecycle.start, shell=True, check=True)
        assert becomes(target.base_url, up=True)

    assert not answers(target.base_url)


@pytest.mark.slow
def test_a_suite_that_is_killed_leaves_neither_gateway_nor_mock_behind() -> None:
    """Nothing in it can say so: what it started sees its own standard input end."""
    with subprocess.Popen([sys.executable, "-c", _A_SUITE], stdout=subprocess.PIPE, text=True) as suite:
        assert suite.stdout is not None
        urls = suite.stdout.readline().split()
        try:
            assert [answers(url) for url in urls] == [True, True]
        finally:
            suite.send_signal(signal.SIGKILL)

        assert [becomes(url, up=False) for url in urls] == [True, True]
