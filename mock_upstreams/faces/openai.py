"""OpenAI's face: `/v1/audio/{speech,transcriptions,translations}` and `/v1/models`, Bearer keys."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from mock_upstreams.errors import ProviderRefusal
from mock_upstreams.faces.face import OPERATIONS, Headers, Policy
from mock_upstreams.faces.refusals import WrongMethod, missing_key, missing_parameter, unknown_model, wrong_key
from mock_upstreams.requests import Address, FaceName, ReceivedRequest
from mock_upstreams.responses import Response

# One request of a generous limit is taken at a time: the mock counts none.
_REQUEST_LIMIT = {"limit-requests": "2500", "remaining-requests": "2499", "reset-requests": "24ms"}
_TOKEN_LIMIT = {"limit-tokens": "2000000", "remaining-tokens": "1999000", "reset-tokens": "30ms"}
_SPENT = {"remaining-requests": "0", "reset-requests": "1s"}
_PAID_BY_TOKENS = "gpt-"
_CONSTANT: Headers = (
    ("openai-version", "2020-10-01"),
    ("openai-organization", "mock-organization"),
    ("access-control-expose-headers", "X-Request-ID"),
)


class _OpenAI:
    name: FaceName = "openai"

    def address(self, segments: Sequence[str]) -> Address | None:
        match segments:
            case ["v1", "audio", operation] if operation in OPERATIONS:
                return Address("openai", OPERATIONS[operation])
            case ["v1", "models", *name]:
                return Address("openai", models="/".join(name))
        return None

    def admit(self, request: ReceivedRequest, policy: Policy) -> None:
        allowed = "POST" if request.address.models is None else "GET"
        if request.method != allowed:
            raise WrongMethod(request.method, request.path, allowed)
        key = _bearer(request)
        if not key:
            raise missing_key()
        if not policy.knows_key(key):
            raise wrong_key(key)

    def resolve(self, request: ReceivedRequest, policy: Policy) -> str:
        model, operation = request.model, request.address.operation
        if not model:
            raise missing_parameter("model")
        if operation not in policy.known.models.get(model, ()):
            raise unknown_model(model)
        return model

    def refusal(self, error: ProviderRefusal) -> Response:
        response = Response.of_json(error.document(), error.status)
        return response.with_header("allow", error.allowed) if isinstance(error, WrongMethod) else response

    def headers(self, request: ReceivedRequest, response: Response, request_id: str, milliseconds: int) -> Headers:
        return (
            ("x-request-id", request_id),
            ("openai-processing-ms", str(milliseconds)),
            *_CONSTANT,
            *_limits(request, response),
        )


def _limits(request: ReceivedRequest, response: Response) -> Headers:
    """Returns the rate limit's headers, which refusals other than the limit's own lack."""
    if request.address.operation is None or (response.status >= 400 and response.status != 429):
        return ()
    return _limits_of(paid_by_tokens=(request.model or "").startswith(_PAID_BY_TOKENS), spent=response.status == 429)


@cache
def _limits_of(*, paid_by_tokens: bool, spent: bool) -> Headers:
    limits = _REQUEST_LIMIT | (_TOKEN_LIMIT if paid_by_tokens else {}) | (_SPENT if spent else {})
    return tuple((f"x-ratelimit-{name}", value) for name, value in limits.items())


def _bearer(request: ReceivedRequest) -> str:
    scheme, _, key = (request.header("authorization") or "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


OPENAI = _OpenAI()
