"""Requirements grouped by reason, and lists of ids cut to what a line holds."""

import pytest

from conformance.reports.grouping import Group, by_reason, some_of


def test_requirements_that_share_a_reason_are_one_group() -> None:
    """Groups stand in the order in which their reasons first come, ids in theirs."""
    pairs = [("a.one", "declare mock"), ("b.two", "declare lifecycle"), ("a.three", "declare mock")]

    assert by_reason(pairs) == (
        Group("declare mock", ("a.one", "a.three")),
        Group("declare lifecycle", ("b.two",)),
    )
    assert by_reason([]) == ()


@pytest.mark.parametrize(
    ("ids", "text"), [(("a",), "a"), (("a", "b"), "a, b"), (("a", "b", "c"), "a, b, … 3 in all"), ((), "")]
)
def test_a_long_list_is_cut_and_counted(ids: tuple[str, ...], text: str) -> None:
    """What fits is not counted: one can see how many there are."""
    assert some_of(ids, 2) == text
