"""Errors of the mock provider.

    MockError                    whatever this package raises on purpose; carries a hint
    └── MockProviderError        the pretend provider refuses a call: status and body of a real refusal

A ``MockProviderError`` is an answer, not a breakdown: the HTTP faces send it to the caller as it stands.
"""

from __future__ import annotations

from typing import Any

__all__ = ["MockError", "MockProviderError"]


class MockError(Exception):
    """Base of this package's errors.

    ``hint`` says what to do about it, in one sentence; empty when the message already says it.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class MockProviderError(MockError):
    """What the real provider would answer instead of audio or a transcript.

    ``status`` is the HTTP status; ``type``, ``param`` and ``code`` are the fields of the provider's error object.
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
        """Return the JSON body that the provider sends with this refusal."""
        fields = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": fields}
