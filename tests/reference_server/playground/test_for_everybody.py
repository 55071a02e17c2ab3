"""The playground for everybody: by keyboard, on a narrow screen, light and dark, and as axe-core judges it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers import RunningGateway

pytestmark = pytest.mark.slow(about_s=15)

Open = Callable[..., Any]
LOOKS = [(width, scheme) for width in (360, 1280) for scheme in ("light", "dark")]
TABS = ("Speak", "Transcribe", "Inspector", "Reference")


def _filled(page: Any, client: httpx.Client) -> Any:
    """Every panel with something in it: results, an open exchange, the reference."""
    page.get_by_role("button", name="Speak", exact=True).click()
    page.locator("#speak-result audio").wait_for()
    page.get_by_role("button", name="Transcribe it").click()
    page.locator("#transcribe-submit").click()
    page.locator(".words").wait_for()
    refused = client.post("/audio/speech", json={"model": "nope", "input": "x"})
    page.get_by_role("tab", name="Inspector").click()
    for row in (
        page.locator(".exchange").filter(has_text=refused.headers["x-request-id"]),
        page.locator(".exchange").nth(1),
    ):
        row.get_by_role("button").first.click()
        row.locator(".side pre, .side audio").first.wait_for()
    page.get_by_role("tab", name="Reference").click()
    page.locator(".method").first.wait_for()
    return page


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_axe_finds_nothing(open_page: Open, client: httpx.Client, width: int, scheme: str) -> None:
    """On every panel, filled, in every look. Not only nothing serious: nothing at all."""
    if importlib.util.find_spec("axe_playwright_python") is None:
        pytest.skip("axe-core cannot be run: the package axe-playwright-python is not installed.")
    from axe_playwright_python.base import AXE_SCRIPT  # noqa: PLC0415 - only where it is installed

    page = _filled(open_page(width=width, scheme=scheme), client)
    page.evaluate(AXE_SCRIPT)
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")["violations"]
        seen = [(each["impact"], each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
        assert seen == [], tab


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_nothing_sticks_out(open_page: Open, client: httpx.Client, width: int, scheme: str) -> None:
    """No panel is wider than the screen, and nothing in it reaches over its edge."""
    page = _filled(open_page(width=width, scheme=scheme), client)
    script = """() => [...document.querySelectorAll('body *')]
        .filter(node => node.checkVisibility() && !node.closest('pre'))
        .filter(node => node.getBoundingClientRect().right > innerWidth + 1)
        .map(node => node.outerHTML.slice(0, 120))"""
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate(script) == [], tab
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab


def test_dark_and_light_differ(open_page: Open) -> None:
    """By what the browser prefers."""
    script = "getComputedStyle(document.body).backgroundColor"
    light, dark = (open_page(scheme=scheme).evaluate(script) for scheme in ("light", "dark"))
    assert light == "rgb(245, 246, 248)"
    assert dark == "rgb(17, 20, 25)"


def _tab_to(page: Any, wanted: str, most: int = 60) -> None:
    """Presses Tab until the element has the focus; each stop on the way must be seen to have it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert style != "none", f"{wanted} is not seen to have the focus"
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_all_of_it_by_keyboard(open_page: Open, playing: RunningGateway, tmp_path: Path) -> None:
    """A token is entered, a text is spoken, transcribed, looked at in the inspector and replayed: without a mouse."""
    page = open_page(token="cpeer_wrong", expected=(401,))
    _tab_to(page, ".skip")
    _tab_to(page, "#token")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(playing.token)
    page.keyboard.press("Enter")
    page.get_by_text("Valid: 2 models.").wait_for()
    _tab_to(page, "#tab-speak")
    _tab_to(page, "#speak-input")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("By keyboard alone.")
    page.keyboard.press("ControlOrMeta+Enter")
    page.locator("#speak-result audio").wait_for()
    _tab_to(page, "#speak-result a.button")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "speech.mp3")
    assert (tmp_path / "speech.mp3").stat().st_size > 1000
    _tab_to(page, "#speak-result a.button + button")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "transcribe-submit"
    page.keyboard.press("Enter")
    page.locator(".words").wait_for()
    assert page.locator(".said").inner_text() == "By keyboard alone."
    assert page.evaluate("document.activeElement.id") == "transcribe-submit"
    _tab_to(page, ".words button")
    page.keyboard.press("Enter")
    _inspect_by_keyboard(page)


def _inspect_by_keyboard(page: Any) -> None:
    while not page.evaluate("document.activeElement.matches('[role=tab]')"):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", name="Inspector").get_attribute("aria-selected") == "true"
    page.locator(".exchange").first.wait_for()
    _tab_to(page, ".exchange > button")
    page.keyboard.press("Enter")
    assert page.locator(".exchange > button").first.get_attribute("aria-expanded") == "true"
    _tab_to(page, ".detail .actions button")
    page.keyboard.press("Space")
    page.get_by_text("Answered 200").wait_for()
    while not page.evaluate("document.activeElement.matches('[role=tab]')"):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("End")
    page.get_by_role("heading", name="Audio API").wait_for()
    page.keyboard.press("Home")
    assert page.get_by_role("tab", name="Speak", exact=True).get_attribute("aria-selected") == "true"


def test_results_are_announced(open_page: Open) -> None:
    """To those who do not see the page: in a region that is read aloud."""
    page = open_page()
    page.get_by_role("button", name="Speak", exact=True).click()
    page.locator("#announcement").filter(has_text="Speech of").wait_for()
    assert page.locator("#announcement").get_attribute("role") == "status"


def test_the_reference_is_the_contract(open_page: Open) -> None:
    """All its operations with their fields and statuses, from this server alone."""
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("tab", name="Reference").click()
    page.locator(".method").first.wait_for()
    text = page.locator("#reference-content").inner_text()
    for expected in (
        "/api/client/v1/audio/speech",
        "/audio/transcriptions",
        "/audio/translations",
        "response_format",
        "503",
    ):
        assert expected in text
    assert all(url.startswith(page.evaluate("location.origin")) for url in asked)
