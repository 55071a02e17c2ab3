"""A provider's failures that become whole answers. Which error they become is open in the dialect, but an error it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.behind import Told, misreports
from tests.mutants.conditions import on
from tests.mutants.dialect.streams import dialect
from tests.mutants.exchange import ROUTES, Answer, Asked, asked_of, error_answer
from tests.mutants.fault import Fault, Mutant, Settings
from tests.mutants.recipes import transcript

_PATIENCE_S = 0.5
_TOLD: dict[str, Callable[[Told], bool]] = {
    "status-401": lambda told: told.status == 401,
    "status-403": lambda told: told.status == 403,
    "status-503": lambda told: told.status == 503,
    "misleading-words": lambda told: told.status == 500,
    "rough-error": lambda told: told.status in {400, 500},
    "limit": lambda told: told.status == 429,
    "reset-before-headers": lambda told: bool(told.trouble),
}


def _made_up(route: str) -> Callable[[Asked, Answer], Answer]:
    """An answer that no provider gave."""
    sound = Answer(200, (("x-request-id", "req_made_up"),)).with_body(b"ID3\x04" + bytes(40), "audio/mpeg")
    return lambda _, __: sound if route == "speech" else transcript("")


def _impatient(route: str) -> Fault:
    """A provider is waited for no longer than half a second."""

    def around(app: App) -> App:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            begun = asyncio.Event()

            async def noted(message: Message) -> None:
                begun.set()
                await send(message)

            if scope["type"] != "http" or asked_of(scope, 0).route != route:
                await app(scope, receive, send)
                return
            working = asyncio.ensure_future(app(scope, receive, noted))
            waiting = asyncio.ensure_future(begun.wait())
            await asyncio.wait([working, waiting], timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if begun.is_set() or working.done():
                await working
                return
            working.cancel()
            await error_answer(504, "The provider is slow.").send(send)

        return wrapped

    return Fault(around=(around,))


def _of(route: str) -> Iterator[Mutant]:
    for kind, told in _TOLD.items():
        fault = misreports(told, _made_up(route), on(route))
        yield dialect(f"{route}-{kind}-made-up-for", f"failures.{route}.{kind}", fault)
    yield dialect(f"{route}-impatient", f"failures.{route}.slow", _impatient(route))


def _patient(settings: Settings) -> None:
    """A provider is waited for as long as it likes."""
    settings["providers"]["openai"]["timeout_s"] = 3600


MUTANTS: tuple[Mutant, ...] = (
    *(mutant for route in ROUTES for mutant in _of(route)),
    *(dialect(f"{route}-patient", f"failures.{route}.silent", Fault(settings=(_patient,))) for route in ROUTES),
)
