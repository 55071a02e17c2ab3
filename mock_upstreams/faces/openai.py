"""OpenAI's face: `/v1/audio/{speech,transcriptions,translations}` and `/v1/models`, Bearer keys."""

from __future__ import annotations

import re

from mock_upstreams.errors import ProviderRefusal
from mock_upstreams.faces.face import OPERATIONS, Policy
from mock_upstreams.faces.refusals import missing_key, missing_parameter, unknown_model, wrong_key, wrong_method
from mock_upstreams.requests import Address, FaceName, ReceivedRequest
from mock_upstreams.responses import Response

_PATH = re.compile(rf"/v1/audio/(?P<operation>{'|'.join(OPERATIONS)})")


class _OpenAI:
    name: FaceName = "openai"

    def address(self, path: str) -> Address | None:
        match = _PATH.fullmatch(path)
        return Address("openai", OPERATIONS[match["operation"]]) if match else None

    def admit(self, request: ReceivedRequest, policy: Policy) -> None:
        if request.method != "POST":
            raise wrong_method(request.method, request.path)
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
        return response.with_header("allow", "POST") if error.status == 405 else response

    def headers(self, request_id: str, milliseconds: int) -> dict[str, str]:
        return {
            "x-request-id": request_id,
            "openai-version": "2020-10-01",
            "openai-processing-ms": str(milliseconds),
            "openai-organization": "mock-organization",
            "access-control-expose-headers": "X-Request-ID",
        }


def _bearer(request: ReceivedRequest) -> str:
    scheme, _, key = (request.header("authorization") or "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


OPENAI = _OpenAI()
