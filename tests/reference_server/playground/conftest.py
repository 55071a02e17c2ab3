"""A gateway with its playground, and Chromium before it: Playwright's own, or the system's."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import RunningGateway, running_gateway

CONTROL_TOKEN = "control-of-the-playground"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WAIT_MS = 20_000
# A microphone that beeps, allowed without a question; sound that may be played without a click.
ARGUMENTS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)


@pytest.fixture(scope="package")
def playing() -> Iterator[RunningGateway]:
    """The embedded gateway, whose mock can be told to fail."""
    with running_gateway(environment={"MOCK_CONTROL_TOKEN": CONTROL_TOKEN}) as running:
        yield running


@pytest.fixture
def client(playing: RunningGateway) -> Iterator[httpx.Client]:
    """Another program that calls the same gateway."""
    with httpx.Client(base_url=playing.base_url, headers=playing.headers, timeout=20) as each:
        yield each


@pytest.fixture
def control(playing: RunningGateway) -> Iterator[httpx.Client]:
    """The mock's control API; what was scripted is forgotten afterwards."""
    headers = {"Authorization": f"Bearer {CONTROL_TOKEN}"}
    with httpx.Client(base_url=f"{playing.origin}/_mock", headers=headers, timeout=20) as each:
        yield each
        each.delete("/scripts")


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Closed before the tests of other folders: while it is open, no other event loop can run in this thread."""
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("The playground cannot be tried: the package playwright is not installed.")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where it is installed

    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
        if not Path(playwright.chromium.executable_path).exists() and found is None:
            pytest.skip(f"The playground cannot be tried: there is no Chromium ({', '.join(CHROMIUMS)}) on the path.")
        own = Path(playwright.chromium.executable_path).exists()
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root
        launched = playwright.chromium.launch(
            executable_path=None if own else found, args=[*ARGUMENTS, *as_root], timeout=WAIT_MS * 2
        )
        yield launched
        launched.close()


Open = Callable[..., Any]


@pytest.fixture
def open_page(browser: Any, playing: RunningGateway) -> Iterator[Open]:
    """Opens the playground; in the end no page may have met an error.

    `expected` statuses may be answered: the browser reports each of them as an error of its own.
    """
    errors: list[str] = []
    contexts = []

    def opened(
        *, width: int = 1280, scheme: str = "light", token: str | None = None, expected: tuple[int, ...] = ()
    ) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            accept_downloads=True,
            permissions=["microphone"],
        )
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: _note(message, expected, errors))
        page.goto(f"{playing.origin}/#token={playing.token if token is None else token}")
        page.locator("#token-state").filter(has_text="alid").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def _note(message: Any, expected: tuple[int, ...], errors: list[str]) -> None:
    if message.type in {"error", "warning"} and not any(f"status of {status}" in message.text for status in expected):
        errors.append(message.text)
