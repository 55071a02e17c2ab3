"""Methods, paths and connections: does the gateway behave as an HTTP server should?"""

from __future__ import annotations

from conformance.http.exchange import Exchange, Finding


def neither_served_nor_failed(exchange: Exchange, *, because: str) -> Finding | None:
    """An answer that is neither 2xx nor 5xx."""
    if exchange.status is not None and not 200 <= exchange.status < 300 and exchange.status < 500:
        return None
    return Finding(
        f"{because}: neither refused nor redirected", "a status that is no 2xx and no 5xx", exchange.got, (exchange,)
    )
