"""Base64 as clients send it, decoded piece by piece from a buffer into a file.

The alphabet is strict; padding may be absent, the URL-safe letters and line breaks are taken too.
Contract: rulings, Statuses, "`audio.data` that no base64 variant decodes".
"""

from __future__ import annotations

import binascii
from typing import IO

_PIECE = 96 * 1024
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_BLANKS = b" \t\r\n"


def decode_into(text: memoryview, file: IO[bytes]) -> int:
    """Writes what `text` encodes to `file` and returns the number of bytes written.

    Raises ValueError when no variant of base64 reads so.
    """
    written, carried = 0, b""
    for start in range(0, len(text), _PIECE):
        letters = carried + bytes(text[start : start + _PIECE]).translate(_URL_SAFE, _BLANKS)
        # The last quantum waits, so that padding is only ever seen at the end of the text.
        whole = max(0, (len(letters) - 1) // 4 * 4)
        carried = letters[whole:]
        if b"=" in letters[:whole]:
            raise ValueError("padding before the end")
        written += file.write(binascii.a2b_base64(letters[:whole], strict_mode=True))
    return written + file.write(_last_quantum(carried))


def _last_quantum(letters: bytes) -> bytes:
    bare = letters.rstrip(b"=")
    if len(letters) > 4 or len(bare) == 1 or (bare != letters and len(letters) != 4) or len(letters) - len(bare) > 2:
        raise ValueError("a number of letters that no padding makes whole")
    return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4), strict_mode=True)
