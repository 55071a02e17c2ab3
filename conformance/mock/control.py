"""The client of the mock provider's control API (`/_mock/`): scripts, journal, gates.

The suite knows the mock only by this wire. Raises ProviderUnreachable when the API does not answer as it should: that is
the harness's trouble, never the gateway's.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec

from conformance.errors import ProviderUnreachable
from conformance.mock.calls import RecordedCall, ScriptedResponse

_POLL_S = 10.0


class MockControl:
    """Speaks to one mock provider. Safe to use from several threads."""

    def __init__(self, control_url: str, control_token: str) -> None:
        self.control_url = control_url.rstrip("/")
        self._client = httpx.Client(
            base_url=f"{self.control_url}/_mock",
            headers={"Authorization": f"Bearer {control_token}"},
            timeout=_POLL_S + 20,
            trust_env=False,
        )
        self.script: tuple[ScriptedResponse, ...] = ()

    def for_case(self) -> MockControl:
        """The same client with a `script` of its own: what is scripted through it from now on, and nothing of others."""
        own = copy.copy(self)
        own.script = ()
        return own

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def register(self, models: list[str], deployments: Mapping[str, list[str]]) -> None:
        """Tells the mock which models and deployments the gateway's mapping uses."""
        self._ask("POST", "/models", json={"models": models, "deployments": dict(deployments)})

    def position(self) -> int:
        """The position of the latest recorded call: those that arrive from now on have a higher one."""
        return int(self._ask("GET", "/journal/position")["position"])

    def calls(self, *, at_least: int = 0, **wanted: str | int) -> list[RecordedCall]:
        """The recorded calls that match, oldest first: by marker, sha256, operation, model, deployment, face, since.

        `any_case="true"` finds the marker in other letters too.
        `at_least` waits (bounded) until so many match, for calls that are still on their way.
        """
        poll = {"at_least": at_least, "wait_s": _POLL_S} if at_least else {}
        found = self._ask("GET", "/journal", params={**wanted, **poll})["calls"]
        return msgspec.convert(found, list[RecordedCall])

    @contextmanager
    def scripted(self, match: Mapping[str, Any], act: Mapping[str, Any], *, times: int | None = None) -> Iterator[None]:
        """While inside: calls that match are answered as `act` says, `times` times or for ever (None).

        An empty act changes nothing; the mock refuses scripts of none, so it is not sent.
        """
        if not act:
            yield
            return
        scripted = ScriptedResponse(dict(match), dict(act), times)
        self.script += (scripted,)
        script = self._ask("POST", "/scripts", json=msgspec.to_builtins(scripted))
        try:
            yield
        finally:
            self._ask("DELETE", f"/scripts/{script['id']}")

    @contextmanager
    def gate(self, name: str) -> Iterator[Gate]:
        """A gate that scripted calls are held at (`act: {hold: name}`); leaving opens it for good."""
        self._ask("PUT", f"/gates/{name}")
        try:
            yield Gate(name, self._ask)
        finally:
            self._ask("DELETE", f"/gates/{name}")

    def _ask(self, method: str, path: str, *, may_be_gone: bool = False, **options: Any) -> Any:
        try:
            response = self._client.request(method, path, **options)
        except httpx.TransportError as error:
            raise ProviderUnreachable(
                f"The mock provider at {self.control_url} does not answer ({error}).",
                "Is it running, and is control_url right?",
            ) from error
        if may_be_gone and response.status_code == httpx.codes.NOT_FOUND:
            return None
        if response.is_error:
            raise ProviderUnreachable(
                f"The mock provider refused {method} /_mock{path}: {response.status_code} {response.text[:200]}",
                "Is control_token right?" if response.status_code == 401 else "",
            )
        return response.json() if response.content else None


class Gate:
    """A gate at which scripted calls are held: their requests are in flight, without guessing by time."""

    def __init__(self, name: str, ask: Callable[..., Any]) -> None:
        self.name = name
        self._ask = ask

    def wait_for(self, count: int, *, wait_s: float = _POLL_S) -> int:
        """Waits (at most `wait_s`, at most 30) until `count` calls are held; returns how many are."""
        params = {"waiting_at_least": count, "wait_s": wait_s}
        return int(self._ask("GET", f"/gates/{self.name}", params=params)["waiting"])

    def release(self, *, position: int | None = None) -> None:
        """Lets one held call go, by its journal position, or opens the gate for good.

        A call that the gateway has given up in the meantime waits no more, and there is nothing to let go.
        """
        body = {"all": True} if position is None else {"position": position}
        self._ask("POST", f"/gates/{self.name}/release", may_be_gone=True, json=body)
