"""Circuit breakers: gateways that refuse all requests of an operation for a while after several failed in a row."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.exchange import error_answer
from tests.mutants.fault import Fault

FAILURES = 5
_SERVED = 200


def rests(seconds: float, status: int, counts: Callable[[int], bool], *, retry_after: bool = False) -> Fault:
    """Rests an operation for `seconds` after FAILURES responses in a row whose status `counts`; a 200 starts anew.

    While the gateway drains it says so, and not that it rests.
    """

    def around(app: App) -> App:
        failed: defaultdict[str, int] = defaultdict(int)
        until: defaultdict[str, float] = defaultdict(float)

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            path = scope.get("path", "")
            if "/audio/" not in path:
                await app(scope, receive, send)
                return
            draining = getattr(app, "drain", None) is not None and app.drain.draining
            if time.monotonic() < until[path] and not draining:
                refusal = error_answer(status, "The provider is cooling down.")
                await (refusal.with_header("retry-after", f"{seconds:.0f}") if retry_after else refusal).send(send)
                return

            async def counting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    failed[path] = _count(failed[path], message["status"], counts)
                    if failed[path] >= FAILURES:
                        failed[path], until[path] = 0, time.monotonic() + seconds
                await send(message)

            await app(scope, receive, counting)

        return wrapped

    return Fault(around=(around,))


def _count(before: int, status: int, counts: Callable[[int], bool]) -> int:
    if status == _SERVED:
        return 0
    return before + counts(status)


def by_provider(status: int) -> bool:
    """A failure of the provider's own making, as the reference answers it."""
    return status >= 500


def by_anyone(status: int) -> bool:
    """Any request that was not served but for its token."""
    return status >= 400 and status != 401
