"""OpenAI's face: ``/v1/audio/{speech,transcriptions,translations}`` and ``/v1/models``, Bearer keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mock_upstreams.answers import Answer
from mock_upstreams.arrivals import Address
from mock_upstreams.faces.face import OPERATIONS
from mock_upstreams.faces.refusals import missing_key, missing_parameter, unknown_model, wrong_key, wrong_method

if TYPE_CHECKING:
    from mock_upstreams.arrivals import Arrival, FaceName
    from mock_upstreams.errors import MockProviderError
    from mock_upstreams.faces.face import Policy

__all__ = ["OPENAI"]

_PATH = re.compile(rf"/v1/audio/(?P<operation>{'|'.join(OPERATIONS)})")


class _OpenAI:
    name: FaceName = "openai"

    def address(self, path: str) -> Address | None:
        match = _PATH.fullmatch(path)
        return Address("openai", OPERATIONS[match["operation"]]) if match else None

    def admit(self, arrival: Arrival, policy: Policy) -> None:
        if arrival.method != "POST":
            raise wrong_method(arrival.method, arrival.path)
        key = _bearer(arrival)
        if not key:
            raise missing_key()
        if not policy.knows_key(key):
            raise wrong_key(key)

    def resolve(self, arrival: Arrival, policy: Policy) -> str:
        model, operation = arrival.model, arrival.address.operation
        if not model:
            raise missing_parameter("model")
        if operation not in policy.known.models.get(model, ()):
            raise unknown_model(model)
        return model

    def refusal(self, error: MockProviderError) -> Answer:
        answer = Answer.of_json(error.document(), error.status)
        return answer.with_header("allow", "POST") if error.status == 405 else answer

    def headers(self, request_id: str, milliseconds: int) -> dict[str, str]:
        return {
            "x-request-id": request_id,
            "openai-version": "2020-10-01",
            "openai-processing-ms": str(milliseconds),
            "openai-organization": "mock-organization",
            "access-control-expose-headers": "X-Request-ID",
        }


def _bearer(arrival: Arrival) -> str:
    scheme, _, key = (arrival.header("authorization") or "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


OPENAI = _OpenAI()
