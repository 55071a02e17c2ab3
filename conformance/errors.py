"""What can go wrong in the suite itself, never in the gateway under test.

    ConformanceError            exit status 3 unless said otherwise
    ├── UsageError              2   an argument that cannot be used
    │   └── TargetError         2   the target file: names the path in it and what is allowed there
    ├── CatalogueError          3   the suite's own requirement files are inconsistent
    ├── GatewayUnreachable      3   nothing answers at base_url
    ├── TokenRefused            3   the gateway refuses the token that the target calls valid
    └── ProviderUnreachable     3   the mock provider's control API does not answer as it should

Every error carries ``message``, what is wrong and where, and ``hint``, what to do about it.
"""

from __future__ import annotations


class ConformanceError(Exception):
    """Base of all; ``exit_status`` is what the command ends with."""

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
    """The target file is wrong at ``path``, e.g. ``models.speech[0]``."""

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
