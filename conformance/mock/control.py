"""The client of the mock provider's control API (`/_mock/`): scripts, journal, gates.

The suite knows the mock only by this wire. Raises ProviderUnreachable when the API does not answer as it should: that is
the harness's trouble, never the gateway's. Raises MockRefused, a ValueError, where what is asked is wrong.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from conformance.errors import MockRefused, NoAnswer, ProviderUnreachable
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Request
from conformance.http.pool import Pool
from conformance.mock.calls import RecordedCall, ScriptedResponse
from conformance.mock.line import TIMEOUT_S, Line

_POLL_S = 10.0
_CONNECTIONS = 32


@dataclass(slots=True)
class _Latest:
    """The highest journal position that the mock has told."""

    position: int = 0


@dataclass(slots=True)
class PlayedScript:
    """A scripted response; once it has ended, `used` says how many calls it was played on."""

    used: int = 0


class MockControl:
    """Speaks to one mock provider. Safe to use from several threads.

    `script` is what was scripted through it; calls at a position up to `since` are not looked for.
    """

    def __init__(self, control_url: str, control_token: str) -> None:
        self.control_url = control_url.rstrip("/")
        self._pool = Pool(_CONNECTIONS, Endpoint(self.control_url), Line)
        self._headers = (("Authorization", f"Bearer {control_token}"), ("Content-Type", "application/json"))
        self._latest = _Latest()
        self.since = 0
        self.script: tuple[ScriptedResponse, ...] = ()

    def for_case(self) -> MockControl:
        """The same client with a `script` of its own: what is scripted through it from now on, and nothing of others.

        It finds calls that are yet to come, so that the mock need not look through a long journal.
        """
        own = copy.copy(self)
        own.script = ()
        own.since = self._latest.position
        return own

    def close(self) -> None:
        """Closes the connections."""
        self._pool.close()

    def register(self, models: Mapping[str, list[str]], deployments: Mapping[str, list[str]]) -> None:
        """Tells the mock which models and deployments the gateway's mapping uses, each with its operations."""
        self._ask("POST", "/models", document={"models": dict(models), "deployments": dict(deployments)})

    def position(self) -> int:
        """The position of the latest recorded call: those that arrive from now on have a higher one."""
        self._latest.position = int(self._ask("GET", "/journal/position")["position"])
        return self._latest.position

    def calls(self, *, at_least: int = 0, **wanted: str | int) -> list[RecordedCall]:
        """The recorded calls that match, oldest first: by marker, sha256, operation, model, deployment, face, since.

        `any_case="true"` finds the marker in other letters too; `or_sha256` the calls with an upload beside those with the
        marker. `at_least` waits (bounded) until so many match, for calls that are still on their way.
        """
        poll = {"at_least": at_least, "wait_s": _POLL_S} if at_least else {}
        found = self._ask("GET", "/journal", params={"since": self.since, **wanted, **poll})
        if found["position"] < self.since:  # another mock has taken its place, and counts anew
            self.since = 0
            found = self._ask("GET", "/journal", params={**wanted, **poll})
        self._latest.position = found["position"]
        return msgspec.convert(found["calls"], list[RecordedCall])

    @contextmanager
    def scripted(
        self, match: Mapping[str, Any], act: Mapping[str, Any], *, times: int | None = None
    ) -> Iterator[PlayedScript]:
        """While inside: calls that match are answered as `act` says, `times` times or for ever (None).

        An empty act changes nothing; the mock refuses scripts of none, so it is not sent.
        """
        played = PlayedScript()
        if not act:
            yield played
            return
        scripted = ScriptedResponse(dict(match), dict(act), times)
        self.script += (scripted,)
        script = self._ask("POST", "/scripts", document=scripted)
        try:
            yield played
        finally:
            played.used = int(self._ask("DELETE", f"/scripts/{script['id']}")["used"])

    @contextmanager
    def gate(self, name: str) -> Iterator[Gate]:
        """A gate that scripted calls are held at (`act: {hold: name}`); leaving opens it for good."""
        self._ask("PUT", f"/gates/{name}")
        try:
            yield Gate(name, self._ask)
        finally:
            self._ask("DELETE", f"/gates/{name}")

    def forget(self) -> None:
        """Removes all scripts, and all gates, which lets go what is held at them."""
        self._ask("DELETE", "/scripts")
        for gate in self._ask("GET", "/gates")["gates"]:
            self._ask("DELETE", f"/gates/{quote(gate['name'], safe='')}", may_be_gone=True)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        may_be_gone: bool = False,
        params: Mapping[str, str | int | float] | None = None,
        document: Any = None,
    ) -> Any:
        url = f"{self.control_url}/_mock{path}{f'?{urlencode(params)}' if params else ''}"
        content = b"" if document is None else msgspec.json.encode(document)
        try:
            response = self._pool.fetch(Request(method, url, self._headers, content), TIMEOUT_S)
        except NoAnswer as error:
            raise ProviderUnreachable(
                f"The mock provider at {self.control_url} does not answer ({error}).",
                "Is it running, and is control_url right?",
            ) from error
        if may_be_gone and response.status == HTTPStatus.NOT_FOUND:
            return None
        if response.status == HTTPStatus.BAD_REQUEST:
            raise MockRefused(_told(response.body))
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise ProviderUnreachable(
                f"The mock provider refused {method} /_mock{path}: "
                f"{response.status} {response.body[:200].decode(errors='replace')}",
                "Is control_token right?" if response.status == HTTPStatus.UNAUTHORIZED else "",
            )
        return json.loads(response.body) if response.body else None


def _told(content: bytes) -> str:
    """The message of a refusal, which names the field and what is taken there."""
    try:
        error = json.loads(content)["error"]
        message = error["message"]
    except (ValueError, KeyError, TypeError):
        message = content.decode(errors="replace")
    return f"The mock provider refuses this: {message}"


class Gate:
    """A gate at which scripted calls are held: their requests are in flight, without guessing by time."""

    def __init__(self, name: str, ask: Callable[..., Any]) -> None:
        self.name = name
        self._ask = ask

    def wait_for(self, count: int, *, wait_s: float = _POLL_S) -> int:
        """Waits (at most `wait_s`, at most 30) until `count` calls are held; returns how many are."""
        params = {"waiting_at_least": count, "wait_s": wait_s}
        return int(self._ask("GET", f"/gates/{self.name}", params=params)["waiting"])

    def release(self, *, position: int | None = None, count: int | None = None) -> None:
        """Lets one held call go, by its journal position, or so many, or opens the gate for good.

        A call that the gateway has given up in the meantime waits no more, and there is nothing to let go.
        """
        some: dict[str, Any] = {"count": count} if position is None else {"position": position}
        body = {"all": True} if position is None and count is None else some
        self._ask("POST", f"/gates/{self.name}/release", may_be_gone=True, document=body)
