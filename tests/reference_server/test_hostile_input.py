"""A slice of the fuzz that `benchmarks/hostile.py` runs in full."""

import random

from benchmarks.hostile import CONFIG, good_requests, spoiled, throw
from tests.servers import running_gateway

SEED = "slice"
REQUESTS = 300


def test_spoiled_requests_never_make_a_server_error() -> None:
    """Neither 5xx nor silence, and the gateway ends cleanly afterwards."""
    with running_gateway(CONFIG) as gateway:
        findings = throw(gateway, REQUESTS, SEED)
        assert findings.faults == [], f"seed {SEED}"
        assert findings.statuses[200] > 0
        assert findings.statuses[400] > REQUESTS / 3
        assert gateway.terminate() == 0


def test_equal_seeds_spoil_equally() -> None:
    """A fault that was found can be sent again."""
    goods = good_requests("cpeer_benchmark")
    first, second = ([spoiled(goods[2], chance) for _ in range(50)] for chance in (random.Random(3), random.Random(3)))
    assert first == second
    assert len(set(first)) > 45
