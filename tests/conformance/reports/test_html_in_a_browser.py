"""The HTML report in a real browser, from disk: filters, deep links, sound, copying, keyboard, phone, dark, paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conformance.reports.baseline import Baseline, baseline_of
from conformance.reports.html import to_html
from conformance.reports.ledger import BaselineGiven, Measured, Remarked
from conformance.reports.measurements import Sample, measurement_of
from conformance.reports.report import fold
from tests.conformance.reports.broken_run import broken

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
pytestmark = [pytest.mark.slow(about_s=8), pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")]

PLAYED = """() => new Promise((resolve, reject) => {
  const audio = document.querySelector('audio');
  audio.addEventListener('ended', resolve);
  audio.addEventListener('error', () => reject(audio.error.message));
  audio.play().catch(reject);
})"""
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--mute-audio"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(to_html(fold(broken(20, text="<b>x</b>"))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def full_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with all that may be in one: known and new causes, an entry that is out of date, times, a remark."""
    start, *others = broken(20)
    every = fold((start, *others))
    known = baseline_of("audio-api", every.causes[1:], owner="sam", reason="ticket 417", expires=date(2027, 3, 1))
    old = msgspec.structs.replace(known.entries[0], expires=date(2026, 1, 1))
    given = BaselineGiven(Baseline(contract="audio-api", entries=(old, *known.entries[1:])), date(2026, 12, 1))
    measured = Measured((measurement_of("speech", "small", [Sample(0.01, 0.02, 0.005, 100)]),))
    path = tmp_path_factory.mktemp("full") / "report.html"
    path.write_text(to_html(fold((start, Remarked("It is another"), *others, measured, given))), encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Any, file: Path, full_file: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The report, opened; the test fails where the console said anything or anything was fetched."""
    options = dict(getattr(request, "param", {}))
    shown = full_file if options.pop("full", False) else file
    context = browser.new_context(**options)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda asked: said.append(asked.url) if not asked.url.startswith(("file:", "data:")) else None)
    page.goto(shown.as_uri())
    yield page
    context.close()
    assert said == []


def test_filters_leave_what_matches(page: Any) -> None:
    """Words, level and section work together, say how much is left, and can be taken back."""
    whole = page.locator(".cause:visible").count()
    page.fill("#search", "extra-field 422")
    assert 0 < page.locator(".cause:visible").count() < whole
    assert "causes" in page.inner_text("#hits")
    page.fill("#search", "no such words anywhere")
    assert page.locator(".cause:visible").count() == 0
    assert page.is_visible(".none")
    page.click("button[type=reset]")
    page.locator(".cause:visible").nth(1).wait_for()
    page.select_option("#level", "SHOULD")
    assert page.locator("#requirements li:visible .level.MUST").count() == 0
    assert page.locator(".cause:visible").count() >= 1


def test_a_deep_link_opens_what_it_leads_to(page: Any, file: Path) -> None:
    """A finding lies in a fold; who follows the link sees it and has the focus there."""
    anchor = page.evaluate("document.querySelector('.finding:last-of-type').id")
    page.goto("about:blank")
    page.goto(f"{file.as_uri()}#{anchor}")
    assert page.is_visible(f"[id='{anchor}'] .message")
    assert page.evaluate("document.activeElement.id") == anchor


def test_the_recording_plays(page: Any) -> None:
    """The browser decodes what was received, and finds it as long as it is."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    page.evaluate(PLAYED)
    assert abs(page.evaluate("document.querySelector('audio').duration") - 0.4) < 0.1


def test_a_line_can_be_copied(page: Any) -> None:
    """The button says that it did, and the clipboard has the line."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".cause summary").first.click()
    command = page.locator(".command:visible").first
    command.locator(".copy").click()
    command.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == command.locator("pre").text_content()


def test_the_keyboard_is_enough(page: Any) -> None:
    """Slash leads to the search; a cause opens with Enter; what has the focus is seen to have it."""
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.parentElement.className") == "cause":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.locator(".cause[open]").count() == 1


@pytest.mark.parametrize("page", [{"viewport": PHONE}, {"viewport": PHONE, "full": True}], indirect=True)
def test_a_phone_needs_no_sideways_scrolling(page: Any) -> None:
    """With everything open, nothing is wider than the screen."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("page", [{"color_scheme": "dark"}], indirect=True)
def test_the_dark_has_a_dark_ground(page: Any) -> None:
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"


def test_paper_gets_everything(page: Any) -> None:
    """Folds are open in print."""
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    document = page.pdf()
    assert document.startswith(b"%PDF")
    assert len(document) > 50_000
    assert page.locator("details:not([open])").count() == 0


@pytest.mark.parametrize("page", [{"full": True}], indirect=True)
def test_what_is_known_is_folded_found_and_linked_to(page: Any) -> None:
    """Closed at first; a search that only it matches leaves its fold, and a link into it opens all of them."""
    assert not page.is_visible(".known .cause")
    requirement = page.locator(".known .finding h3 code").last.text_content()
    page.fill("#search", requirement)
    assert page.is_visible(".known > summary")
    page.fill("#search", "no such words anywhere")
    assert not page.is_visible(".known > summary")
    page.click("button[type=reset]")
    anchor = page.evaluate("[...document.querySelectorAll('.known .finding')].at(-1).id")
    page.evaluate(f"location.hash = {anchor!r}")
    page.locator(f"[id='{anchor}'] .message").wait_for(state="visible")


@pytest.mark.parametrize(
    "page",
    [{"color_scheme": scheme, "full": full} for scheme in ("light", "dark") for full in (False, True)],
    indirect=True,
)
def test_axe_finds_nothing_serious(page: Any) -> None:
    """With everything open: contrast, names, roles, order."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = axe.Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in {"serious", "critical"}] == []
