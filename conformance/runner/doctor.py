"""What ``doctor`` finds: does what the target declares hold, and what would each missing declaration unlock?

Each probe looks at one declaration and answers with one sentence; a probe whose declaration is absent is not asked.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from conformance.audio.samples import speech_like_wav
from conformance.drive.case import DEFAULT_SPEECH_MODEL, DEFAULT_TRANSCRIPTION_MODEL
from conformance.http.bodies import Upload, json_body, transcript_multipart
from conformance.http.client import SPEECH, TRANSCRIPTIONS, Gateway
from conformance.http.exchange import Exchange
from conformance.mock.control import MockControl
from conformance.runner.plan import Plan
from conformance.target import Target


@dataclass(frozen=True, slots=True)
class Sign:
    """What one probe saw: ``place`` is the path in the target file, ``holds`` whether the declaration is true."""

    place: str
    holds: bool
    said: str


@dataclass(frozen=True, slots=True)
class Unlock:
    """A reason why requirements are left undecided, and how many there are."""

    reason: str
    requirements: tuple[str, ...]


def examine(target: Target, gateway: Gateway, provider: MockControl | None) -> Iterator[Sign]:
    """Probe every declaration, one request or two each. Raises what the gateway's client raises when it is gone."""
    probe = _Probe(target, gateway, provider)
    for look in (probe.models, probe.deployments, probe.mock, probe.limits):
        yield from look()


def unlocks(plan: Plan) -> tuple[Unlock, ...]:
    """The reasons for what is left undecided, the one that unlocks most first."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for requirement_id, left in plan.undecided.items():
        groups[left.reason].append(requirement_id)
    found = [Unlock(reason, tuple(ids)) for reason, ids in groups.items()]
    return tuple(sorted(found, key=lambda unlock: -len(unlock.requirements)))


class _Probe:
    def __init__(self, target: Target, gateway: Gateway, provider: MockControl | None) -> None:
        self._target = target
        self._gateway = gateway
        self._provider = provider

    def models(self) -> Iterator[Sign]:
        models = self._target.models
        for place, keys, ask in (
            ("models.speech", models.speech or (DEFAULT_SPEECH_MODEL,), self._speak),
            ("models.transcription", models.transcription or (DEFAULT_TRANSCRIPTION_MODEL,), self._hear),
            ("models.azure_speech", _given(models.azure_speech), self._speak),
            ("models.azure_transcription", _given(models.azure_transcription), self._hear),
        ):
            for key in keys:
                yield _sign(place, f"`{key}`", ask(key), lambda status: status == 200, "is served")

    def deployments(self) -> Iterator[Sign]:
        without = self._target.models.without_deployment
        for place, key, ask in (
            ("models.without_deployment.speech", without.speech, self._speak),
            ("models.without_deployment.transcription", without.transcription, self._hear),
        ):
            for name in _given(key):
                yield _sign(place, f"`{name}`", ask(name), lambda status: status not in {200, 401}, "has no deployment")

    def mock(self) -> Iterator[Sign]:
        if self._provider is None:
            return
        marker = f"doctor{secrets.token_hex(4)}"
        exchange = self._speak(next(iter(self._target.models.speech), DEFAULT_SPEECH_MODEL), text=f"{marker}.")
        seen = self._provider.calls(marker=marker)
        said = (
            f"the gateway's request reached it as model `{seen[-1]['model']}`"
            if seen
            else f"no call arrived ({exchange.got})"
        )
        yield Sign("mock_provider", bool(seen), said)

    def limits(self) -> Iterator[Sign]:
        limited = self._target.limited_tokens
        for name, part in (
            ("rate_limit", limited.rate_limit),
            ("budget", limited.budget),
            ("per_request", limited.per_request),
        ):
            if part:
                exchange = self._speak(next(iter(self._target.models.speech), DEFAULT_SPEECH_MODEL), token=part.token)
                known = exchange.status not in {None, 401}
                yield Sign(
                    f"limited_tokens.{name}", known, "the token is known" if known else f"refused: {exchange.got}"
                )

    def _speak(self, model: str, *, text: str = "Hello.", token: str | None = None) -> Exchange:
        body = json_body({"model": model, "input": text, "voice": self._target.models.voice})
        return self._gateway.send(self._gateway.request(SPEECH, body, token=token), limited=True)

    def _hear(self, model: str) -> Exchange:
        upload = Upload(speech_like_wav(f"doctor {model}", 0.5), "doctor.wav")
        return self._gateway.send(
            self._gateway.request(TRANSCRIPTIONS, transcript_multipart(upload, {"model": model})), limited=True
        )


def _sign(place: str, what: str, exchange: Exchange, good: Callable[[int | None], bool], said: str) -> Sign:
    if exchange.status is not None and good(exchange.status):
        return Sign(place, holds=True, said=f"{what} {said}")
    return Sign(place, holds=False, said=f"{what}: {exchange.got}")


def _given(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()
