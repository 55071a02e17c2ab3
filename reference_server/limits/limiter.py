"""Decides, before a provider is called, whether a request may go on."""

from collections.abc import Sequence
from functools import lru_cache, partial
from types import TracebackType

from reference_server.limits.charging import Usage, bills_for, excess_of, over_quota, scopes_of
from reference_server.limits.errors import LimitExceeded, LimitStoreUnavailable
from reference_server.limits.policies import LimitPolicies
from reference_server.limits.store import LimitStore, Refusal, Spending


class Admission:
    """One counted request. Its money can be given back once, when the provider did not do the work.

    As a context it does so itself, when what is within fails.
    """

    def __init__(self, store: LimitStore, spendings: Sequence[Spending] = ()) -> None:
        self._store = store
        self._spendings = tuple(spendings)

    async def __aenter__(self) -> None:
        """Nothing to do: the request is counted."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            await self.refund()

    async def refund(self) -> bool:
        """Gives back what the request spent of its budgets; call it when the provider call failed.

        The request stays counted in the rate limits: they limit calls, and a call was made. A budget period that has
        ended takes nothing back, so no later period is ever credited. A store that is down does not raise here, for
        the caller is answering another error already: the answer is False and the money stays spent. It is not tried
        again, because the first try may have arrived and money must not come back twice; a second call gives False.
        """
        spendings, self._spendings = self._spendings, ()
        if not spendings:
            return False
        try:
            await self._store.refund(spendings)
        except LimitStoreUnavailable:
            return False
        return True


class Limiter:
    """Applies the policies. Each request is judged as a whole: counted in all its limits at once, or in none."""

    def __init__(self, policies: LimitPolicies, store: LimitStore) -> None:
        self._policies = policies
        self._store = store
        self._scopes = lru_cache(maxsize=4096)(partial(scopes_of, policies))

    async def admit(self, token_name: str, model_key: str, usage: Usage) -> Admission:
        """Counts one request, reserving its cost (known before the call: characters and seconds are the caller's input).

        Raises LimitExceeded when any limit of the token, of the model or of the token on this model refuses; then
        nothing is counted anywhere. Raises LimitStoreUnavailable when the store cannot tell; then the request must not
        go on (it may have been counted if the answer was lost: a limit is never exceeded, at worst reached early).
        Contract: Errors, 429.
        """
        scopes = self._scopes(token_name, model_key)
        if not scopes:
            return Admission(self._store)
        if (excess := over_quota(scopes, usage)) is not None:
            raise LimitExceeded(excess)
        bills = bills_for(self._policies, scopes, model_key, usage)
        if not bills:
            return Admission(self._store)
        decision = await self._store.admit([bill.charge for bill in bills])
        if isinstance(decision, Refusal):
            raise LimitExceeded(excess_of(bills[decision.index], decision))
        return Admission(self._store, decision.spendings)

    async def ping(self) -> None:
        """Returns when the store can be asked. Raises LimitStoreUnavailable. For a readiness check."""
        await self._store.ping()

    async def aclose(self) -> None:
        """Lets go of the store's connections."""
        await self._store.aclose()
