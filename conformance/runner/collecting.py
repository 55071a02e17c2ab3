"""Finds out which checks decide a requirement, without running any."""

from __future__ import annotations

import pytest

from conformance.runner.items import check_name, decides_none_of, declare_markers, requirement_of


class Collector:
    """Collects without running: which checks each requirement has, or one of them."""

    def __init__(self, requirement_id: str = "") -> None:
        self.checks: dict[str, list[str]] = {}
        self._only = {requirement_id} if requirement_id else None

    def pytest_configure(self, config: pytest.Config) -> None:
        declare_markers(config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, obj: object) -> list[pytest.Item] | None:
        """See SuitePlugin.pytest_pycollect_makeitem."""
        return [] if self._only and decides_none_of(obj, self._only) else None

    @pytest.fixture
    def case(self) -> None:
        """See SuitePlugin.case."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self.checks.setdefault(requirement_of(item), []).append(check_name(item))
