"""The bytes of recorded uploads, by the position of their call: equal ones are kept once, as tests send the same again."""

from __future__ import annotations

from collections import Counter, OrderedDict


class KeptUploads:
    """Keeps the latest uploads, at most `most_bytes` of bytes that differ."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._digests: OrderedDict[int, str] = OrderedDict()
        self._data: dict[str, bytes] = {}
        self._calls: Counter[str] = Counter()

    def keep(self, position: int, digest: str, data: bytes) -> None:
        """Keeps the upload of a call in place of the oldest ones; `digest` is its SHA-256."""
        self._digests[position] = digest
        self._calls[digest] += 1
        if self._calls[digest] == 1:
            self._data[digest] = data
            self._bytes += len(data)
        while self._bytes > self._most_bytes:
            self.drop(next(iter(self._digests)))

    def find(self, position: int) -> bytes | None:
        """Returns the upload of a call; None where it had none, or is not kept any more."""
        digest = self._digests.get(position)
        return None if digest is None else self._data[digest]

    def drop(self, position: int) -> None:
        """Forgets the upload of a call, if it has one."""
        digest = self._digests.pop(position, None)
        if digest is None:
            return
        self._calls[digest] -= 1
        if not self._calls[digest]:
            del self._calls[digest]
            self._bytes -= len(self._data.pop(digest))
