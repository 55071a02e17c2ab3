"""One Valkey server for the tests that only need it to be there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.valkey import RunningValkey, running_valkey


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningValkey]:
    """A server shared by tests that neither kill nor freeze it; each uses a key prefix of its own."""
    with running_valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[RunningValkey]:
    """A server that the test may kill."""
    with running_valkey(tmp_path / "valkey") as server:
        yield server
