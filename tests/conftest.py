"""What all tests share: their order, and what a run of the suite within a test must not leave behind."""

from __future__ import annotations

import functools
from collections.abc import Generator, Iterator

import httpx
import hypothesis
import pytest

from conformance.garbage import making_what_stays

# Every client would read all trusted certificates anew, which takes 15 ms; no test needs other ones.
httpx._transports.default.create_ssl_context = functools.cache(httpx.create_ssl_context)

# How long an example takes says more of the machine's other work than of the code.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spares the garbage collector the thousands of tests and all that they import, which stay to the end."""
    with making_what_stays():
        return (yield)


@pytest.fixture(autouse=True)
def _hypothesis_as_it_was() -> Iterator[None]:
    """A run of the suite in this process sets seed and profile of its own, which no test after it may inherit."""
    profile, seed = hypothesis.settings.get_current_profile_name(), hypothesis.core.global_force_seed
    yield
    hypothesis.core.global_force_seed = seed
    if hypothesis.settings.get_current_profile_name() != profile:
        hypothesis.settings.load_profile(profile)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts files by the seconds that their marks `slow(about_s=...)` add up to; a file stays together, as it was."""
    cost: dict[object, float] = {}
    for item in items:
        mark = item.get_closest_marker("slow")
        about_s = mark.kwargs.get("about_s", 1) if mark else 0
        cost[item.path] = max(cost.get(item.path, 0), about_s)
    items.sort(key=lambda item: -cost[item.path])
