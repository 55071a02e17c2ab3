"""Errors of the mock provider.

    MockError                    whatever this package raises on purpose; carries a hint
    ├── ProviderRefusal          the mock provider refuses a request: status and body of a real refusal
    │   └── UnexpectedCall       it addresses a path, a model or a deployment that the mock does not know
    ├── Mismatch                 a value from outside does not fit: where, why, and what is allowed there
    ├── InvalidConfiguration     the configuration cannot be used: which file, where, what to do
    ├── ControlRefusal           the control API refuses a request: status and body
    ├── UnusableRecording        recorded responses cannot be read or written
    └── Abandoned                the client has gone before its response was ready

A `ProviderRefusal` is a response, not a breakdown: the faces send it to the client as it stands. The control API does
the same with a `ControlRefusal`.
"""

from __future__ import annotations

from typing import Any


class MockError(Exception):
    """Base of this package's errors.

    `hint` says what to do about it, in one sentence; empty when the message already says it.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ProviderRefusal(MockError):
    """The refusal that the real provider would send instead of audio or a transcript.

    `status` is the HTTP status; `type`, `param` and `code` are the fields of the provider's error object.
    """

    def __init__(  # noqa: PLR0913 - one argument per field of the error object
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.type = kind
        self.param = param
        self.code = code

    def document(self) -> dict[str, Any]:
        """Returns the JSON body that the provider sends with this refusal."""
        fields = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": fields}


class UnexpectedCall(ProviderRefusal):
    """The request addresses a path, a model or a deployment that the mock does not know."""


class Mismatch(MockError):
    """A value does not fit at `path` (dotted, empty for the whole); `allowed` says what would."""

    def __init__(self, path: str, fault: str, allowed: str) -> None:
        super().__init__(f"{path or 'the whole'}: {fault}", hint=f"allowed: {allowed}")
        self.path = path
        self.fault = fault
        self.allowed = allowed


class InvalidConfiguration(MockError):
    """The mock cannot start as it is configured."""


class ControlRefusal(MockError):
    """A request to the control API that cannot be carried out; `param` names the field that is to blame."""

    def __init__(self, status: int, code: str, message: str, *, param: str | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code
        self.param = param

    def document(self) -> dict[str, Any]:
        """Returns the JSON body of the refusal."""
        return {"error": {"message": str(self), "type": "mock_control_error", "param": self.param, "code": self.code}}


class UnusableRecording(MockError):
    """A folder of recorded responses is missing, unreadable or damaged."""


class Abandoned(MockError):
    """The client has gone before its response was ready: what works for it may stop."""
