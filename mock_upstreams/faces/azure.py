"""Azure OpenAI's face: `/openai/deployments/{deployment}/audio/{operation}?api-version=`, `api-key` header."""

from __future__ import annotations

from collections.abc import Sequence

from mock_upstreams.errors import ProviderRefusal, UnexpectedCall
from mock_upstreams.faces.face import OPERATIONS, Headers, Policy
from mock_upstreams.requests import Address, FaceName, Operation, ReceivedRequest
from mock_upstreams.responses import Response

# Azure's own error codes; any other refusal carries OpenAI's fields, as Azure passes them on.
_OWN_CODES = frozenset({"401", "404", "DeploymentNotFound", "OperationNotSupported"})


class _Azure:
    name: FaceName = "azure"

    def address(self, segments: Sequence[str]) -> Address | None:
        match segments:
            case ["openai", "deployments", deployment, "audio", operation] if deployment and operation in OPERATIONS:
                return Address("azure", OPERATIONS[operation], deployment)
        return None

    def admit(self, request: ReceivedRequest, policy: Policy) -> None:
        if request.method != "POST":
            raise _not_found()
        if not policy.knows_key(_key(request)):
            raise _denied()
        if policy.strict and not dict(request.query).get("api-version"):
            raise _not_found()

    def resolve(self, request: ReceivedRequest, policy: Policy) -> str:
        deployment, operation = request.address.deployment or "", request.address.operation
        operations = policy.known.deployments.get(deployment)
        if operations is None:
            raise _no_deployment()
        if operation not in operations:
            raise _not_supported(operation, deployment)
        return request.model or deployment

    def refusal(self, error: ProviderRefusal) -> Response:
        if error.code in _OWN_CODES:
            return Response.of_json({"error": {"code": error.code, "message": error.message}}, error.status)
        return Response.of_json(error.document(), error.status)

    def headers(self, _request: ReceivedRequest, _response: Response, request_id: str, milliseconds: int) -> Headers:
        return (
            ("apim-request-id", request_id),
            ("x-request-id", request_id),
            ("x-ms-region", "Mock Region"),
            ("x-envoy-upstream-service-time", str(milliseconds)),
            ("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
        )


def _key(request: ReceivedRequest) -> str:
    """Returns the key, or the token of Entra ID that Azure takes as well."""
    scheme, _, token = (request.header("authorization") or "").partition(" ")
    return (request.header("api-key") or "").strip() or (token.strip() if scheme.lower() == "bearer" else "")


def _denied() -> ProviderRefusal:
    message = (
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an"
        " active subscription and use a correct regional API endpoint for your resource."
    )
    return ProviderRefusal(message, status=401, code="401")


def _not_found() -> ProviderRefusal:
    return UnexpectedCall("Resource not found", status=404, code="404")


def _no_deployment() -> ProviderRefusal:
    message = (
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes,"
        " please wait a moment and try again."
    )
    return UnexpectedCall(message, status=404, code="DeploymentNotFound")


def _not_supported(operation: Operation | None, deployment: str) -> ProviderRefusal:
    message = (
        f"The {operation} operation does not work with the specified model, {deployment}. Please choose different"
        " model and try again."
    )
    return UnexpectedCall(message, code="OperationNotSupported")


AZURE = _Azure()
