"""What counts as a credential: the headers that carry one, and the length from which one is recognised in other text."""

from __future__ import annotations

# The headers by which a gateway authenticates itself to a provider, in lower case.
CREDENTIAL_HEADERS = frozenset({"authorization", "api-key", "x-api-key"})
# The headers whose values no report may show, in lower case.
SECRET_HEADERS = CREDENTIAL_HEADERS | {"cookie"}
# A secret of fewer characters stands by chance inside other words.
RECOGNISABLE_LENGTH = 8
