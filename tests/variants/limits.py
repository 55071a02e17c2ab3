"""Legal gateways with limits of their own making: budgets that are booked late, a full house that says 503."""

from __future__ import annotations

import time
from collections import Counter

from reference_server.asgi import App, Receive, Scope, Send
from tests.mutants.exchange import asked_of, error_answer
from tests.mutants.fault import Fault, Settings
from tests.mutants.place import LIMITED
from tests.variants.variant import Variant


def _booked_late(total: int, late_s: float) -> Fault:
    """The budget of a token; what a request costs is booked so many seconds after it was served."""

    def unlimited(settings: Settings) -> None:
        del settings["limits"]["tokens"]["spent"]

    def around(app: App) -> App:
        served_at: list[float] = []

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            request = asked_of(scope, 0) if scope["type"] == "http" else None
            if not request or not request.route or request.header("authorization") != f"Bearer {LIMITED['spent']}":
                await app(scope, receive, send)
                return
            if sum(time.monotonic() - at >= late_s for at in served_at) >= total:
                await error_answer(429, "The budget is spent.").send(send)
                return
            await app(scope, receive, send)
            served_at.append(time.monotonic())

        return wrapped

    return Fault(around=(around,), settings=(unlimited,))


def room_for(most: int, status: int) -> Fault:
    """A limit of its own of requests in flight, told by a status that says not when to come back."""

    def around(app: App) -> App:
        inside: set[int] = set()

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            if len(inside) >= most:
                await error_answer(status, "Too many requests at a time.").send(send)
                return
            inside.add(id(scope))
            try:
                await app(scope, receive, send)
            finally:
                inside.discard(id(scope))

        return wrapped

    return Fault(around=(around,))


def silent_quota(most: int) -> Fault:
    """So many requests a day for each token, and no word of when there will be more. No variant: it leaves much undecided."""

    def around(app: App) -> App:
        asked: Counter[str] = Counter()

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            request = asked_of(scope, 0) if scope["type"] == "http" else None
            token = request.header("authorization") if request and request.route else None
            if token is not None:
                asked[token] += 1
                if asked[token] > most:
                    await error_answer(429, "Too many requests.").send(send)
                    return
            await app(scope, receive, send)

        return wrapped

    return Fault(around=(around,))


VARIANTS = (
    Variant("budget-booked-late", _booked_late(3, 0.4), "Statuses: a budget that is spent MUST 429; when it is booked is not said"),
    Variant("full-house-503", room_for(6, 503), "an accusation stands alone: a crowd that is held off is none"),
)  # fmt: skip
