"""What the limits section of a configuration may say."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
import yaml

from reference_server.limits import LimitPolicies, Price, StoreSettings
from reference_server.limits import policies as policies_module


def read(document: Any) -> LimitPolicies:
    return msgspec.convert(document, LimitPolicies)


def test_the_example_in_the_documentation_is_valid_and_complete() -> None:
    """The YAML shown in the module's docstring decodes, and its prices are exact decimals."""
    docstring = policies_module.__doc__ or ""
    example = docstring[docstring.index("    limits:") :]
    policies = read(yaml.safe_load(example)["limits"])
    assert policies.models["tts-1"].price.per_character == Decimal("0.000015")
    assert policies.tokens["alice"].models["tts-1-hd"].requests is not None


def test_prices_are_exact_and_default_to_one_unit() -> None:
    """A price may be written as number or string; a model without one costs a unit a character and a second."""
    written = read({"models": {"a": {"price": {"per_character": 0.1}}, "b": {"price": {"per_character": "0.1"}}}})
    assert written.models["a"].price == written.models["b"].price == Price(per_character=Decimal("0.1"))
    assert read({"models": {"c": {}}}).models["c"].price == Price(Decimal(1), Decimal(1))


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"tokens": {"a": {"request": {}}}}, "unknown field `request`"),
        ({"tokens": {"a": {"requests": {"limit": -1, "window_s": 1}}}}, "requests.limit"),
        ({"tokens": {"a": {"requests": {"limit": 1_000_001, "window_s": 1}}}}, "requests.limit"),
        ({"tokens": {"a": {"requests": {"limit": 1, "window_s": 0}}}}, "requests.window_s"),
        ({"tokens": {"a": {"requests": {"limit": 1}}}}, "missing required field `window_s`"),
        ({"tokens": {"a": {"budget": {"total": -1}}}}, "`total` is -1"),
        ({"tokens": {"a": {"budget": {"total": "NaN"}}}}, "`total` is NaN"),
        ({"tokens": {"a": {"budget": {"total": 9_000_001}}}}, "from 0 to 9000000"),
        ({"tokens": {"a": {"models": {"m": {"price": {}}}}}}, "unknown field `price`"),
        ({"models": {"m": {"price": {"per_character": -0.5}}}}, "`per_character` is -0.5"),
        ({"models": {"m": {"per_request": {"max_characters": -1}}}}, "per_request.max_characters"),
        ({"models": {"m": {"per_request": {"max_audio_seconds": -1}}}}, "per_request.max_audio_seconds"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(wrong: Any, place: str) -> None:
    """An unknown field, a negative figure or a missing one is an error that names its place."""
    with pytest.raises(msgspec.ValidationError) as refused:
        read(wrong)
    assert place in str(refused.value)


@pytest.mark.parametrize("wrong", [{"timeout_s": 0}, {"key_prefix": "a{b}"}, {"key_prefix": ""}, {"host": "x"}])
def test_store_settings_are_checked(wrong: Any) -> None:
    """No endless wait, no braces in the prefix (they mark the cluster slot), no unknown setting."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, StoreSettings)
