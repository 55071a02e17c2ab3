"""Counts in a Valkey (or Redis, 7 and later) server: exact over any number of processes and machines.

Needs the extra `valkey`. Every decision is one run of `admit.lua` inside the server, by the server's clock.

Nothing is ever sent twice: a command whose answer was lost may have been counted, and repeating it would count the
request double. The caller gets LimitStoreUnavailable instead. A server that restarted has forgotten the script and says
so before it does anything (NOSCRIPT); then, and only then, the same question is asked again with the script's text.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import Any

from valkey.asyncio import ConnectionPool, Valkey
from valkey.exceptions import NoScriptError, ValkeyError

from reference_server.limits.errors import LimitStoreMisconfigured, LimitStoreUnavailable
from reference_server.limits.policies import StoreSettings
from reference_server.limits.store import BudgetCharge, Charge, Decision, Grant, RateCharge, Refusal, Spending

_CONNECTIONS = 32
_HELP = (
    "Use `valkey://user:password@host:6379/0`, `valkeys://...` for TLS, or `unix:///path/to/socket`; "
    "percent-encode special characters of the password."
)


@dataclass(frozen=True, slots=True)
class _Script:
    text: str
    digest: str


@cache
def _script(name: str) -> _Script:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return _Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


class ValkeyStore:
    """A LimitStore shared by all that use the same server and key prefix. `clock` replaces the server's, for tests."""

    shared = True

    def __init__(self, settings: StoreSettings, clock: Callable[[], int] | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._client = _open_client(settings)
        # Waiting here rather than in the pool: a waiter whose time is up simply leaves the queue.
        self._slots = asyncio.Semaphore(_CONNECTIONS)

    async def admit(self, charges: Sequence[Charge]) -> Decision:
        """See LimitStore."""
        now = "" if self._clock is None else str(self._clock())
        arguments = [now, *(argument for charge in charges for argument in _arguments(charge))]
        answer = await self._run("admit.lua", [charge.key for charge in charges], arguments)
        return _decision(charges, [int(number) for number in answer])

    async def refund(self, spendings: Sequence[Spending]) -> None:
        """See LimitStore."""
        arguments = [str(part) for spent in spendings for part in (spent.period_us, spent.cost_nano)]
        await self._run("refund.lua", [spent.key for spent in spendings], arguments)

    async def ping(self) -> None:
        """See LimitStore."""
        async with self._bounded():
            await self._ask("PING")

    async def aclose(self) -> None:
        """See LimitStore."""
        await self._client.aclose()

    async def _run(self, name: str, keys: Sequence[str], arguments: Sequence[str]) -> Any:
        script = _script(name)
        # The braces make all keys hash to one slot of a cluster, where alone one script may touch them together.
        tail = [str(len(keys)), *(f"{{{self._settings.key_prefix}}}:{key}" for key in keys), *arguments]
        async with self._bounded():
            try:
                return await self._ask("EVALSHA", script.digest, *tail)
            except NoScriptError:
                return await self._ask("EVAL", script.text, *tail)

    async def _ask(self, *command: str) -> Any:
        return await self._client.execute_command(*command)  # type: ignore[no-untyped-call]

    @asynccontextmanager
    async def _bounded(self) -> AsyncIterator[None]:
        """Bound the whole conversation in time, and let every failure of the store look the same."""
        try:
            async with asyncio.timeout(self._settings.timeout_s), self._slots:
                yield
        except TimeoutError as error:
            raise LimitStoreUnavailable(f"no answer within {self._settings.timeout_s:g} s") from error
        except (ValkeyError, OSError) as error:
            raise LimitStoreUnavailable(f"{type(error).__name__}: {error}") from error


def _open_client(settings: StoreSettings) -> Valkey:
    try:
        pool = ConnectionPool.from_url(
            settings.url or "",
            max_connections=_CONNECTIONS,
            socket_timeout=None,  # one deadline around everything, see _bounded
            retry_on_timeout=False,
        )
    except (ValueError, ValkeyError) as error:
        # The cause is not quoted, not even as a chained exception: it may hold a piece of the URL's password.
        raise LimitStoreMisconfigured(f"`store.url` cannot be used ({type(error).__name__}).", _HELP) from None
    return Valkey.from_pool(pool)


def _arguments(charge: Charge) -> tuple[str, str, str, str]:
    match charge:
        case RateCharge(limit=limit, window_us=window):
            return ("rate", str(limit), str(window), "")
        case BudgetCharge(total_nano=total, window_us=window, cost_nano=cost):
            return ("budget", str(total), str(window), str(cost))


def _decision(charges: Sequence[Charge], answer: Sequence[int]) -> Decision:
    if answer[0]:
        index, used, wait = answer
        return Refusal(index - 1, used, None if wait < 0 else wait)
    budgets = (charge for charge in charges if isinstance(charge, BudgetCharge))
    pairs = zip(budgets, answer[1:], strict=True)
    return Grant(tuple(Spending(charge.key, period, charge.cost_nano) for charge, period in pairs))
