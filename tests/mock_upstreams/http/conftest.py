import pytest

from mock_upstreams.config import Settings
from tests.mock_upstreams.http.running import bench


@pytest.fixture(scope="session")
def shared():
    with bench() as one:
        yield one


@pytest.fixture
def mock(shared):
    """One lenient mock for all tests, as it was at its start but for its journal's position."""
    for path in ("/scripts", "/journal"):
        shared.control.delete(path).raise_for_status()
    return shared


@pytest.fixture(scope="session")
def shared_strict():
    with bench(Settings(strict=True)) as one:
        yield one


@pytest.fixture
def strict(shared_strict):
    """The strict one."""
    return shared_strict
