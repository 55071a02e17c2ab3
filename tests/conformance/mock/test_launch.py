"""A mock in this process: it answers while it is wanted, and a taken port is named."""

from __future__ import annotations

import logging

import httpx
import pytest

from conformance.errors import ProviderUnreachable
from conformance.mock.launch import running_mock


def test_it_answers_while_inside_and_not_afterwards() -> None:
    with running_mock("127.0.0.1:0", "token") as url:
        headers = {"Authorization": "Bearer token"}
        assert httpx.get(f"{url}/_mock/journal/position", headers=headers, trust_env=False).json()["position"] == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/_mock/journal/position", trust_env=False)


def test_a_taken_port_is_named() -> None:
    with running_mock("127.0.0.1:0", "token") as url:
        taken = url.rpartition("/")[2]
        with pytest.raises(ProviderUnreachable) as raised, running_mock(taken, "token"):
            pass
    assert raised.value.message.startswith(f"The mock provider cannot listen on {taken}: ")
    assert raised.value.hint == "Is the port taken?"


def test_a_gateway_that_goes_away_is_no_news_for_the_screen(caplog: pytest.LogCaptureFixture) -> None:
    """What else asyncio has to say is; afterwards all is as it was."""
    logger = logging.getLogger("asyncio")
    with running_mock("127.0.0.1:0", "token"):
        logger.warning("socket.send() raised exception.")
        logger.warning("something else")
    logger.warning("socket.send() raised exception.")

    told = [record.message for record in caplog.records if record.name == "asyncio"]
    assert told == ["something else", "socket.send() raised exception."]
