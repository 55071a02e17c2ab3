"""The inspector in a browser: the last requests, whoever sent them, as they come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.reference_server.playground.pages import until
from tests.servers import RunningGateway

pytestmark = pytest.mark.slow(about_s=10)

Open = Callable[..., Any]
HOSTILE = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"
SAY = {"model": "tts-1", "input": "Watch me pass.", "response_format": "wav"}


def _inspected(page: Any) -> Any:
    page.get_by_role("tab", name="Inspector").click()
    page.locator("#inspector-state").filter(has_text="equests").wait_for()
    return page


def _row(page: Any, response: httpx.Response) -> Any:
    row = page.locator(".exchange").filter(has_text=response.headers["x-request-id"])
    row.wait_for()
    return row


def test_a_request_shows_up_as_it_comes(open_page: Open, client: httpx.Client) -> None:
    """Status, id, model and provider in its row; times, headers and both bodies within."""
    page = _inspected(open_page())
    spoken = client.post("/audio/speech", json=SAY)
    row = _row(page, spoken)
    assert "200" in row.locator(".status").first.inner_text()
    assert "tts-1 → mock" in row.inner_text()
    row.get_by_role("button").first.click()
    row.locator(".sides audio").wait_for()
    shown = row.inner_text()
    for expected in ("Response began after", "Watch me pass.", "Request received after"):
        assert expected in shown
    for headers in row.locator("summary").all():
        headers.click()
    assert "(not kept)" in row.inner_text()
    assert client.headers["authorization"] not in row.inner_text()


def test_an_upload_is_shown_in_its_parts(open_page: Open, client: httpx.Client) -> None:
    """Fields, and the recording to be heard."""
    audio = client.post("/audio/speech", json=SAY).content
    page = _inspected(open_page())
    form = {"model": "whisper-1", "prompt": "keep an ear out"}
    said = client.post("/audio/transcriptions", data=form, files={"file": ("a b.wav", audio)})
    row = _row(page, said)
    row.get_by_role("button").first.click()
    row.locator(".sides audio").wait_for()
    assert "file: a b.wav" in row.inner_text()
    assert "keep an ear out" in row.inner_text()
    assert '"text": "Watch me pass."' in row.inner_text()


def test_replay(open_page: Open, client: httpx.Client, control: httpx.Client) -> None:
    """The same bytes again, answered as they are now."""
    page = _inspected(open_page(expected=(500,)))
    marked = {**SAY, "input": "Once more, with feeling."}
    row = _row(page, client.post("/audio/speech", json=marked))
    row.get_by_role("button").first.click()
    control.post("/scripts", json={"act": {"status": 503}}).raise_for_status()
    row.get_by_role("button", name="Replay").click()
    row.get_by_text("Answered 500").wait_for()
    row.get_by_role("button", name="Replay").click()
    row.get_by_text("Answered 200").wait_for()
    calls = control.get("/journal", params={"marker": marked["input"]}).json()["calls"]
    assert len(calls) == 3
    assert all(call["fields"] == calls[0]["fields"] for call in calls)
    page.locator("#exchanges .exchange").filter(has_text="500").first.wait_for()


def test_what_is_in_flight_and_what_becomes_of_it(open_page: Open, client: httpx.Client, control: httpx.Client) -> None:
    """A held call is seen waiting, then done, in the same row."""
    page = _inspected(open_page())
    control.post("/scripts", json={"act": {"hold": "inspected"}, "match": {"marker": "Hold me"}}).raise_for_status()
    answers: list[httpx.Response] = []
    caller = threading.Thread(
        target=lambda: answers.append(client.post("/audio/speech", json={**SAY, "input": "Hold me."}))
    )
    caller.start()
    row = page.locator(".exchange").first
    row.filter(has_text="in flight").wait_for()
    page.get_by_label("Status").select_option("in flight")
    page.get_by_text("1 of").wait_for()
    page.get_by_label("Status").select_option("all")
    control.post("/gates/inspected/release", json={"all": True}).raise_for_status()
    caller.join(20)
    assert "in flight" not in _row(page, answers[0]).inner_text()


def test_filters(open_page: Open, client: httpx.Client) -> None:
    """By words in any field, by status; what does not fit is away, and back when the filter goes."""
    page = _inspected(open_page())
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("No requests yet").wait_for()
    spoken = client.post("/audio/speech", json=SAY)
    refused = client.post("/audio/speech", json={"model": "nope", "input": "x"})
    _row(page, refused)
    rows = page.locator(".exchange")
    page.get_by_role("searchbox", name="Filter").fill("model_not_found")
    assert refused.headers["x-request-id"] in rows.inner_text()
    page.get_by_role("searchbox", name="Filter").fill("")
    page.get_by_label("Status").select_option("2xx")
    assert spoken.headers["x-request-id"] in rows.inner_text()
    page.get_by_label("Status").select_option("all")
    assert rows.count() == 2


def test_pause(open_page: Open, client: httpx.Client) -> None:
    """Nothing moves while somebody reads; then all of it is there."""
    page = _inspected(open_page())
    page.get_by_role("button", name="Pause").click()
    assert page.get_by_role("button", name="Pause").get_attribute("aria-pressed") == "true"
    spoken = client.post("/audio/speech", json=SAY)
    assert not page.locator(".exchange").filter(has_text=spoken.headers["x-request-id"]).is_visible()
    page.get_by_role("button", name="Pause").click()
    _row(page, spoken)


def test_nothing_of_a_request_is_markup(open_page: Open, client: httpx.Client) -> None:
    """In the path, the query, a field's name and value, a file's name, a header, an error: text, all of it."""
    page = _inspected(open_page())
    client.headers["x-hostile"] = HOSTILE
    answers = [
        client.post("/audio/speech", json={"model": HOSTILE, "input": HOSTILE, HOSTILE: HOSTILE}),
        client.post("/audio/speech", json={**SAY, "input": HOSTILE}, params={HOSTILE: HOSTILE}),
        client.post(f"/{HOSTILE}"),
        client.post(
            "/audio/transcriptions", data={"model": "whisper-1", HOSTILE: HOSTILE}, files={HOSTILE: (HOSTILE, b"x")}
        ),
    ]
    for answer in answers:
        row = _row(page, answer)
        row.get_by_role("button").first.click()
        row.locator(".side").nth(1).wait_for()
    until(page, "document.querySelectorAll('.side .parts').length >= 8")
    page.get_by_text(HOSTILE).locator("visible=true").first.wait_for()
    assert page.title() == "Audio gateway playground"
    assert page.locator("#exchanges img, #exchanges script").count() == 0


def test_it_needs_the_token(open_page: Open, playing: RunningGateway, client: httpx.Client) -> None:
    """Without one nothing is shown; with a wrong one neither; it is asked again when the token is right."""
    spoken = client.post("/audio/speech", json=SAY)
    page = open_page(token="cpeer_wrong", expected=(401,))
    page.get_by_role("tab", name="Inspector").click()
    page.get_by_text("This token is not valid.").nth(1).wait_for()
    assert page.locator(".exchange").count() == 0
    page.get_by_label("API token").fill(playing.token)
    page.get_by_label("API token").press("Enter")
    _row(page, spoken)
