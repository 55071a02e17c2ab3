"""Keys that a gateway relays: the provider judges them, and the mock in its place takes any."""

from __future__ import annotations

from conformance.drive.case import Case
from conformance.errors import NotVerified
from conformance.http.exchange import Exchange


def seen_by_a_provider_of_keys(case: Case, exchange: Exchange) -> Exchange:
    """The exchange of a request without the client's key, if the provider did not let it in for being the mock.

    Raises NotVerified where the gateway relays keys and showed the provider another than the client's ("Bearer undefined",
    say): a provider that knows its keys would have refused it.
    """
    if case.target.credentials != "relayed" or case.mock is None:
        return exchange
    shown = {value for call in case.calls() for name, value in call.headers if name.lower() == "authorization"}
    if shown and not any(value.partition(" ")[2].strip() == case.target.token for value in shown):
        raise NotVerified("the gateway relayed another key, which only the mock takes", exchange)
    return exchange
