"""A case that needs no gateway, for tests of what is drawn, tried and shrunk."""

from __future__ import annotations

from conformance import contracts
from conformance.contracts.requirements import Level, Requirement
from conformance.drive.case import Case
from conformance.http.client import Gateway
from conformance.http.endpoint import Endpoint
from conformance.target import Target


def case(
    gateway: Gateway | None = None, *, seed: int = 0, examples: int = 50, requirement: str = "generated.x"
) -> Case:
    url = gateway.base_url if gateway else "http://127.0.0.1:9/api/client/v1"
    return Case(
        marker="mark0n1",
        requirement=Requirement(id=requirement, level=Level.MUST, section="Answers", link="p.md#s", statement="X."),
        contract=contracts.load(),
        target=Target(base_url=url, token="cpeer_test_0123456789"),
        gateway=gateway or Gateway(Endpoint(url), "cpeer_test_0123456789", timeout_s=1.0),
        mock=None,
        seed=seed,
        examples=examples,
    )
