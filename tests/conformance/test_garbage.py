"""What stays is kept out of the collector's sight, and the collector is left as it was found."""

import gc

import pytest

from conformance.garbage import making_what_stays


@pytest.mark.parametrize("before", [gc.enable, gc.disable])
def test_nothing_is_collected_meanwhile_and_what_is_there_is_frozen(before) -> None:
    before()
    enabled, frozen = gc.isenabled(), gc.get_freeze_count()
    try:
        with making_what_stays():
            assert not gc.isenabled()
            stays = [[] for _ in range(1000)]
        assert gc.isenabled() == enabled
        assert gc.get_freeze_count() >= frozen + len(stays)
    finally:
        gc.enable()


def test_the_collector_works_again_where_the_making_failed() -> None:
    with pytest.raises(KeyError), making_what_stays():
        raise KeyError
    assert gc.isenabled()
