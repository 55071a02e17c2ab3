"""The HTML report: one file that fetches nothing, in which a gateway's answer is never markup."""

import re
import time
from html.parser import HTMLParser

import msgspec
import pytest

from conformance.reports.html import to_html, to_matrix_html
from conformance.reports.html.differences import differences
from conformance.reports.report import fold
from tests.conformance.reports.broken_run import broken
from tests.conformance.reports.samples import TOKEN, events

_FETCHING = {"src", "href", "action", "poster", "data", "srcset", "formaction"}


class Page(HTMLParser):
    """What a browser would make of it: the elements, the handlers, the addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.ids: list[str] = []
        self.policy = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        self.addresses += [value or "" for name, value in attrs if name in _FETCHING]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.ids += [given["id"] or ""] if "id" in given else []
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""


def test_the_page_fetches_nothing_and_allows_nothing_foreign() -> None:
    """Addresses lead to places in the page or hold their data; the policy names digests and no host."""
    page = Page(to_html(fold(broken())))

    assert all(address.startswith(("#", "data:audio/")) for address in page.addresses)
    assert page.policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in page.policy
    assert "http" not in page.policy
    assert page.tags.count("script") == page.tags.count("style") == 1
    assert not page.handlers


def test_every_link_leads_somewhere_and_no_place_has_two() -> None:
    """Deep links are what people send each other."""
    page = Page(to_html(fold(broken())))

    assert len(set(page.ids)) == len(page.ids)
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.ids)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style></script><b>"]
)
def test_an_answer_is_never_markup(text: str) -> None:
    """Wherever it stands: in a message, a header, a body, a field of a call, a reason, a media type."""
    tame = Page(to_html(fold(broken(text="words"))))
    wild = Page(to_html(fold(broken(text=text, body=text.encode() * 3))))

    assert set(wild.tags) <= set(tame.tags)
    assert wild.tags.count("script") == 1
    assert not wild.handlers


def test_the_recording_at_fault_can_be_heard_and_seen() -> None:
    """Its bytes are in the page, its loudness is drawn."""
    text = to_html(fold(broken()))

    assert text.count("<audio ") == 1
    assert 'src="data:audio/mpeg;base64,UklGR' in text
    assert len(re.findall(r'<svg class="wave".*?</svg>', text, re.DOTALL)[0].split("<rect")) > 50


def test_both_sides_the_script_and_the_lines_to_copy_are_there() -> None:
    """In the order in which it went over the wire."""
    text = to_html(fold(broken(1)))
    places = [text.index(f">{way}<") for way in ("client → gateway", "gateway → provider", "provider → gateway")]

    assert places == sorted(places)
    assert text.index("gateway → client") > places[-1]
    assert "(9000 characters)" in text
    assert "$GATEWAY_TOKEN" in text
    assert "audio-conformance run T --select speech." in text
    assert "declare limited_tokens.rate_limit" in text
    assert "speech: median 24.5 ms" in text


def test_a_body_stands_in_the_page_once() -> None:
    """Where another finding had the same answer, a link leads there."""
    text = to_html(fold(broken(8, body=b'{"error": "' + b"again and again " * 60 + b'"}')))

    assert text.count("again and again " * 60) == 1
    assert "The same body as in" in text


@pytest.mark.slow
def test_400_findings_take_less_than_3_mb_and_5000_not_much_more() -> None:
    """What is left out is counted and lies in report.json."""
    few, many = (len(to_html(fold(broken(count, each=4))).encode()) for count in (400, 5000))

    assert few < 3_000_000
    assert many < 5_000_000


@pytest.mark.slow
def test_5000_findings_are_reported_in_seconds() -> None:
    """Processor time, so that a busy machine does not decide."""
    ledger = broken(5000)
    began = time.process_time()
    text = to_html(fold(ledger))

    assert time.process_time() - began < 5
    assert "more findings, in report.json" in text


def test_a_conforming_run_says_so() -> None:
    """No cause, no filter for one."""
    start, left, _, passed, *_, end = events()
    text = to_html(fold((start, left, passed, msgspec.structs.replace(passed, requirement="a.should"), end)))

    assert "No violation was found" in text
    assert 'class="pill good"' in text


def test_words_that_differ_are_marked_and_unlike_texts_are_left_alone() -> None:
    """Marks help where most is the same."""
    left, right = differences("status 400 for it", "status 500 for it")
    assert [(piece.text, piece.differs) for piece in right] == [("status ", False), ("500", True), (" for it", False)]
    assert [piece.text for piece in left if piece.differs] == ["400"]
    assert [piece.differs for piece in differences("all of this", "<html>")[1]] == [False]


def test_a_matrix_shows_every_requirement_by_section() -> None:
    """Verdicts of two runs side by side, with how many hold in each section."""
    text = to_matrix_html(["one", "<two>"], [fold(broken()), fold(events())])

    assert "&lt;two&gt;" in text
    assert ">Answers<" in text
    assert "1 of 2 kept" in text
    assert "a.unknown" in text
    assert TOKEN not in text
