"""What is handed on of a provider's response: its status and head, its body as it comes, and what its error object names.

Nothing of a provider's words reaches the client: a key may be among them. Contract: openai-audio-2026-11, Transparency.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol, runtime_checkable

import msgspec

from reference_server.errors import GatewayError, InferenceFailed, RelayedError
from reference_server.logs import log
from reference_server.requests import Operation, SpeechRequest, TranscriptionRequest
from reference_server.upstreams.connections import OpenResponse, read
from reference_server.upstreams.protocol import ProviderFailed

# About the gateway's own key, which is no business of the client's.
_GATEWAYS_FAULT = frozenset({401, 403})
_HANDED_ON = ("content-type", "content-length", "cache-control", "openai-processing-ms", "openai-version")
_LIMITS = "x-ratelimit-"
_SMALL_BYTES = 256 * 1024
# Such as `invalid_value` and `messages[0].role`; a run of so many letters and digits might be a key.
_IDENTIFIER = re.compile(r"(?!.*[a-z0-9]{24})[a-z][a-z0-9_.\[\]]{0,63}")
_NAMED = ("type", "code", "param")


@runtime_checkable
class RelayingAdapter(Protocol):
    """An adapter that can also hand on what its provider responds, whatever that is; one call, as in `Adapter`."""

    async def relay(self, operation: Operation, request: SpeechRequest | TranscriptionRequest) -> OpenResponse:
        """The provider's response from its head on, whatever its status. Raises ProviderFailed where there is none."""
        ...


def headers_of(relayed: OpenResponse) -> dict[str, str]:
    """The headers that go to the client, the provider's request id among them under a name of its own."""
    found = {name: relayed.headers[name] for name in _HANDED_ON if name in relayed.headers}
    found |= {name: value for name, value in relayed.headers.items() if name.lower().startswith(_LIMITS)}
    if request_id := relayed.headers.get("x-request-id"):
        found["x-provider-request-id"] = request_id
    return found


def is_small_document(relayed: OpenResponse) -> bool:
    """Whether the body is a JSON document that is known to be small."""
    length = relayed.headers.get("content-length", "")
    is_json = relayed.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    return is_json and length.isdecimal() and int(length) <= _SMALL_BYTES


async def body_of(relayed: OpenResponse, timeout_s: float) -> AsyncGenerator[bytes, None]:
    """The body, piece by piece; each may take at most `timeout_s`.

    What breaks off raises, so that the server closes the connection instead of ending the body.
    """
    pieces = relayed.pieces()
    try:
        while True:
            async with asyncio.timeout(timeout_s):
                piece = await anext(pieces, None)
            if piece is None:
                return
            yield piece
    except (ProviderFailed, TimeoutError) as error:
        log("warning", "provider broke off", reason=str(error) or "silence")
        raise
    finally:
        await relayed.close()


async def error_of(relayed: OpenResponse) -> GatewayError:
    """The error that a response of any status but 200 is for the client."""
    if relayed.status < 400 or relayed.status in _GATEWAYS_FAULT:
        return InferenceFailed(f"the provider answered {relayed.status}")
    try:
        named = _named(await read(relayed))
    except ProviderFailed as error:
        return InferenceFailed(str(error))
    retry_after = relayed.headers.get("retry-after", "")
    headers = {"Retry-After": retry_after} if re.fullmatch(r"[0-9A-Za-z:, .]{1,40}", retry_after) else {}
    if request_id := relayed.headers.get("x-request-id"):
        headers["x-provider-request-id"] = request_id
    return RelayedError(relayed.status, named, headers)


def _named(body: bytes) -> Mapping[str, str | None]:
    """The members of the error object that are identifiers; nothing else of it."""
    try:
        error: Any = msgspec.json.decode(body)["error"]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError):
        return {}
    members = error if isinstance(error, dict) else {}
    return {name: members[name] for name in _NAMED if _is_identifier(members.get(name))}


def _is_identifier(value: Any) -> bool:
    return isinstance(value, str) and _IDENTIFIER.fullmatch(value) is not None
