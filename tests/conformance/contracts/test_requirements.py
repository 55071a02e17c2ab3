"""The catalogue and the checks belong together: neither has anything that the other does not know."""

import re

from conformance import contracts
from conformance.runner.run import collect_checks
from conformance.target import Target

ID = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)+")
LINK = re.compile(r"docs/contract/(audio-api|rulings|openai-audio-2026-11)\.md#[a-z0-9-]+")


def test_every_requirement_has_a_check_and_every_check_a_requirement() -> None:
    """A requirement without a check could never be decided; a check without a requirement would judge for nobody."""
    assert set(collect_checks()) == {
        requirement.id for name in contracts.names() for requirement in contracts.load(name).catalogue
    }


def test_requirements_are_written_alike() -> None:
    """Ids are dotted and lower case; statements are one sentence; links lead to a clause on a page of the contract."""
    for requirement in (each for name in contracts.names() for each in contracts.load(name).catalogue):
        assert ID.fullmatch(requirement.id), requirement.id
        assert requirement.statement.endswith("."), requirement.id
        assert LINK.fullmatch(requirement.link), requirement.id


def test_the_target_is_known_by_every_key_of_the_design() -> None:
    """The keys are an interface: none may go."""
    documented = {"base_url", "token", "contract", "max_rate", "models", "limited_tokens", "expect", "mock_provider"}
    documented |= {"credentials", "handling", "usage_headers", "sdks"}
    reaching = {"headers", "tls", "proxy"}
    assert documented | reaching | {"lifecycle", "timeout_s", "max_upload_mb"} == set(Target.__struct_fields__)
