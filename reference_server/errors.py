"""What can go wrong on the way of a request, and how each fault is told to the client.

The tree::

    GatewayError                 anything the gateway answers with an error
    ├── InvalidRequest           400  the client's fault, mendable by the client
    │   ├── UnsupportedMediaType 400  (the contract says 400, not 415)
    │   ├── MalformedBody        400  not JSON, not multipart, broken off
    │   ├── InvalidField         400  one field is missing, empty or of the wrong kind
    │   ├── UnknownModel         400  no such key for the asked operation
    │   ├── NoDeployment         400  the model's cluster has no deployment for the operation
    │   └── RefusedByProvider    400  the provider found fault with the request
    ├── BodyTooSlow              408
    ├── BodyTooLarge             413
    ├── InvalidToken             401
    ├── LimitReached             429  a limit of this gateway
    ├── ProviderBusy             429  a limit of the provider
    ├── InferenceFailed          500  the provider failed
    ├── LimitsUnavailable        500  the store of limits is down: fail closed
    ├── ShuttingDown             503
    └── NotReady                 503  for probes only

Every message says what is wrong and what to do; none repeats a provider's words, a path or a secret.
Contract: section Errors; rulings, tables Statuses and Answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

RETRY_SHORTLY_S = 1


class GatewayError(Exception):
    """An error answer: HTTP status, and the four members of the envelope.

    `param` names the field at fault in the client's own spelling; `headers` are sent with the answer.
    """

    status: ClassVar[int] = 500
    type: ClassVar[str] = "server_error"
    code: str | None = None

    def __init__(self, message: str, *, param: str | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.headers = dict(headers or {})


class InvalidRequest(GatewayError):
    status = 400
    type = "invalid_request_error"
    code = "invalid_request"


class UnsupportedMediaType(InvalidRequest):
    code = "unsupported_content_type"

    def __init__(self, got: str, accepted: tuple[str, ...]) -> None:
        wanted = " or ".join(accepted)
        said = f"not `{got[:80]}`" if got else "but none was sent"
        super().__init__(f"This operation takes the Content-Type {wanted}, {said}.")


class MalformedBody(InvalidRequest):
    code = "malformed_body"


class InvalidField(InvalidRequest):
    code = "invalid_field"

    def __init__(self, param: str, problem: str) -> None:
        super().__init__(f"`{param}` {problem}", param=param)


class UnknownModel(InvalidRequest):
    code = "model_not_found"

    def __init__(self, key: str, operation: str, keys: tuple[str, ...]) -> None:
        listed = ", ".join(f"`{each}`" for each in keys) or "none"
        super().__init__(
            f"The model `{key[:100]}` is not known for {operation}. Models for it: {listed}.", param="model"
        )


class NoDeployment(InvalidRequest):
    code = "deployment_not_found"

    def __init__(self, key: str, operation: str) -> None:
        super().__init__(
            f"The model `{key}` has no deployment for {operation}. Choose a model whose cluster has one.",
            param="model",
        )


class RefusedByProvider(InvalidRequest):
    code = "refused_by_provider"

    def __init__(self, param: str | None = None) -> None:
        fault = (
            f"It found fault with `{param}`." if param else "Check the fields and the audio against its documentation."
        )
        super().__init__(f"The provider refused this request. {fault}", param=param)


class BodyTooSlow(GatewayError):
    status = 408
    type = "invalid_request_error"
    code = "body_too_slow"

    def __init__(self, allowed_s: float) -> None:
        super().__init__(
            f"The body did not arrive within {allowed_s:g} seconds. Send it faster.", headers={"Connection": "close"}
        )


class BodyTooLarge(GatewayError):
    status = 413
    type = "invalid_request_error"
    code = "request_too_large"

    def __init__(self, allowed: int, what: str = "request body") -> None:
        super().__init__(
            f"The {what} is larger than the {allowed} bytes that this gateway takes. "
            "Send a shorter or more compressed recording."
        )


class InvalidToken(GatewayError):
    status = 401
    type = "authentication_error"
    code = "invalid_api_key"

    def __init__(self) -> None:
        super().__init__(
            "The API token is missing or not valid. Send the header `Authorization: Bearer cpeer_...` "
            "with a token of this gateway.",
            headers={"WWW-Authenticate": "Bearer"},
        )


class LimitReached(GatewayError):
    """A limit of this gateway, by its name; `retry_after_s` is whole seconds, or None where waiting does not help."""

    status = 429
    type = "rate_limit_error"
    code = "limit_exceeded"

    def __init__(self, message: str, limit_name: str, retry_after_s: int | None) -> None:
        super().__init__(message, headers={} if retry_after_s is None else {"Retry-After": str(retry_after_s)})
        self.code = f"{limit_name}_exceeded"


class ProviderBusy(GatewayError):
    status = 429
    type = "rate_limit_error"
    code = "provider_rate_limit_exceeded"

    def __init__(self, retry_after: str | None = None) -> None:
        headers = {"Retry-After": retry_after} if retry_after else {}
        super().__init__("The provider is at its rate limit. Try again later.", headers=headers)


class InferenceFailed(GatewayError):
    """The provider failed; `reason` is for the log only, never for the client."""

    code = "inference_error"

    def __init__(self, reason: str) -> None:
        super().__init__("The provider failed to answer this request. It may be tried again.")
        self.reason = reason


class LimitsUnavailable(GatewayError):
    code = "limits_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "The gateway cannot reach its store of limits and serves nothing without it. Try again shortly.",
            headers={"Retry-After": str(RETRY_SHORTLY_S)},
        )


class ShuttingDown(GatewayError):
    status = 503
    type = "service_unavailable"
    code = "shutting_down"

    def __init__(self) -> None:
        super().__init__(
            "The gateway is shutting down. Try again shortly.",
            headers={"Retry-After": str(RETRY_SHORTLY_S), "Connection": "close"},
        )


class NotReady(GatewayError):
    status = 503
    type = "service_unavailable"
    code = "not_ready"

    def __init__(self) -> None:
        super().__init__("The gateway cannot reach its store of limits. It is ready again when the store is.")


def envelope(message: str, kind: str, param: str | None = None, code: str | None = None) -> bytes:
    """The JSON body of every error answer: `{"error": {message, type, param, code}}`."""
    document: dict[str, dict[str, Any]] = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return msgspec.json.encode(document)


def body_of(error: GatewayError) -> bytes:
    """The envelope of one error."""
    return envelope(error.message, error.type, error.param, error.code)
