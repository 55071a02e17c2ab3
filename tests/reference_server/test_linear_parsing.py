"""What parses a client's text takes work in proportion to its length, whatever the text.

Regular expressions take no steps that a test could count, so the processor's time for a text and for one four times as
long is compared: sixteen times as much is quadratic, however fast or busy the machine is.
"""

import time
from collections.abc import Callable

import httpx
import pytest

from reference_server.decoding.header_values import names, parse
from reference_server.upstreams.local_engines.speakable import pieces, speakable
from reference_server.upstreams.provider_errors import reason_of
from tests.servers import RunningGateway

QUADRATIC = 16
LINEAR = 4
BETWEEN = (QUADRATIC * LINEAR) ** 0.5 + 1
SHORT, RUNS = 14_000, 7

UNITS = [
    '; a=""b', '; a="', '; a="b', '; a="\\', '; a="\\"', "; a", ";", "; ", " ", '"', "\\", '\\"', ";a=b", "; a=b;", "=",
    "; filename*=", "; filename*", "; boundary=", "; boundary= ", ";boundary", '; boundary="', "%22", "a", "'", "; a*0=",
]  # fmt: skip


def _speech(text: str) -> None:
    list(pieces(speakable(text)))


def _reason(text: str) -> None:
    reason_of(text, "", text)


def _seconds(parser: Callable[[str], object], text: str) -> float:
    """The least that several runs took of the processor: what disturbs a run only adds to it."""
    took = []
    for _ in range(RUNS):
        began = time.thread_time()
        parser(text)
        took.append(time.thread_time() - began)
    return min(took)


def _growth(parser: Callable[[str], object], unit: str, size: int = SHORT) -> float:
    short, long = (unit * (length // len(unit)) for length in (size, size * 4))
    return _seconds(parser, f"x{long}") / max(_seconds(parser, f"x{short}"), 20e-6)


@pytest.mark.parametrize("parser", [parse, names], ids=["Content-Type", "Content-Disposition"])
@pytest.mark.parametrize("unit", UNITS)
def test_a_header_value_costs_in_proportion(parser: Callable[[str], object], unit: str) -> None:
    """Quotes that never close, escapes, blanks, parameters without end."""
    assert _growth(parser, unit) < BETWEEN


@pytest.mark.parametrize("unit", ["a", ".", "1", "<a>", "'", "-", "'-", " .", "=", "a,", "1:", "a. ", "\u0301", "9 "])
def test_a_text_to_speak_costs_in_proportion(unit: str) -> None:
    """The local engine's text is made plain within its process's time, but never costs more than its length."""
    assert _growth(_speech, unit, 2000) < BETWEEN


@pytest.mark.parametrize("unit", ["audio ", "file", "a", " ", "audio too "])
def test_a_providers_message_costs_in_proportion(unit: str) -> None:
    """A provider is not trusted to be brief."""
    assert _growth(_reason, unit) < BETWEEN


def test_the_measure_tells_quadratic_work() -> None:
    """The same comparison catches a parser that looks at the whole rest for every quote."""

    def quadratic(text: str) -> int:
        return sum(text.count('"', at) for at in range(0, len(text), 7))

    assert _growth(quadratic, '; a=""b') > BETWEEN


@pytest.mark.parametrize("unit", ['; a=""b', "; a=", '; boundary="'])
def test_a_hostile_content_type_is_refused(gateway: RunningGateway, client: httpx.Client, unit: str) -> None:
    """56 kB of it: 400, and the next request is served."""
    headers = {"Content-Type": "multipart/form-data" + unit * (56_000 // len(unit))}
    assert client.post("/audio/transcriptions", headers=headers, content=b"--b--\r\n").status_code == 400
    assert client.post("/audio/speech", json={"model": "tts-1", "input": "Hi."}).status_code == 200
