"""The limiter over both stores: what is refused, with which figures, and what is counted."""

import asyncio
import uuid
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from reference_server.limits import (
    Admission,
    Limiter,
    LimitExceeded,
    LimitPolicies,
    LimitStore,
    MemoryStore,
    Price,
    StoreSettings,
    Usage,
)
from reference_server.limits.charging import cost_nano
from reference_server.limits.valkey_store import ValkeyStore
from tests.reference_server.limits.clock import Clock


class Desk:
    """A limiter with a clock of its own, over the store under test, asked one request at a time."""

    def __init__(self, policies: Mapping[str, Any], store: LimitStore, clock: Clock, runner: asyncio.Runner) -> None:
        self.clock = clock
        self._runner = runner
        self._limiter = Limiter(msgspec.convert(policies, LimitPolicies), store)

    def admit(self, token: str = "alice", model: str = "tts-1", **usage: Any) -> Admission:
        return self._runner.run(self._limiter.admit(token, model, Usage(**usage)))

    def refusal(self, token: str = "alice", model: str = "tts-1", **usage: Any) -> LimitExceeded:
        with pytest.raises(LimitExceeded) as refused:
            self.admit(token, model, **usage)
        return refused.value

    def refund(self, admission: Admission) -> bool:
        return self._runner.run(admission.refund())


OpenDesk = Callable[[Mapping[str, Any]], Desk]


@pytest.fixture(params=["memory", "valkey"])
def open_desk(request: pytest.FixtureRequest) -> Iterator[OpenDesk]:
    """Opens a desk for given policies; every test of this file that takes it runs over both stores."""
    clock = Clock()
    store: LimitStore = MemoryStore(clock)
    if request.param == "valkey":
        url = request.getfixturevalue("valkey").url
        store = ValkeyStore(StoreSettings(url=url, key_prefix=uuid.uuid4().hex), clock)
    with asyncio.Runner() as runner:
        yield lambda policies: Desk(policies, store, clock, runner)
        runner.run(store.aclose())


def requests(limit: int, window_s: float = 60) -> dict[str, Any]:
    return {"requests": {"limit": limit, "window_s": window_s}}


def test_who_has_no_limits_is_never_refused(open_desk: OpenDesk) -> None:
    """A token and a model that no policy names are let through, whatever they ask."""
    desk = open_desk({})
    for _ in range(50):
        desk.admit(characters=10**9, upload_bytes=10**12, audio_seconds=1e9)


def test_the_request_after_the_last_allowed_one_is_refused_with_figures(open_desk: OpenDesk) -> None:
    """Limit 3 in 60 s: the fourth is refused, told the limit, the window and the whole seconds to wait."""
    desk = open_desk({"tokens": {"alice": requests(3)}})
    for _ in range(3):
        desk.admit()
    desk.clock.advance(19.5)
    refused = desk.refusal()
    assert refused.limit_name == "rate_limit"
    assert refused.figures == {"limit": 3, "used": 3, "window_s": 60.0}
    assert refused.retry_after_s == 41
    assert refused.message == "Rate limit exceeded for this token: 3 of 3 requests per 60 s are used; retry in 41 s."


def test_waiting_as_long_as_told_is_enough_and_needed(open_desk: OpenDesk) -> None:
    """At the very end of the window the next request passes; a microsecond before, it does not."""
    desk = open_desk({"tokens": {"alice": requests(1, 10)}})
    desk.admit()
    desk.clock.advance(9.999999)
    assert desk.refusal().retry_after_s == 1
    desk.clock.advance(0.000001)
    desk.admit()


def test_no_stretch_of_window_length_holds_more_than_the_limit(open_desk: OpenDesk) -> None:
    """The window slides: four requests late in one minute leave none for the start of the next."""
    desk = open_desk({"tokens": {"alice": requests(4, 60)}})
    desk.clock.advance(55)
    for _ in range(4):
        desk.admit()
    desk.clock.advance(10)
    assert desk.refusal().retry_after_s == 50


def test_refused_requests_do_not_lengthen_the_wait(open_desk: OpenDesk) -> None:
    """Knocking while refused is not counted."""
    desk = open_desk({"tokens": {"alice": requests(1, 10)}})
    desk.admit()
    for _ in range(9):
        desk.clock.advance(1)
        desk.refusal()
    desk.clock.advance(1)
    desk.admit()


def test_a_limit_of_zero_is_over_from_the_start(open_desk: OpenDesk) -> None:
    """`limit: 0` refuses the first request and still carries a wait."""
    refused = open_desk({"tokens": {"alice": requests(0, 2.5)}}).refusal()
    assert (refused.limit_name, refused.retry_after_s) == ("rate_limit", 3)


def test_limits_of_token_model_and_pair_are_counted_apart(open_desk: OpenDesk) -> None:
    """A token's limit spans models, a model's spans tokens, a pair's touches neither; the message says whose it is."""
    desk = open_desk(
        {
            "tokens": {"alice": {**requests(3), "models": {"hd": requests(1)}}},
            "models": {"tts-1": requests(4)},
        }
    )
    desk.admit("alice", "hd")
    assert "this token on model 'hd'" in desk.refusal("alice", "hd").message
    desk.admit("bob", "hd")
    desk.admit("alice", "tts-1")
    desk.admit("alice", "tts-1")
    assert "for this token:" in desk.refusal("alice", "tts-1").message
    desk.admit("bob", "tts-1")
    desk.admit("bob", "tts-1")
    assert "for model 'tts-1':" in desk.refusal("carol", "tts-1").message


@pytest.mark.parametrize(("first", "second"), [(("a:b", "c"), ("a", "b:c")), (("a/b", "c"), ("a", "b/c"))])
def test_no_choice_of_names_makes_two_counts_one(
    first: tuple[str, str], second: tuple[str, str], open_desk: OpenDesk
) -> None:
    """Separators in names do not let one pair use up another's limit."""
    tokens = {token: {"models": {model: requests(1)}} for token, model in (first, second)}
    desk = open_desk({"tokens": tokens})
    desk.admit(*first)
    desk.admit(*second)


def test_a_refused_request_is_counted_nowhere(open_desk: OpenDesk) -> None:
    """When the budget refuses, the rate limit has lost nothing, and the other way round."""
    desk = open_desk({"tokens": {"alice": {**requests(2), "budget": {"total": 10}}}})
    for _ in range(5):
        assert desk.refusal(characters=11).figures["requested"] == "11"
    desk.admit(characters=4)
    desk.admit(characters=4)
    assert desk.refusal(characters=1).limit_name == "rate_limit"
    desk.clock.advance(60)
    desk.admit(characters=2)


def test_the_budget_is_spent_to_the_last_unit_and_no_further(open_desk: OpenDesk) -> None:
    """Prices of a character and of a second draw on one budget; exactly all of it can be spent, in decimals."""
    price = {"per_character": 0.1, "per_audio_second": "0.3"}
    desk = open_desk({"tokens": {"alice": {"budget": {"total": 1}}}, "models": {"tts-1": {"price": price}}})
    desk.admit(characters=4)
    desk.admit(audio_seconds=1.0)
    refused = desk.refusal(characters=4)
    assert refused.figures == {"limit": "1", "used": "0.7", "requested": "0.4"}
    assert refused.message == "Budget exceeded for this token: 0.7 of 1 units are spent and this request costs 0.4."
    assert refused.retry_after_s is None
    desk.admit(characters=3)
    assert desk.refusal().figures["used"] == "1"


def test_a_price_of_a_request_makes_a_budget_a_number_of_requests(open_desk: OpenDesk) -> None:
    """Whatever they hold, and whichever model of that price they ask."""
    price = {"per_character": 0, "per_audio_second": 0, "per_request": 1}
    models = {"tts-1": {"price": price}, "m": {"price": price}}
    desk = open_desk({"tokens": {"alice": {"budget": {"total": 2}}}, "models": models})
    desk.admit(characters=4000)
    desk.admit(audio_seconds=0.1)
    assert desk.refusal(characters=1).figures == {"limit": "2", "used": "2", "requested": "1"}


def test_tiny_costs_add_up_exactly(open_desk: OpenDesk) -> None:
    """A hundred fractions that no double holds exactly sum to the budget, with no remainder."""
    budget = {"total": "0.0333"}
    desk = open_desk(
        {"tokens": {"alice": {"budget": budget}}, "models": {"m": {"price": {"per_audio_second": "0.00333"}}}}
    )
    for _ in range(100):
        desk.admit(model="m", audio_seconds=0.1)
    assert desk.refusal(model="m", audio_seconds=0.001).figures["used"] == "0.0333"


def test_a_budget_of_nothing_refuses_what_is_free_too(open_desk: OpenDesk) -> None:
    """`total: 0` is a spent budget: even a request that costs nothing is refused, and no wait is promised."""
    desk = open_desk({"tokens": {"alice": {"budget": {"total": 0, "window_s": 60}}}})
    assert desk.refusal(characters=0).retry_after_s is None


def test_a_budget_with_a_window_renews_when_its_period_ends(open_desk: OpenDesk) -> None:
    """The period starts with the first spending; the refusal says when it ends; what never fits is not told to wait."""
    desk = open_desk({"tokens": {"alice": {"budget": {"total": 10, "window_s": 100}}}})
    desk.admit(characters=10)
    desk.clock.advance(30)
    assert desk.refusal(characters=1).retry_after_s == 70
    assert desk.refusal(characters=11).retry_after_s is None
    desk.clock.advance(70)
    desk.admit(characters=10)


def test_a_failed_call_gives_its_money_back_once(open_desk: OpenDesk) -> None:
    """A refund restores the budget, a second one does nothing, and the request stays counted as a request."""
    desk = open_desk({"tokens": {"alice": {**requests(2), "budget": {"total": 10}}}})
    failed = desk.admit(characters=10)
    assert desk.refund(failed) is True
    assert desk.refund(failed) is False
    desk.admit(characters=10)
    assert desk.refusal(characters=1).limit_name == "budget"
    assert desk.refusal(characters=0).limit_name == "budget"
    desk.clock.advance(60)
    assert desk.refusal(characters=1).figures["used"] == "10"


def test_a_refund_never_credits_a_later_period(open_desk: OpenDesk) -> None:
    """Money of a period that has ended does not come back into the next one."""
    desk = open_desk({"tokens": {"alice": {"budget": {"total": 10, "window_s": 100}}}})
    late = desk.admit(characters=10)
    desk.clock.advance(100)
    desk.admit(characters=10)
    desk.refund(late)
    assert desk.refusal(characters=1).figures["used"] == "10"


def test_the_refusal_that_lasts_longest_is_the_one_told(open_desk: OpenDesk) -> None:
    """With the token's window almost over and the model's just begun, the wait is the model's."""
    desk = open_desk({"tokens": {"alice": requests(1, 10)}, "models": {"tts-1": requests(1, 100)}})
    desk.admit()
    refused = desk.refusal()
    assert (refused.retry_after_s, refused.figures["window_s"]) == (100, 100.0)


@pytest.mark.parametrize(
    ("quota", "allowed", "over"),
    [
        ("max_characters", {"characters": 20}, {"characters": 21}),
        ("max_upload_bytes", {"upload_bytes": 20}, {"upload_bytes": 21}),
        ("max_audio_seconds", {"audio_seconds": 20.0}, {"audio_seconds": 20.001}),
    ],
)
@pytest.mark.parametrize("scope", ["token", "pair", "model"])
def test_a_single_request_over_its_quota_is_refused(
    quota: str, allowed: Mapping[str, Any], over: Mapping[str, Any], scope: str, open_desk: OpenDesk
) -> None:
    """At the quota it passes, just over it is refused without a wait, and counts nowhere; in each of the three scopes."""
    limits = {"per_request": {quota: 20}}
    of_alice: dict[str, Any] = {**requests(1)}
    policies: dict[str, Any] = {"tokens": {"alice": of_alice}}
    if scope == "token":
        of_alice.update(limits)
    elif scope == "pair":
        of_alice["models"] = {"tts-1": limits}
    else:
        policies["models"] = {"tts-1": limits}
    desk = open_desk(policies)
    refused = desk.refusal(**over)
    assert (refused.limit_name, refused.retry_after_s, refused.figures["limit"]) == (quota, None, 20)
    assert quota in refused.message
    assert "at most 20 allowed" in refused.message
    desk.admit(**allowed)


def test_two_thousand_at_once_against_a_thousand_serve_exactly_a_thousand() -> None:
    """Concurrent requests in one process: exactly the limit is admitted."""
    policies = msgspec.convert({"tokens": {"alice": requests(1000)}}, LimitPolicies)

    async def storm() -> list[bool]:
        limiter = Limiter(policies, MemoryStore())

        async def one() -> bool:
            try:
                await limiter.admit("alice", "tts-1", Usage(characters=1))
            except LimitExceeded:
                return False
            return True

        return await asyncio.gather(*(one() for _ in range(2000)))

    assert sum(asyncio.run(storm())) == 1000


@pytest.mark.parametrize("wrong", [{"characters": -1}, {"upload_bytes": -1}, {"audio_seconds": float("nan")}])
def test_usage_that_could_cheat_a_limit_is_refused(wrong: Mapping[str, Any]) -> None:
    """A negative or unreal figure is a fault of the caller's code and never reaches a comparison."""
    with pytest.raises(ValueError, match="usage must be finite"):
        Usage(**wrong)


def test_a_cost_is_rounded_up_once() -> None:
    """A fraction of a billionth costs a whole one; fractions of characters and seconds are summed before rounding."""
    price = Price(per_character=Decimal("0.0000000001"), per_audio_second=Decimal("0.0000000004"))
    assert cost_nano(price, Usage(characters=1)) == 1
    assert cost_nano(price, Usage(characters=6, audio_seconds=1.0)) == 1
    assert cost_nano(price, Usage(characters=10, audio_seconds=0.1)) == 2
    assert cost_nano(price, Usage()) == 0
