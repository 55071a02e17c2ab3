"""A clock that stands still until a test moves it."""

from dataclasses import dataclass

START_US = 1_800_000_000_000_000


@dataclass(slots=True)
class Clock:
    """Microseconds; call it to read it."""

    now_us: int = START_US

    def __call__(self) -> int:
        return self.now_us

    def advance(self, seconds: float) -> None:
        self.now_us += round(seconds * 1_000_000)
