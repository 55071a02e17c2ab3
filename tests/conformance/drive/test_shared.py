"""What checks of one run share is made once, also where many ask at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor

from conformance.drive.shared import Shared
from tests.conformance.generated.cases import case

_TOGETHER = 8


class Counter:
    """Counts how many of it were made, slowly enough for others to ask meanwhile."""

    made = 0

    def __init__(self) -> None:
        threading.Event().wait(0.01)
        Counter.made += 1


def test_whoever_asks_first_makes_it() -> None:
    """All others get the same one; another kind is another value."""
    shared, start = Shared(), threading.Barrier(_TOGETHER)

    def ask(_: int) -> Counter:
        start.wait()
        return shared.get(Counter)

    with ThreadPoolExecutor(_TOGETHER) as pool:
        found = set(pool.map(ask, range(_TOGETHER)))

    assert (len(found), Counter.made) == (1, 1)
    assert shared.get(list) is shared.get(list)


def test_the_examples_of_a_case_share_what_the_case_does() -> None:
    """And cases of another run do not."""
    first, other = case(), case()

    assert first.example().shared is first.shared
    assert other.shared is not first.shared
