"""The judge of methods and paths."""

from __future__ import annotations

import pytest
from conformance.judge.client.methods import neither_served_nor_failed

from tests.conformance.judge.answers import answered, unanswered


@pytest.mark.parametrize("status", [301, 308, 400, 401, 404, 405, 429])
def test_any_refusal_will_do(status: int) -> None:
    """Redirects and every 4xx say that the method is not served."""
    assert neither_served_nor_failed(answered(status), because="x") is None


@pytest.mark.parametrize("status", [200, 204, 299, 500, 501, 503])
def test_a_success_and_a_server_error_are_found(status: int) -> None:
    """501 is a 5xx, too."""
    assert neither_served_nor_failed(answered(status), because="x") is not None


def test_no_answer_is_found() -> None:
    """A gateway that hangs up has not refused."""
    assert neither_served_nor_failed(unanswered(), because="x") is not None
