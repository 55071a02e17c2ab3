"""What counts as a credential: the headers that carry one, and the length from which one is recognised in other text."""

from __future__ import annotations

import base64

# The headers by which a gateway authenticates itself to a provider, in lower case.
CREDENTIAL_HEADERS = frozenset({"authorization", "api-key", "x-api-key"})
# The headers whose values no report may show, in lower case.
SECRET_HEADERS = CREDENTIAL_HEADERS | {"cookie"}
# A secret of fewer characters stands by chance inside other words.
RECOGNISABLE_LENGTH = 8


def in_base64(token: str) -> tuple[str, ...]:
    """The part of the token's base64 that does not depend on the text around it, for each of three possible offsets.

    None for a token so short that its base64 may stand in a text by chance.
    """
    if len(token) < RECOGNISABLE_LENGTH:
        return ()
    data = token.encode()
    coded = (base64.b64encode(bytes(lead) + data[: (len(data) + lead) // 3 * 3 - lead]) for lead in range(3))
    return tuple(text.decode()[(lead * 4 + 2) // 3 :] for lead, text in enumerate(coded))
