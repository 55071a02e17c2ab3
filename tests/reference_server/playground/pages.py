"""Waiting in a page whose policy forbids to evaluate strings: Playwright's own `wait_for_function` cannot."""

from __future__ import annotations

from typing import Any

_WAIT_MS = 20_000


def until(page: Any, condition: str) -> None:
    """Returns when the condition, an expression of JavaScript, holds; fails when it does not in time."""
    page.evaluate(
        f"""async () => {{
            const ends = performance.now() + {_WAIT_MS};
            while (!({condition})) {{
                if (performance.now() > ends) throw new Error("it did not come to that: " + {condition!r});
                await new Promise(resolve => setTimeout(resolve, 20));
            }}
        }}"""
    )
