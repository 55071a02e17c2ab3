"""The errors of the suite, and the step at which each is raised.

    ConformanceError            ends a command; exit status 3 unless said otherwise
    ├── UsageError              2   reading the command line: an argument that cannot be used
    │   └── TargetError         2   reading the target: names the path in it and what is allowed there
    ├── CatalogueError          3   loading a contract: the requirement files are inconsistent
    ├── GatewayUnreachable      3   preflight: nothing answers at base_url
    ├── TokenRefused            3   preflight: the gateway refuses the token that the target calls valid
    ├── ProviderUnreachable     3   any step: the mock provider's control API does not answer as it should
    └── MockRefused             3   any step: the mock provider takes no such script, gate or model

    CheckStopped                ends one check, without a violation
    ├── Blocked                 driving the gateway: a precondition failed
    │   └── NotForwarded        looking for a call: the provider saw none of the request
    └── NotVerified             driving the gateway: the target does not declare enough to decide
    Violated                    judging: one finding or more
    └── Explained               searching: all that was found breaks plainer requirements

    NoAnswer                    sending: no whole response came; caught where exchanges are made

A `ConformanceError` carries `message`, what is wrong and where, and `hint`, what to do about it. The scheduler turns the
other two into outcomes, so they never end a command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # values of `http`, which itself raises what is defined here
    from conformance.http.exchange import Exchange, Finding


class ConformanceError(Exception):
    """Base of all; `exit_status` is what the command ends with."""

    exit_status = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(ConformanceError):
    exit_status = 2


class TargetError(UsageError):
    """The target file is wrong at `path`, e.g. `models.speech[0]`."""

    def __init__(self, path: str, message: str, hint: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message, hint)
        self.path = path


class CatalogueError(ConformanceError):
    pass


class GatewayUnreachable(ConformanceError):
    pass


class TokenRefused(ConformanceError):
    pass


class ProviderUnreachable(ConformanceError):
    pass


class MockRefused(ConformanceError, ValueError):
    """What was asked of the mock is wrong, e.g. an act with a field that there is none of; the message is the mock's own."""


class CheckStopped(Exception):
    """Base of the three; `reason` is one sentence for a person."""

    def __init__(self, reason: str, *exchanges: Exchange) -> None:
        super().__init__(reason)
        self.reason = reason
        self.exchanges = exchanges


class Blocked(CheckStopped):
    """A precondition failed, so the requirement cannot be judged: `reason` says which."""


class NotForwarded(Blocked):
    """The provider saw no call of a case, which a check has to look at."""

    def __init__(self, *exchanges: Exchange) -> None:
        super().__init__("the provider saw no call of this case; is the gateway routed to the mock?", *exchanges)


class NotVerified(CheckStopped):
    """The check ran and saw that the target does not declare enough to decide: `reason` says what to declare."""


class Violated(AssertionError):
    """The requirement is not kept: one finding or more."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(finding.message for finding in findings))
        self.findings = findings


class Explained(Violated):
    """All that a check found is explained by plainer requirements; `held` says whether other draws kept its own."""

    def __init__(self, *findings: Finding, held: bool) -> None:
        super().__init__(*findings)
        self.held = held


class NoAnswer(Exception):
    """No whole answer came: `reason` says why. `refused`: there was no connection, so nothing was sent either."""

    def __init__(self, reason: str, *, timed_out: bool = False, refused: bool = False, broken: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.timed_out = timed_out
        self.refused = refused
        self.broken = broken
