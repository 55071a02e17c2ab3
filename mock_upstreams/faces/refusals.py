"""The refusals that are not about audio: what the real providers answer to wrong keys, names, paths and media types."""

from __future__ import annotations

from http import HTTPStatus

from mock_upstreams.answers import Answer
from mock_upstreams.errors import MockProviderError

__all__ = [
    "UnexpectedCallError",
    "missing_key",
    "missing_parameter",
    "server_error",
    "too_large",
    "unknown_model",
    "unknown_path",
    "unreadable",
    "unsupported_media_type",
    "wrong_key",
    "wrong_method",
]


class UnexpectedCallError(MockProviderError):
    """The call went to an address, a model or a deployment that the mock does not know."""


def missing_key() -> MockProviderError:
    """Return the refusal of a call without a key."""
    message = (
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth"
        " (i.e. Authorization: Bearer YOUR_KEY)."
    )
    return MockProviderError(message, status=401)


def wrong_key(key: str) -> MockProviderError:
    """Return the refusal of an unknown key, which is shown in part only, as OpenAI does."""
    shown = f"{key[:3]}{'*' * 8}{key[-4:]}" if len(key) > 12 else "*" * len(key)
    message = f"Incorrect API key provided: {shown}. You can find your API key in your account's settings."
    return MockProviderError(message, status=401, code="invalid_api_key")


def unknown_model(model: str) -> MockProviderError:
    """Return the refusal of a model that does not exist or does not do what is asked."""
    message = f"The model `{model}` does not exist or you do not have access to it."
    return UnexpectedCallError(message, status=404, code="model_not_found")


def unknown_path(method: str, path: str) -> MockProviderError:
    """Return the refusal of a path that the provider does not have."""
    return UnexpectedCallError(f"Invalid URL ({method} {path})", status=404)


def wrong_method(method: str, path: str) -> MockProviderError:
    """Return the refusal of a method that a path does not have."""
    message = f"Not allowed to {method} on {path}."
    return UnexpectedCallError(message, status=405, code="method_not_supported", hint="use POST")


def missing_parameter(name: str) -> MockProviderError:
    """Return the refusal of a call that lacks a required field."""
    message = f"Missing required parameter: '{name}'."
    return MockProviderError(message, param=name, code="missing_required_parameter")


def unsupported_media_type(found: str, wanted: str) -> MockProviderError:
    """Return the refusal of a body of the wrong kind."""
    message = (
        f"Unsupported content type: '{found}'. This API method only accepts '{wanted}' requests, but you specified the"
        f" header 'Content-Type: {found}'. Please try again with a supported content type."
    )
    return MockProviderError(message, status=415, code="unsupported_content_type")


def unreadable(fault: str) -> MockProviderError:
    """Return the refusal of a body that is not what its media type says."""
    return MockProviderError(fault)


def too_large(limit: int, size: int) -> MockProviderError:
    """Return the refusal of a body over the limit, typed as a fault of the server as the real one is."""
    message = f"413: Maximum content size limit ({limit}) exceeded ({size} bytes read)"
    return MockProviderError(message, status=413, kind="server_error")


_KINDS = {401: "invalid_request_error", 403: "invalid_request_error", 429: "requests"}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


def server_error(status: int) -> Answer:
    """Return the answer of a provider in trouble, for any status from 400 on."""
    default = "server_error" if status >= 500 else "invalid_request_error"
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown error"
    kind, code = _KINDS.get(status, default), _CODES.get(status)
    error = MockProviderError(f"{phrase} (as the mock's script asks)", status=status, kind=kind, code=code)
    return Answer.of_json(error.document(), status)
