"""Small slices of the runs under pressure in `benchmarks/`; each run there judges itself, so here nothing may be broken."""

import pytest

from benchmarks import fuzz_sockets, limits_through_server, mixed_load, shutdown_under_load, upload_memory
from benchmarks.rig import Report, running_provider

pytestmark = pytest.mark.slow(about_s=30)


def test_workers_keep_one_limit_through_the_death_of_their_store() -> None:
    """Two workers, 120 clients at once, a limit of 60; then the same while the store is killed and started again."""
    report = Report()
    limits_through_server.run(limits_through_server.Load(workers=2, requests=120, limit=60), report)
    assert report.broken == []


def test_nothing_in_flight_is_lost_at_the_end() -> None:
    """40 requests in flight over two workers; new clients read 503 on fresh and on kept connections."""
    with running_provider() as provider:
        seen = shutdown_under_load.shut_down(provider, "slice", in_flight=40, workers=2)
    assert seen.right, seen


def test_large_uploads_fit_into_little_memory() -> None:
    """12 uploads of 8 MiB at once in each form, each transcribed right; 300 MB are refused while they are sent."""
    report = Report()
    upload_memory.run(upload_memory.Load(uploads=12, mib=8, huge_gb=0.3), report)
    assert report.broken == []


def test_hostile_requests_do_no_harm() -> None:
    """No 5xx, no crash, no hang; good requests are served in between, and the end is clean."""
    with fuzz_sockets.attacked() as gateway:
        outcome = fuzz_sockets.fuzz(gateway, requests=600, seed="slice", connections=16, batch=200)
        assert outcome.faults == [], "seed slice"
        assert outcome.statuses[200] > 60
        assert outcome.statuses[400] > 200
        assert gateway.terminate() == 0


def test_equal_seeds_attack_equally() -> None:
    """A fault that was found can be sent again."""
    models = (("say", "hear"),)
    first, second, other = (fuzz_sockets.Arsenal("cpeer_slice", models, seed) for seed in ("1", "1", "2"))
    attacks = [first.attack(number) for number in range(60)]
    assert attacks == [second.attack(number) for number in range(60)]
    assert attacks != [other.attack(number) for number in range(60)]


def test_mixed_answers_are_each_their_own() -> None:
    """400 requests over 32 connections to two workers, each answer held against its own marker."""
    with mixed_load.running(workers=2, seed="slice", connections=32) as setting:
        outcome = mixed_load.load(setting, 400)
    assert outcome.wrong == []
    assert len(outcome.ids) == outcome.answered == 400
    assert len(outcome.kinds) == 10
