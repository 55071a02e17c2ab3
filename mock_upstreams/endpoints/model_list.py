"""`GET /v1/models` and `GET /v1/models/{id}`, as OpenAI responds to them."""

from __future__ import annotations

from typing import Any

from mock_upstreams.faces.refusals import unknown_model
from mock_upstreams.models import OPENAI_MODELS, KnownModels
from mock_upstreams.responses import Response

_CREATED = 1_700_000_000  # seconds since 1970; one fixed time, so that equal mocks respond alike
_SHUTDOWN_DATES = {
    "tts-": "2027-01-06",
    "gpt-4o-mini-tts": "2027-01-06",
    "whisper-": "2027-02-26",
    "gpt-4o": "2027-02-26",
}


def models_response(known: KnownModels, name: str) -> Response:
    """Returns all models for an empty name, else that one. Raises ProviderRefusal (404)."""
    if not name:
        return Response.of_json({"object": "list", "data": [_model(model) for model in sorted(known.models)]})
    if name not in known.models:
        raise unknown_model(name)
    return Response.of_json(_model(name))


def _model(name: str) -> dict[str, Any]:
    model = {"id": name, "object": "model", "created": _CREATED}
    if name not in OPENAI_MODELS:
        return model | {"owned_by": "mock-organization"}
    date = next((date for prefix, date in _SHUTDOWN_DATES.items() if name.startswith(prefix)), None)
    return model | {"owned_by": "openai-internal"} | ({} if date is None else {"shutdown_date": date})
