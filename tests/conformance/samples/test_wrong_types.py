"""Values of a wrong type: none has the documented one."""

from __future__ import annotations

from conformance.samples.wrong_types import NO_NUMBER, NO_OBJECT, NO_STRING


def test_none_is_of_the_documented_type() -> None:
    assert not any(isinstance(value, str) for value in NO_STRING.values())
    assert not any(isinstance(value, (int, float)) and not isinstance(value, bool) for value in NO_NUMBER.values())
    assert not any(isinstance(value, dict) for value in NO_OBJECT.values())


def test_each_has_what_a_lenient_gateway_could_take_for_one() -> None:
    """A number in digits, a one-element list, an empty value that counts as absent."""
    assert float(NO_NUMBER["digits"]) == 1
    assert NO_STRING["list"][0]
    assert not any((NO_STRING["empty-list"], NO_STRING["empty-object"], NO_OBJECT["list"], NO_OBJECT["empty"]))
