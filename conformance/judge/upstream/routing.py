"""Routing: did the request reach the model, the operation and the deployment that its model key maps to?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from conformance.http.exchange import Exchange, Finding
from conformance.judge.upstream.comparison import values_of
from conformance.mock.calls import RecordedCall

_PATHS = {"speech": "speech", "transcription": "transcriptions", "translation": "translations"}


def reached_model(exchange: Exchange, calls: Sequence[RecordedCall], model: str) -> Finding | None:
    """Every call names the provider's own model, in its body or (on Azure's wire) in its path."""
    for call in calls:
        if set(_targets(call)) != {model}:
            message = "the wrong model of the provider was called"
            return Finding(message, f"model {model}", _named(call), (exchange,), (call,))
    return None


def reached_operation(exchange: Exchange, calls: Sequence[RecordedCall], operation: str) -> Finding | None:
    """Every call is of the operation that the client asked for."""
    for call in calls:
        if call.operation != operation:
            got = f"{call.method} {call.path}"
            message = f"a request for {operation} was sent to another operation of the provider"
            return Finding(message, f"…/audio/{_PATHS[operation]}", got, (exchange,), (call,))
    return None


def reached_deployment(exchange: Exchange, calls: Sequence[RecordedCall], deployment: str) -> Finding | None:
    """Every call goes to the deployment of the mapping: by its path, or where the path names none, as the model."""
    for call in calls:
        if (call.deployment or call.model) != deployment:
            message = "the wrong deployment was called"
            return Finding(message, f"deployment {deployment}", _named(call), (exchange,), (call,))
    return None


def azure_wire(exchange: Exchange, calls: Sequence[RecordedCall], operation: str) -> Finding | None:
    """The call has Azure's path, an api-version and the api-key header."""
    pattern = rf"(/[^/]+)*/openai/deployments/[^/]+/audio/{_PATHS[operation]}"
    for call in calls:
        lacks = [
            name
            for name, there in (
                (f"a path /openai/deployments/…/audio/{_PATHS[operation]}", re.fullmatch(pattern, call.path)),
                ("a query api-version", call.query.get("api-version")),
                ("a header api-key", any(name.lower() == "api-key" and value for name, value in call.headers)),
            )
            if not there
        ]
        if lacks:
            message = "the call is not on Azure's wire"
            got = f"{call.method} {call.path} without {' and '.join(lacks)}"
            return Finding(message, "path, api-version and api-key as Azure has them", got, (exchange,), (call,))
    return None


def served_by_none(exchange: Exchange, calls: Sequence[RecordedCall]) -> Finding | None:
    """No call of a request without a deployment was served.

    Asking for a deployment that does not exist, or not for this operation, and being told so is a legal way to find out.
    """
    for call in calls:
        if call.response and call.response.is_success:
            message = "a request for a model without a deployment reached another deployment"
            return Finding(message, "no deployment reached", _named(call), (exchange,), (call,))
    return None


def provider_reached(
    exchange: Exchange, calls: Sequence[RecordedCall], sibling: Sequence[RecordedCall]
) -> Finding | None:
    """A served request was a call of the provider, which a sibling request did reach."""
    if calls or not exchange.is_success or not sibling:
        return None
    message = "served, but the provider that the model key maps to saw no call"
    return Finding(message, "a call with this request's text or upload", "no call", (exchange,), tuple(sibling))


def _targets(call: RecordedCall) -> list[str]:
    return [str(model) for model in values_of(call, "model")] or [str(call.deployment)]


def _named(call: RecordedCall) -> str:
    deployment = f", deployment {call.deployment}" if call.deployment else ""
    return f"model {call.model}{deployment} at {call.path}"
