"""Looking up by a marker finds what looking at everything finds, and looks at no more the more there is."""

from __future__ import annotations

import asyncio
import hashlib
import random
from typing import Any

import pytest

from mock_upstreams.acts import Act
from mock_upstreams.journal import CallFilter, Entry, Journal
from mock_upstreams.markers import grams
from mock_upstreams.requests import Address, ReceivedBody, ReceivedRequest, Upload
from mock_upstreams.scripts import Match, Script, ScriptBook

# Some alike, some too short to be indexed, one too long, some that change with their letter case (K is the Kelvin sign).
WORDS = (
    "mark3fa9n1z",
    "mark3fa9n11z",
    "MARK3fa9n1z",
    "hello",
    "Straßenbahn",
    "STRASSENBAHN",
    "\u212aelvin1234",
    "9" * 300,
)
UPLOADS = (None, b"one", b"two", b"three")


def request(text: str, data: bytes | None = None) -> ReceivedRequest:
    digest = hashlib.sha256(data or b"").hexdigest()
    upload = None if data is None else Upload("file", None, None, "", data, len(data), digest)
    body = ReceivedBody("json", fields=(("input", text),), upload=upload, size=len(text))
    return ReceivedRequest("POST", "/v1/audio/speech", (), (), Address("openai", "speech"), body)


def drawn(luck: random.Random) -> ReceivedRequest:
    glue = luck.choice((" ", "", "-"))
    return request(glue.join(luck.choices(WORDS, k=luck.randint(0, 3))), luck.choice(UPLOADS))


def marker_of(luck: random.Random) -> str:
    """A word or a piece of one, in its own letters or in others."""
    word = luck.choice(WORDS)
    start = luck.randint(0, 3)
    return luck.choice((str, str.upper, str.lower))(word[start : luck.choice((None, -1, 6))]) or word


def found(journal: Journal, wanted: CallFilter) -> list[int]:
    return [call.position for call in asyncio.run(journal.find(wanted))]


@pytest.mark.parametrize("seed", range(20))
def test_a_journal_finds_what_a_look_at_every_call_finds(seed: int) -> None:
    """By marker, upload, or either; after the oldest have been dropped, too."""
    luck = random.Random(seed)
    journal, kept = Journal(most_calls=40), list[Entry]()
    for _ in range(100):
        kept = [*kept, journal.record(drawn(luck))][-40:]
        digests = [hashlib.sha256(data).hexdigest() for data in UPLOADS if data] + [None]
        wanted = CallFilter(
            marker=luck.choice((None, marker_of(luck), marker_of(luck))),
            any_case=luck.random() < 0.3,
            or_sha256=luck.choice(digests),
            sha256=luck.choice((*digests, None, None)),
            since=luck.choice((0, 0, journal.position - 5)),
        )
        expected = [each.position for each in kept if each.position > wanted.since and wanted.matches(each)]
        assert found(journal, wanted) == expected, wanted


def test_a_cleared_journal_finds_nothing_of_before() -> None:
    journal = Journal()
    journal.record(request("mark3fa9n1z"))
    journal.clear()
    journal.record(request("mark3fa9n2z"))
    assert found(journal, CallFilter(marker="mark3fa9n1z")) == []
    assert found(journal, CallFilter(marker="mark3fa9n2z")) == [2]


@pytest.mark.parametrize("calls", [100, 3000])
def test_a_call_is_found_without_a_look_at_all_the_others(calls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = counted(CallFilter, monkeypatch)
    journal = Journal()
    for number in range(calls):
        journal.record(request(f"mark3fa9n{number}z. Hello there.", b"%d" % number))
    assert found(journal, CallFilter(marker="mark3fa9n17z")) == [18]
    assert found(journal, CallFilter(sha256=hashlib.sha256(b"17").hexdigest())) == [18]
    assert len(looked_at) <= 4


@pytest.mark.parametrize("scripts", [100, 3000])
def test_a_script_is_found_without_a_look_at_all_the_others(scripts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither those for other markers nor those that are used up are looked at."""
    looked_at = counted(Match, monkeypatch)
    book = ScriptBook()
    for _ in range(scripts):
        book.add(Script(Act(status=500)))
        assert book.take(request("any"))
    for number in range(scripts):
        book.add(Script(Act(status=503), Match(marker=f"mark3fa9n{number}z")))
    looked_at.clear()
    taken = book.take(request("mark3fa9n17z. Hello there."))
    assert taken
    assert taken.match.marker == "mark3fa9n17z"
    assert len(looked_at) == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_book_takes_the_newest_script_that_matches(seed: int) -> None:
    """As a look at every script from the newest on would, while scripts are added, used up and removed."""
    luck = random.Random(seed)
    book = ScriptBook()
    for _ in range(100):
        digest = luck.choice((None, None, hashlib.sha256(b"one").hexdigest()))
        match = Match(marker=luck.choice((None, marker_of(luck), marker_of(luck))), sha256=digest)
        book.add(Script(Act(status=500), match, luck.choice((1, 2, None)) if match.marker else 1))
        asked = drawn(luck)
        waiting = [each for each in reversed(book.all()) if each.left and each.match.matches(asked)]
        assert book.take(asked) is (waiting[0] if waiting else None)
        if luck.random() < 0.2:
            book.remove(luck.choice(book.all()).id)


def test_a_text_with_too_many_grams_is_not_indexed() -> None:
    """Else a client that sends noise would have the mock keep many times as much."""
    noise = random.Random(7).randbytes(2000).hex()
    assert grams(noise) is None
    assert grams("short words are no grams at all") == ()


def counted(kind: type, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Grows by one with each call of a filter's or a match's `matches`."""
    seen: list[Any] = []
    matches = kind.matches

    def counting(self: Any, candidate: Any) -> bool:
        seen.append(candidate)
        return matches(self, candidate)

    monkeypatch.setattr(kind, "matches", counting)
    return seen
