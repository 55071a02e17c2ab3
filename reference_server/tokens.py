"""Knows the gateway's tokens by their hashes, and who holds them by name.

Contract: introduction; rulings, Statuses, 401.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from reference_server.errors import InvalidToken

_MOST_REMEMBERED = 1000


def digest(token: str) -> bytes:
    """The form in which a token is kept."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class Tokens:
    """`digests`: name of the holder -> `digest` of the token."""

    def __init__(self, digests: Mapping[str, bytes]) -> None:
        self._digests = tuple(digests.items())
        self._admitted: dict[str, str] = {}

    def holder(self, authorization: str | None) -> str:
        """The holder's name. Compares with every token in constant time. Raises InvalidToken.

        A header that was valid is remembered, as it was written: there are few of them, and a wrong one is never among them.
        """
        known = self._admitted.get(authorization or "")
        return self._compared(authorization or "") if known is None else known

    def _compared(self, authorization: str) -> str:
        scheme, _, token = authorization.strip().partition(" ")
        presented = digest(token.strip())
        found = [name for name, known in self._digests if hmac.compare_digest(known, presented)]
        if scheme.lower() != "bearer" or not token.strip() or not found:
            raise InvalidToken
        if len(self._admitted) < _MOST_REMEMBERED:
            self._admitted[authorization] = found[0]
        return found[0]
