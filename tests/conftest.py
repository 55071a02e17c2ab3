"""The order of the tests: files that take long come first, so that no core waits for the last one alone."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts files by the seconds that their marks `slow(about_s=...)` add up to; a file stays together, as it was."""
    cost: dict[object, float] = {}
    for item in items:
        mark = item.get_closest_marker("slow")
        about_s = mark.kwargs.get("about_s", 1) if mark else 0
        cost[item.path] = max(cost.get(item.path, 0), about_s)
    items.sort(key=lambda item: -cost[item.path])
