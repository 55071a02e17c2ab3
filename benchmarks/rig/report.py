"""Figures on standard output, and the promises that they keep or break."""

import sys


class Report:
    """Prints as it goes; ``status`` is 1 once a promise was broken."""

    def __init__(self) -> None:
        self.broken: list[str] = []

    def say(self, text: str) -> None:
        """Print a line of figures at once."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def promise(self, text: str, *, kept: bool) -> None:
        """Print whether a promise was kept."""
        self.say(f"  {'kept  ' if kept else 'BROKEN'} {text}")
        if not kept:
            self.broken.append(text)

    @property
    def status(self) -> int:
        """The exit status."""
        return 1 if self.broken else 0

    def close(self) -> int:
        """Print the end of the story; the exit status."""
        self.say(f"{len(self.broken)} promises BROKEN" if self.broken else "all promises kept")
        return self.status
