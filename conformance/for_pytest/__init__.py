"""A plug-in for pytest: fixtures for projects that test a client of audio APIs.

`audio_mock` is a pretend provider, `audio_gateway` a gateway that keeps the contract, with such a provider behind it. Each
starts once in a session, when a test first asks for it; until then nothing is imported but pytest. What a test scripted is
forgotten after it::

    def test_the_client_backs_off(audio_mock, monkeypatch):
        audio_mock.set_environment(monkeypatch)         # OPENAI_BASE_URL and OPENAI_API_KEY
        with audio_mock.scripted({"status": 429, "headers": {"Retry-After": "1"}}, times=1):
            assert my_client.speak("Hello.")            # tried again, and was served
        assert len(audio_mock.calls()) == 2
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.for_pytest.servers import AudioServer


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `pytest --pyargs conformance --target FILE`, for that call alone."""
    if _is_told_to_judge():
        from conformance.for_pytest.judging import add_options  # noqa: PLC0415 - only who asks pays for loading it

        add_options(parser)


def _is_told_to_judge() -> bool:
    """Whether this package is what pytest is told to run."""
    return "conformance" in sys.argv[1:]


def pytest_configure(config: pytest.Config) -> None:
    """Judges the gateway that `--target` names."""
    if getattr(config.option, "target", None) and _is_told_to_judge():
        from conformance.for_pytest.judging import JudgingPlugin  # noqa: PLC0415 - likewise

        for level in ("must", "should"):
            config.addinivalue_line("markers", f"{level}: the level of the requirement")
        config.pluginmanager.register(JudgingPlugin(config))


@pytest.fixture(scope="session")
def _audio_mock_server() -> Iterator[AudioServer]:
    from conformance.for_pytest.servers import running_mock_server  # noqa: PLC0415 - only who asks pays for loading it

    with running_mock_server() as server:
        yield server


@pytest.fixture(scope="session")
def _audio_gateway_server() -> Iterator[AudioServer]:
    from conformance.for_pytest.servers import running_gateway_server  # noqa: PLC0415 - only who asks pays for loading it

    with running_gateway_server() as server:
        yield server


@pytest.fixture
def audio_mock(_audio_mock_server: AudioServer) -> Iterator[AudioServer]:
    """A provider with OpenAI's and Azure OpenAI's audio API: real audio, scripted faults, a record of what arrived.

    `url` and `key` are for clients, `environment` has them as OpenAI's clients read them; `scripted`, `gate` and `calls`
    are for the test, and `control` is the whole control API.
    """
    with _audio_mock_server.in_one_test() as server:
        yield server


@pytest.fixture
def audio_gateway(_audio_gateway_server: AudioServer) -> Iterator[AudioServer]:
    """A gateway that keeps the audio contract, before a provider that can be scripted; used like `audio_mock`.

    `calls` are those that the gateway made to its provider.
    """
    with _audio_gateway_server.in_one_test() as server:
        yield server
