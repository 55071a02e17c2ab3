"""The suite reaches a gateway that is guarded in every way; `python -m tests.variants --select 'behind-*'` judges all of it."""

from __future__ import annotations

import pytest

from tests.mutants.judging import shared_mock
from tests.variants.processes import judge_deployment
from tests.variants.proxies.programs import CADDY, Deployment

pytestmark = pytest.mark.slow(about_s=10)

# One requirement at least for each way that the suite has of sending.
_SELECTED = ("http.speech.*", "speech.content-length.*", "limits.body.*", "transcriptions.form.*", "concurrency.*")


def test_the_reference_behind_proxies_certificates_and_a_key_is_conforming() -> None:
    """A request without the key or the certificate is refused, so that each way of sending has both."""
    deployment = Deployment(CADDY, tls=True, guarded=True)
    if deployment.lacks:
        pytest.skip(deployment.lacks)
    with shared_mock() as mock:
        found = judge_deployment(deployment, mock, _SELECTED, "quick", 0)
    assert (found.status, found.reasons) == (0, {})
