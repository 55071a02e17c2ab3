"""One simulated client: a connection of its own, kept from request to request."""

from __future__ import annotations

from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Exchange, Request
from conformance.http.pool import Pool
from conformance.target import DEFAULT_TIMEOUT_S, Target

# A judge must not give up on a gateway just when the gateway's own time for the provider ends.
_GRACE_S = 5.0
_CUT_SHORT = "complete message body"


class Client:
    """Sends one request at a time, and waits for no limit: what the gateway says under load is what is measured."""

    def __init__(self, endpoint: Endpoint, target: Target) -> None:
        self._timeout_s = (target.timeout_s or DEFAULT_TIMEOUT_S) + _GRACE_S
        self._kept = Pool(1, endpoint)
        self._fresh = Pool(0, endpoint)
        self._used = False

    def close(self) -> None:
        self._kept.close()
        self._fresh.close()

    def send(self, request: Request) -> tuple[Exchange, bool]:
        """The exchange, and whether the request went out twice.

        A gateway may close a kept connection just when a request is on its way (RFC 9112, 9.3.1): that request is sent
        again on a fresh one. An answer that is cut short is the gateway's fault and stays.
        """
        first = self._kept.exchange(request, self._timeout_s)
        closed = self._used and first.broken and _CUT_SHORT not in (first.error or "")
        self._used = first.answer is not None
        return (self._fresh.exchange(request, self._timeout_s), True) if closed else (first, False)
