"""What the two faces have in common: the interface, and the policy that the mock was started with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mock_upstreams.answers import Answer
    from mock_upstreams.arrivals import Address, Arrival, FaceName, Operation
    from mock_upstreams.errors import MockProviderError
    from mock_upstreams.known import Known

__all__ = ["OPERATIONS", "Face", "Policy"]

OPERATIONS: dict[str, Operation] = {
    "speech": "speech",
    "transcriptions": "transcription",
    "translations": "translation",
}
"""The last segment of a path to its operation."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What callers must comply with. ``keys`` empty: any key that is not empty will do."""

    known: Known
    strict: bool = False
    keys: frozenset[str] = frozenset()

    def knows_key(self, key: str) -> bool:
        """Tell whether a caller with this key is let in."""
        return key in self.keys if self.keys else bool(key)


class Face(Protocol):
    """One provider's wire. Refusals are raised as ``MockProviderError`` and put into words by ``refusal``."""

    name: FaceName

    def address(self, path: str) -> Address | None:
        """Return what a decoded path means, ``None`` where it is none of this face's."""

    def admit(self, arrival: Arrival, policy: Policy) -> None:
        """Check key, method and what else the path's owner checks first. Raises MockProviderError."""

    def resolve(self, arrival: Arrival, policy: Policy) -> str:
        """Return the model that is to work. Raises MockProviderError."""

    def refusal(self, error: MockProviderError) -> Answer:
        """Return the answer that the provider gives for a refusal."""

    def headers(self, request_id: str, milliseconds: int) -> dict[str, str]:
        """Return the headers that every answer of the provider has."""
