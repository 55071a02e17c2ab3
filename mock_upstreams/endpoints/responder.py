"""What makes the unscripted responses: the mock provider, or another responder in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

from mock_upstreams.abandonment import Abandonment, proceed
from mock_upstreams.endpoints.model_list import models_response
from mock_upstreams.endpoints.operations import unscripted_response
from mock_upstreams.endpoints.parameters import check_body
from mock_upstreams.endpoints.strictness import MOST_BODY_BYTES, check_strictly
from mock_upstreams.faces import Face, Policy
from mock_upstreams.faces.refusals import too_large, unknown_path
from mock_upstreams.provider import CachedResults, MockProvider, NotCached
from mock_upstreams.requests import ReceivedRequest
from mock_upstreams.responses import Response


class Responder(Protocol):
    """Makes unscripted responses: from the mock provider, a recording, or a real provider."""

    needs_raw: bool
    """Whether requests must carry their body as it was received."""

    def response(self, request: ReceivedRequest, face: Face) -> Response | Awaitable[Response]:
        """Returns the unscripted response, or what brings it where that takes its time. Both raise ProviderRefusal."""

    async def close(self) -> None:
        """Stops responding."""


class ProviderResponder:
    """Responds with the mock provider, at once with what it has at hand, else in `threads` threads beside the event loop."""

    needs_raw = False

    def __init__(self, provider: MockProvider, policy: Policy, threads: int) -> None:
        self._provider = provider
        self._at_hand = CachedResults(provider)
        self._policy = policy
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="mock-provider")

    def response(self, request: ReceivedRequest, face: Face) -> Response | Awaitable[Response]:
        """Returns the provider's response. Raises ProviderRefusal."""
        if request.address.operation is None and request.address.models is None:
            raise unknown_path(request.method, request.path)
        face.admit(request, self._policy)
        if request.address.models is not None:
            return models_response(self._policy.known, request.address.models)
        if self._policy.strict and request.body.size > MOST_BODY_BYTES:
            raise too_large(MOST_BODY_BYTES, request.body.size)
        check_body(request)
        model = face.resolve(request, self._policy)
        if self._policy.strict:
            check_strictly(request, model)
        try:
            return unscripted_response(self._at_hand, request, model, proceed)
        except NotCached:
            return self._made(request, model)

    async def _made(self, request: ReceivedRequest, model: str) -> Response:
        """Returns a response that is long work, done beside the event loop."""
        abandonment = Abandonment()
        work = partial(unscripted_response, self._provider, request, model, abandonment.checkpoint)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except asyncio.CancelledError:  # the client has gone; the thread would go on without it
            abandonment.abandon()
            raise

    async def close(self) -> None:
        """Ends the threads when they have done what they are at."""
        self._pool.shutdown(wait=False, cancel_futures=True)
