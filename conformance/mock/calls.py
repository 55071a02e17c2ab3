"""Recorded calls: what the mock provider saw of a request, as its control API tells it."""

from __future__ import annotations

from typing import Any

Call = dict[str, Any]
