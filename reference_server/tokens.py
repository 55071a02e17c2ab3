"""Knows the gateway's tokens by their hashes, and who holds them by name.

Contract: introduction; rulings, Statuses, 401.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from reference_server.asgi import Scope
from reference_server.errors import InvalidToken

_HOLDER = "holder"


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

    def holder_of(self, scope: Scope) -> str:
        """The holder of the token that came with a request; looked up once, whoever asks. Raises InvalidToken."""
        state = scope.setdefault("state", {})
        if _HOLDER not in state:
            given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
            state[_HOLDER] = None
            state[_HOLDER] = self.holder(given.decode("latin-1"))
        holder: str | None = state[_HOLDER]
        if holder is None:
            raise InvalidToken
        return holder
