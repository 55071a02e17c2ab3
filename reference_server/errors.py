"""What can go wrong on the way of a request, and the answer to it.

The tree, with the situation that each one is; the contract gives a situation its status::

    GatewayError                 inference-error           anything the gateway answers with an error
    ├── InvalidRequest           invalid-request           the client's fault, which the client can put right
    │   ├── UnsupportedMediaType unsupported-content-type
    │   ├── MalformedBody        malformed-body            not JSON, not multipart, broken off
    │   ├── InvalidField         invalid-field             one field is missing, empty or of the wrong kind
    │   ├── UnknownModel         unknown-model             no such key for the operation
    │   ├── NoDeployment         no-deployment             the model's cluster has no deployment for the operation
    │   ├── RefusedByProvider    provider-refusal          the provider found fault with the request
    │   ├── UnknownPath          unknown-path
    │   ├── WrongMethod          wrong-method
    │   ├── BodyTooSlow          body-too-slow
    │   └── BodyTooLarge         body-too-large
    ├── InvalidToken             invalid-token
    ├── LimitReached             limit                     a limit of this gateway
    ├── ProviderBusy             provider-limit            a limit of the provider
    ├── InferenceFailed          inference-error           the provider failed
    ├── RelayedError             the provider's own        its error, handed on where the contract hands on
    ├── LimitsUnavailable        limits-unavailable        the store of limits is down: fail closed
    ├── ShuttingDown             shutting-down
    └── NotReady                 not-ready                 for probes only

Every message says what is wrong and what to do; none repeats a provider's words, a path or a secret.
Contract: section Errors; rulings, tables Statuses and Answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from reference_server.refusals import Reason, words_of

RETRY_SHORTLY_S = 1
_KEYS_LISTED = 20


class GatewayError(Exception):
    """An error response: its situation, from which the contract gives the status, and the members of the envelope.

    `param` names the field at fault in the client's own spelling; `headers` are sent with the response.
    """

    situation: ClassVar[str] = "inference-error"
    type: str = "server_error"
    code: str | None = None
    status: int | None = None
    """The status itself, where another than the gateway gave it."""

    def __init__(self, message: str, *, param: str | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.headers = dict(headers or {})


class InvalidRequest(GatewayError):
    situation = "invalid-request"
    type = "invalid_request_error"
    code = "invalid_request"


class UnsupportedMediaType(InvalidRequest):
    situation = "unsupported-content-type"
    code = "unsupported_content_type"

    def __init__(self, got: str, accepted: tuple[str, ...]) -> None:
        wanted = " or ".join(accepted)
        instead = f"not `{got[:80]}`" if got else "but none was sent"
        super().__init__(f"This operation takes the Content-Type {wanted}, {instead}.")


class MalformedBody(InvalidRequest):
    situation = "malformed-body"
    code = "malformed_body"


class InvalidField(InvalidRequest):
    situation = "invalid-field"
    code = "invalid_field"

    def __init__(self, param: str, problem: str) -> None:
        super().__init__(f"`{param}` {problem}", param=param)


class UnknownModel(InvalidRequest):
    situation = "unknown-model"
    code = "model_not_found"

    def __init__(self, key: str, operation: str, keys: tuple[str, ...]) -> None:
        listed = ", ".join(f"`{each}`" for each in keys[:_KEYS_LISTED]) or "none"
        if len(keys) > _KEYS_LISTED:
            listed += f" and {len(keys) - _KEYS_LISTED} more"
        super().__init__(
            f"The model `{key[:100]}` is not known for {operation}. Models for it: {listed}.", param="model"
        )


class NoDeployment(InvalidRequest):
    situation = "no-deployment"
    code = "deployment_not_found"

    def __init__(self, key: str, operation: str) -> None:
        super().__init__(
            f"The model `{key}` has no deployment for {operation}. Choose a model whose cluster has one.",
            param="model",
        )


class RefusedByProvider(InvalidRequest):
    """The provider found fault with the request: in the field `param` where that is known, for `reason` where that is."""

    situation = "provider-refusal"
    code = "refused_by_provider"

    def __init__(self, param: str | None = None, reason: Reason | None = None, looks_like: str | None = None) -> None:
        if reason is None:
            fault = f"It found fault with `{param}`." if param else "Check the fields against its documentation."
            super().__init__(f"The provider refused this request. {fault}", param=param)
            return
        guess = f" It looks like {looks_like}." if looks_like else ""
        subject = f"`{param}`" if param else "The request"
        super().__init__(f"{subject} {words_of(reason)}{guess}", param=param)
        self.code = reason.value


class UnknownPath(InvalidRequest):
    situation = "unknown-path"
    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is nothing at this path. See /openapi.yaml for what there is.")


class WrongMethod(InvalidRequest):
    situation = "wrong-method"
    code = "method_not_allowed"

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__("This path does not take that method. See the header Allow.", headers=headers)


class BodyTooSlow(InvalidRequest):
    situation = "body-too-slow"
    code = "body_too_slow"

    def __init__(self, allowed_s: float) -> None:
        super().__init__(
            f"The body did not arrive within {allowed_s:g} seconds. Send it faster.", headers={"Connection": "close"}
        )


class BodyTooLarge(InvalidRequest):
    situation = "body-too-large"
    code = "request_too_large"

    def __init__(self, allowed: int, what: str = "request body") -> None:
        super().__init__(
            f"The {what} is larger than the {allowed} bytes that this gateway takes. "
            "Send a shorter or more compressed recording."
        )


class InvalidToken(GatewayError):
    situation = "invalid-token"
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

    situation = "limit"
    type = "rate_limit_error"
    code = "limit_exceeded"

    def __init__(self, message: str, limit_name: str, retry_after_s: int | None) -> None:
        super().__init__(message, headers={} if retry_after_s is None else {"Retry-After": str(retry_after_s)})
        self.code = f"{limit_name}_exceeded"


class ProviderBusy(GatewayError):
    situation = "provider-limit"
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


class RelayedError(GatewayError):
    """A provider's error, handed on: its status and what its error object names, in the gateway's words."""

    def __init__(self, status: int, named: Mapping[str, str | None], headers: Mapping[str, str]) -> None:
        whose = "refused this request" if status < 500 else "failed to answer this request"
        super().__init__(f"The provider {whose} with status {status}.", param=named.get("param"), headers=headers)
        self.status = status
        self.type = named.get("type") or ("invalid_request_error" if status < 500 else "server_error")
        self.code = named.get("code")


class LimitsUnavailable(GatewayError):
    situation = "limits-unavailable"
    code = "limits_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "The gateway cannot reach its store of limits and serves nothing without it. Try again shortly.",
            headers={"Retry-After": str(RETRY_SHORTLY_S)},
        )


class ShuttingDown(GatewayError):
    situation = "shutting-down"
    type = "service_unavailable"
    code = "shutting_down"

    def __init__(self) -> None:
        super().__init__(
            "The gateway is shutting down. Try again shortly.",
            headers={"Retry-After": str(RETRY_SHORTLY_S), "Connection": "close"},
        )


class NotReady(GatewayError):
    situation = "not-ready"
    type = "service_unavailable"
    code = "not_ready"

    def __init__(self) -> None:
        super().__init__("The gateway cannot reach its store of limits. It is ready again when the store is.")


def body_of(error: GatewayError) -> bytes:
    """The JSON body of an error response: `{"error": {message, type, param, code}}`."""
    members: dict[str, Any] = {
        "message": error.message, "type": error.type, "param": error.param, "code": error.code,
    }  # fmt: skip
    return msgspec.json.encode({"error": members})
