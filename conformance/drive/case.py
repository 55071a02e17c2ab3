"""One case: its own marker, its own upload, and the means to drive the gateway and judge what came back.

Every check function takes a Case and nothing else that the suite makes. A case's marker stands in its input text and file
name, and its upload's bytes are its own, so that the provider's calls can be told apart while cases run side by side.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from conformance.audio.samples import speech_like_wav
from conformance.contracts import Capability, Contract, Requirement
from conformance.drive.shared import Shared
from conformance.errors import Blocked, NotForwarded, NotVerified, Violated
from conformance.http.bodies import Body, Identified, Upload
from conformance.http.client import Gateway
from conformance.http.exchange import Exchange, Finding, Request
from conformance.judge.client.statuses import status_is
from conformance.mock.calls import RecordedCall
from conformance.mock.control import MockControl
from conformance.target import Target

_CALLS_SHOWN = 3
# A check asks for its upload when it sends it, when it scripts the provider and when it looks for its calls.
_recording = functools.lru_cache(maxsize=256)(speech_like_wav)


@dataclass
class Case:
    """What a check works with.

    `seed` is the run's, `examples` how many cases a generated check should try, `shared` what the checks of a run share.
    """

    marker: str
    requirement: Requirement
    contract: Contract
    target: Target
    gateway: Gateway
    mock: MockControl | None
    seed: int
    examples: int
    shared: Shared = field(default_factory=Shared)
    _children: Iterator[int] = field(default_factory=itertools.count)

    # ---- what is sent ------------------------------------------------------------------------------------------

    @property
    def speech_model(self) -> str:
        """The model key that speech is asked of by default."""
        return self.model_keys("speech")[0]

    @property
    def transcription_model(self) -> str:
        """The model key that transcripts are asked of by default."""
        return self.model_keys("transcription")[0]

    def model_keys(self, capability: Capability) -> tuple[str, ...]:
        """The model keys that serve a capability, the one to use by default first; never empty."""
        models = self.target.models
        declared: tuple[str, ...] = getattr(models, capability)
        if capability == "translation":
            declared = declared or models.transcription
        return declared or (self.contract.default_model(capability),)

    def transformed_key(self, route: str) -> str | None:
        """The key to ask where the requirement is about answers of the gateway's own; None for the default one."""
        operation = self.contract.operations[route].operation
        key: str | None = getattr(self.target.models.transformed, operation)
        return key if f"transform.{operation}" in self.requirement.needs else None

    @property
    def voice(self) -> str:
        """A voice that the providers behind the gateway know."""
        return self.target.models.voice

    @property
    def text(self) -> str:
        """The case's marker as a sentence: what a provider takes for a request grows with its length."""
        return f"{self.marker}."

    @property
    def sentences(self) -> str:
        """A text of several sentences, for where it matters that all of it arrives."""
        return f"{self.text} Hello there."

    def upload(self, seconds: float = 0.5) -> Upload:
        """A wav of this case alone: its bytes and its file name carry the marker."""
        return Upload(_recording(self.marker, seconds), f"{self.marker}.wav", "audio/wav")

    # ---- driving -----------------------------------------------------------------------------------------------

    def send(
        self, request: Request, *, limited: bool = False, fresh: bool = False, timeout_s: float | None = None
    ) -> Exchange:
        """Sends the request as it is, on a `fresh` connection where that matters.

        Raises Blocked where the gateway's own limit is in the way, or the gateway is gone.
        """
        return self.gateway.send(request, limited=limited, fresh=fresh, timeout_s=timeout_s)

    def request(
        self, route: str, body: Body | None = None, *, method: str = "POST", token: str | None = None
    ) -> Request:
        """A request of an operation, at the contract's path for it."""
        return self.gateway.request(self.contract.operations[route].path, body, method=method, token=token)

    def post(self, route: str, body: Body) -> Exchange:
        """Sends a body of the check's own making to an operation."""
        return self.send(self.request(route, body))

    def example(self) -> Case:
        """A fresh case under the same check, with a marker of its own (never containing this one): one for each example."""
        marker = f"{self.marker[:-1]}x{next(self._children)}z"
        return replace(self, marker=marker, _children=itertools.count())

    # ---- the provider's side -------------------------------------------------------------------------------------

    @property
    def provider(self) -> MockControl:
        """The mock's control client. Raises Blocked where there is none (the plan should have seen to that)."""
        if self.mock is None:
            raise Blocked("no mock provider is declared")
        return self.mock

    def calls(self, upload: Identified | None = None) -> list[RecordedCall]:
        """The recorded calls of this case, oldest first: found by marker, and by the bytes of its upload."""
        return self.provider.calls(marker=self.marker, or_sha256=(upload or self.upload()).digest)

    def calls_resembling(self) -> list[RecordedCall]:
        """The recorded calls that have the marker in any letter case: for where a gateway may have changed the very text."""
        return self.provider.calls(marker=self.marker, any_case="true")

    def call(self, exchange: Exchange, upload: Upload | None = None) -> RecordedCall:
        """The one call that a successful exchange led to. Raises Blocked where the exchange failed or led to none."""
        self.succeeded(exchange)
        found = self.calls(upload) or self.calls_resembling()
        if not found:
            raise NotForwarded(exchange)
        return found[-1]

    # ---- judging -----------------------------------------------------------------------------------------------

    def is_served(self, exchange: Exchange) -> bool:
        """Whether a request was answered with the status of a success."""
        return exchange.status in self.contract.statuses("served")

    def succeeded(self, exchange: Exchange) -> Exchange:
        """The exchange, if it was served: the precondition of checks that look inside. Raises Blocked otherwise."""
        if not self.is_served(exchange):
            raise Blocked(f"a valid request was not served: {exchange.got}", exchange)
        return exchange

    def answered(self, exchange: Exchange, situation: str, *, because: str) -> Finding | None:
        """The status is one that the contract allows in a situation, e.g. `missing-field`; `because` says what was sent."""
        return status_is(exchange, self.contract.statuses(situation), because=because)

    def judge(self, *findings: Finding | None) -> None:
        """Raises Violated with every finding that is one.

        Raises NotVerified where a finding is about silence and nothing says how long the gateway may take.
        """
        real = tuple(finding for finding in findings if finding is not None)
        silent = [each for finding in real for each in finding.exchanges if each.timed_out]
        if silent and self.target.timeout_s is None:
            raise NotVerified("declare timeout_s: by when the gateway must have answered", *silent)
        if real:
            raise Violated(*map(self.evidenced, real))

    def evidenced(self, finding: Finding) -> Finding:
        """The finding with the provider's side of it: what it was told to do, and the calls that it got, if any."""
        if self.mock is None:
            return finding
        upstream = finding.upstream or tuple(self.calls()[-_CALLS_SHOWN:])
        return replace(finding, script=finding.script or self.mock.script, upstream=upstream)
