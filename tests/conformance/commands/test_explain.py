"""`explain` says all that is known of one requirement, and where it comes from."""

import pytest

from conformance.cli import main


def test_a_requirement_is_explained_with_its_clause_its_needs_and_its_checks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The text of the clause is there, so that nobody has to open a file to read it."""
    assert main(["explain", "provider.speech.speed"]) == 0
    printed = capsys.readouterr().out

    assert printed.startswith("provider.speech.speed  MUST\n")
    assert "needs: speech, mock\n    declare mock_provider: the mock provider that the gateway routes to\n" in printed
    assert "docs/contract/rulings.md#" in printed
    assert "test_provider_fields::" in printed
    assert "run it: audio-conformance run TARGET.yaml --select provider.speech.speed" in printed


def test_an_unknown_requirement_is_answered_with_near_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2, and ids of the same area."""
    assert main(["explain", "provider.speech.spede"]) == 2
    assert "Near it: provider." in capsys.readouterr().err
