"""What can go wrong with a limit.

LimitError
├── LimitExceeded           the caller asked for more than it may have (429)
├── LimitStoreUnavailable   the counts cannot be read, so nothing is let through (fail closed)
└── LimitStoreMisconfigured the store named in the configuration cannot be opened (at start)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


class LimitError(Exception):
    """Base of everything that this package raises on purpose."""


@dataclass(frozen=True, slots=True)
class Excess:
    """One limit that a request went over, with its figures.

    `limit_name` is one of `rate_limit`, `budget`, `max_characters`, `max_upload_bytes`, `max_audio_seconds`;
    `scope` says whose limit it is ("this token", ...). `figures` holds plain numbers and decimal strings, fit for JSON.
    `retry_after_s` is a whole number of seconds, at least 1, or None where waiting does not help.
    """

    limit_name: str
    scope: str
    message: str
    figures: Mapping[str, int | float | str] = field(default_factory=lambda: MappingProxyType({}))
    retry_after_s: int | None = None


class LimitExceeded(LimitError):
    """The request is refused; nothing of it was counted. Contract: Errors, 429."""

    def __init__(self, excess: Excess) -> None:
        super().__init__(excess.message)
        self.excess = excess

    @property
    def limit_name(self) -> str:
        """Which kind of limit refused: see `Excess.limit_name`."""
        return self.excess.limit_name

    @property
    def message(self) -> str:
        """One sentence that names the limit and its figures; safe to show to the caller."""
        return self.excess.message

    @property
    def figures(self) -> Mapping[str, int | float | str]:
        """The figures of the message, by name."""
        return self.excess.figures

    @property
    def retry_after_s(self) -> int | None:
        """Whole seconds for the `Retry-After` header, at least 1; None where waiting does not help."""
        return self.excess.retry_after_s


class LimitStoreUnavailable(LimitError):
    """The store did not answer properly and in time.

    The message is safe to show to the caller; `detail` (which may name hosts) is for the log.
    """

    hint = "Check that the Valkey server of `store.url` runs, accepts writes and answers within `store.timeout_s`."

    def __init__(self, detail: str) -> None:
        super().__init__("The usage limits cannot be checked at the moment. Try again shortly.")
        self.detail = detail

    @property
    def message(self) -> str:
        """One sentence for the caller, without any detail of the installation."""
        return str(self)


class LimitStoreMisconfigured(LimitError):
    """The store's settings cannot work, whatever state the store is in; raised at start."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem} {hint}")
        self.problem = problem
        self.hint = hint
