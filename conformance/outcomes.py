"""How a check says that it did not simply pass: three exceptions that the scheduler turns into outcomes."""

from __future__ import annotations

from conformance.exchange import Exchange, Finding


class CheckStopped(Exception):
    """Base of the three; ``reason`` is one sentence for a person."""

    def __init__(self, reason: str, *exchanges: Exchange) -> None:
        super().__init__(reason)
        self.reason = reason
        self.exchanges = exchanges


class Blocked(CheckStopped):
    """A precondition failed, so the requirement cannot be judged: ``reason`` says which."""


class NotVerified(CheckStopped):
    """The check ran and saw that the target does not declare enough to decide: ``reason`` says what to declare."""


class Violated(AssertionError):
    """The requirement is not kept: one finding or more."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(finding.message for finding in findings))
        self.findings = findings
