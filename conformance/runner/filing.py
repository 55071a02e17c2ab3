"""Which requirement a check's findings are held against: its own, or a plainer one that explains them.

A drawn request that fails by itself and in its plainest form breaks what a plainer requirement asks for. It is told there,
once, and the check's own requirement says where it went. Where the run does not judge the plainer one, it stays.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from conformance.http.exchange import Finding
from conformance.reports.verdicts import Outcome
from conformance.runner.outcomes import Result


def filed(requirement_id: str, result: Result, judged: Container[str]) -> list[tuple[str, Result]]:
    """The results by requirement, the check's own first; `judged` are the requirements that the run decides."""
    if result.outcome is not Outcome.FAIL:
        return [(requirement_id, result)]
    owners = [_owner(requirement_id, finding, judged) for finding in result.findings]
    own = tuple(
        _named(finding) for owner, finding in zip(owners, result.findings, strict=True) if owner == requirement_id
    )
    moved = [
        (owner, replace(result, findings=(_found_by(requirement_id, finding),), reason=finding.message))
        for owner, finding in zip(owners, result.findings, strict=True)
        if owner != requirement_id
    ]
    if not moved:
        return [(requirement_id, replace(result, findings=own))]
    return [(requirement_id, _left(result, own, [owner for owner, _ in moved])), *moved]


def _owner(requirement_id: str, finding: Finding, judged: Container[str]) -> str:
    """The plainest requirement that explains the finding, as far as the run judges it."""
    return next((name for name in finding.plainer if name in judged), requirement_id)


def _left(result: Result, own: tuple[Finding, ...], owners: list[str]) -> Result:
    """What is left of a result whose other findings are held against their owners."""
    names = " and ".join(dict.fromkeys(owners))
    if own:
        reason = f"{'; '.join(finding.message for finding in own)}; what else it found is held against {names}"
        return replace(result, findings=own, reason=reason)
    if result.otherwise is Outcome.PASS:
        reason = f"what it found is held against {names}: sent plainly and by itself, the same request fails, too"
    else:
        reason = f"every request that it drew breaks {names}, so nothing else can be seen"
    return replace(result, outcome=result.otherwise, reason=reason, findings=())


def _named(finding: Finding) -> Finding:
    if not finding.plainer:
        return finding
    return replace(finding, message=f"{finding.message} (what {finding.plainer[0]} asks for)")


def _found_by(requirement_id: str, finding: Finding) -> Finding:
    return replace(finding, message=f"{finding.message} (found by {requirement_id})")
