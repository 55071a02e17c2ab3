"""What becomes of a provider's refusal: an error in our words, with the field's name in the client's own spelling.

Contract: rulings, Statuses (provider rows) and Answers, "error body".
"""

from __future__ import annotations

from reference_server.audio.inspection import fault_of, head_of
from reference_server.errors import GatewayError, InferenceFailed, ProviderBusy, RefusedByProvider
from reference_server.refusals import Reason, field_of, looks_like
from reference_server.requests import SpeechRequest, TranscriptionRequest
from reference_server.upstreams.protocol import ProviderRefused

# Statuses by which a provider says that the request itself is at fault; every other one is the provider's own failure.
# The words of a provider's error never count: a 500 that says "not found" is a 500.
_CLIENTS_FAULT = frozenset({400, 404, 413, 415, 422})
# A provider's `param` is repeated to the client only when it names a field of this contract.
_FIELDS = frozenset(
    {"model", "input", "voice", "response_format", "speed", "instructions", "file"}
    | {"language", "prompt", "temperature", "timestamp_granularities"}
)


async def refusal(error: ProviderRefused, request: SpeechRequest | TranscriptionRequest) -> GatewayError:
    """The error to answer with: 400, 429 or 500 by the provider's status. A refused recording is looked at for why."""
    if error.status == 429:
        return ProviderBusy(error.retry_after)
    if error.status not in _CLIENTS_FAULT:
        return InferenceFailed(str(error))
    reason, param = error.reason, _field(error)
    if not isinstance(request, TranscriptionRequest):
        return RefusedByProvider(param, reason)
    if param in {None, "file"} and (seen := await fault_of(request.audio)) is not None:
        # What is seen in the file says more than "invalid file"; what only the model can know stands.
        reason, param = seen, "file"
    guess = looks_like(head_of(request.audio)) if reason == Reason.UNKNOWN_FORMAT else None
    return RefusedByProvider(_as_sent(param, request), reason, guess)


def _field(error: ProviderRefused) -> str | None:
    named = (error.param or "").partition("[")[0]
    known = named if named in _FIELDS else None
    return known if error.reason is None else field_of(error.reason) or known


def _as_sent(param: str | None, request: TranscriptionRequest) -> str | None:
    """The field's name in the encoding that the client used."""
    if param == "file":
        return request.audio.param
    in_form = request.audio.param == "file"
    return f"{param}[]" if param == "timestamp_granularities" and in_form else param
