"""Knows the gateway's tokens by their hashes, and who holds them by name.

Contract: introduction; rulings, Statuses, 401.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from reference_server.errors import InvalidToken


def digest(token: str) -> bytes:
    """The form in which a token is kept."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class Tokens:
    """`digests`: name of the holder -> `digest` of the token; of two holders of one token the first counts."""

    def __init__(self, digests: Mapping[str, bytes]) -> None:
        self._holders = {known: name for name, known in reversed(tuple(digests.items()))}

    def holder(self, authorization: str | None) -> str:
        """The holder's name. Raises InvalidToken.

        Looked up by the hash, however many tokens there are: how long that takes tells of hashes, which nobody can steer
        towards a known one.
        """
        scheme, _, token = (authorization or "").strip().partition(" ")
        holder = self._holders.get(digest(token.strip()))
        if scheme.lower() != "bearer" or not token.strip() or holder is None:
            raise InvalidToken
        return holder
