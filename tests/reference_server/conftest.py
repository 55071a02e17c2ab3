"""One gateway with the embedded configuration serves most tests of this folder."""

from collections.abc import Iterator

import httpx
import pytest

from tests.servers import RunningGateway, running_gateway


@pytest.fixture(scope="session")
def gateway() -> Iterator[RunningGateway]:
    with running_gateway() as running:
        yield running


@pytest.fixture(scope="session")
def client(gateway: RunningGateway) -> Iterator[httpx.Client]:
    """Speaks to the gateway with its token; paths are relative to the base path."""
    with httpx.Client(base_url=gateway.base_url, headers=gateway.headers, timeout=30) as each:
        yield each


@pytest.fixture(scope="session")
def recording(client: httpx.Client) -> bytes:
    """A sentence as flac."""
    answer = client.post(
        "/audio/speech", json={"model": "tts-1", "input": "The kettle is on.", "response_format": "flac"}
    )
    answer.raise_for_status()
    return answer.content
