"""Looking up a token or a model costs the same however many there are, and what is said of them stays short."""

from __future__ import annotations

import pytest

from reference_server.errors import InvalidToken, UnknownModel
from reference_server.requests import Operation
from reference_server.routing import Model, Routes
from reference_server.tokens import Tokens, digest


def test_each_of_many_tokens_has_its_holder() -> None:
    tokens = Tokens({f"holder-{number}": digest(f"secret-{number}") for number in range(1000)})
    assert tokens.holder("Bearer secret-999") == "holder-999"
    for wrong in ("Bearer secret-1000", "Basic secret-1", "Bearer ", "secret-1", None):
        with pytest.raises(InvalidToken):
            tokens.holder(wrong)


def test_the_first_of_two_holders_of_one_token_counts() -> None:
    assert Tokens({"first": digest("same"), "second": digest("same")}).holder("Bearer same") == "first"


@pytest.mark.parametrize("count", [3, 10_000])
def test_an_unknown_model_names_few_of_many(count: int) -> None:
    """All of them, where they are few."""
    routes = Routes({f"m{number}": Model(f"m{number}", "p", {Operation.SPEECH: "t"}) for number in range(count)})
    with pytest.raises(UnknownModel) as refused:
        routes.resolve("other", Operation.SPEECH)
    assert "`m0`, `m1`, `m2`" in refused.value.message
    assert ("and 9980 more" in refused.value.message) is (count > 3)
    assert len(refused.value.message) < 300
