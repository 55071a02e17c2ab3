"""Searches of these tests run as they do in a run of the suite."""

import pytest

from conformance.generated import hypothesis_threads


@pytest.fixture(scope="session", autouse=True)
def prepared() -> None:
    hypothesis_threads.prepare()
