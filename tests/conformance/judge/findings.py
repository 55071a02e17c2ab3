"""What a test may ask of a finding: what it says, and on what it rests."""

from __future__ import annotations

from conformance.contracts import Statuses
from conformance.http.exchange import Finding

SERVED, LIMIT = Statuses(("200",)), Statuses(("429",))


def says(finding: Finding | None) -> tuple[str, str, str]:
    """Message, what was expected and what came of a finding; fails where there is none."""
    assert finding is not None, "nothing was found"
    return finding.message, finding.expected, finding.got
