"""What the two faces have in common: the interface, and the policy that the mock was started with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mock_upstreams.errors import ProviderRefusal
from mock_upstreams.models import KnownModels
from mock_upstreams.requests import Address, FaceName, Operation, ReceivedRequest
from mock_upstreams.responses import Response

Headers = tuple[tuple[str, str], ...]
OPERATIONS: dict[str, Operation] = {
    "speech": "speech",
    "transcriptions": "transcription",
    "translations": "translation",
}
"""The last segment of a path to its operation."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What clients must comply with. `keys` empty: any key that is not empty will do."""

    known: KnownModels
    strict: bool = False
    keys: frozenset[str] = frozenset()

    def knows_key(self, key: str) -> bool:
        """Tells whether a client with this key is admitted."""
        return key in self.keys if self.keys else bool(key)


class Face(Protocol):
    """One provider's dialect. Refusals are raised as `ProviderRefusal` and written by `refusal`."""

    name: FaceName

    def address(self, segments: Sequence[str]) -> Address | None:
        """Returns what the decoded segments of a path address, `None` where it is none of this face's."""

    def admit(self, request: ReceivedRequest, policy: Policy) -> None:
        """Checks key, method and what else the provider checks first. Raises ProviderRefusal."""

    def resolve(self, request: ReceivedRequest, policy: Policy) -> str:
        """Returns the model that a request is for. Raises ProviderRefusal."""

    def refusal(self, error: ProviderRefusal) -> Response:
        """Returns a refusal as the provider's response."""

    def headers(self, request: ReceivedRequest, response: Response, request_id: str, milliseconds: int) -> Headers:
        """Returns the headers that the provider adds to a response."""
