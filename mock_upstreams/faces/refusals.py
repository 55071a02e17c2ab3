"""The refusals that are not about audio: the responses of the real providers to wrong keys, names, paths and media types."""

from __future__ import annotations

from http import HTTPStatus

from mock_upstreams.errors import ProviderRefusal, UnexpectedCall
from mock_upstreams.responses import Response


def missing_key() -> ProviderRefusal:
    """Returns the refusal of a request without a key."""
    message = (
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth"
        " (i.e. Authorization: Bearer YOUR_KEY)."
    )
    return ProviderRefusal(message, status=401)


def wrong_key(key: str) -> ProviderRefusal:
    """Returns the refusal of an unknown key, which is shown in part only, as OpenAI does."""
    shown = f"{key[:3]}{'*' * 8}{key[-4:]}" if len(key) > 12 else "*" * len(key)
    message = f"Incorrect API key provided: {shown}. You can find your API key in your account's settings."
    return ProviderRefusal(message, status=401, code="invalid_api_key")


def unknown_model(model: str) -> ProviderRefusal:
    """Returns the refusal of a model that does not exist or does not do what is asked."""
    message = f"The model `{model}` does not exist or you do not have access to it."
    return UnexpectedCall(message, status=404, code="model_not_found")


def unknown_path(method: str, path: str) -> ProviderRefusal:
    """Returns the refusal of a path that the provider does not have."""
    return UnexpectedCall(f"Invalid URL ({method} {path})", status=404)


class WrongMethod(UnexpectedCall):
    """The path has another method, which is `allowed`."""

    def __init__(self, method: str, path: str, allowed: str) -> None:
        message = f"Not allowed to {method} on {path}."
        super().__init__(message, status=405, code="method_not_supported", hint=f"use {allowed}")
        self.allowed = allowed


def missing_parameter(name: str) -> ProviderRefusal:
    """Returns the refusal of a request that lacks a required field."""
    message = f"Missing required parameter: '{name}'."
    return ProviderRefusal(message, param=name, code="missing_required_parameter")


def unsupported_media_type(found: str, wanted: str) -> ProviderRefusal:
    """Returns the refusal of a body of the wrong kind."""
    message = (
        f"Unsupported content type: '{found}'. This API method only accepts '{wanted}' requests, but you specified the"
        f" header 'Content-Type: {found}'. Please try again with a supported content type."
    )
    return ProviderRefusal(message, status=415, code="unsupported_content_type")


def unreadable(fault: str) -> ProviderRefusal:
    """Returns the refusal of a body that is not what its media type says."""
    return ProviderRefusal(fault)


def too_large(limit: int, size: int) -> ProviderRefusal:
    """Returns the refusal of a body over the limit, typed as a fault of the server as the real one is."""
    message = f"413: Maximum content size limit ({limit}) exceeded ({size} bytes read)"
    return ProviderRefusal(message, status=413, kind="server_error")


_KINDS = {401: "invalid_request_error", 403: "invalid_request_error", 429: "requests"}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


def server_error(status: int) -> Response:
    """Returns the response of a failing provider, for any status from 400 on."""
    default = "server_error" if status >= 500 else "invalid_request_error"
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown error"
    kind, code = _KINDS.get(status, default), _CODES.get(status)
    error = ProviderRefusal(f"{phrase} (as the mock's script asks)", status=status, kind=kind, code=code)
    return Response.of_json(error.document(), status)
