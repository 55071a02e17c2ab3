"""The one place that decides what runs.

For every requirement: does it run, or is it left undecided, and why? A need is a name that the catalogue uses and a rule
that looks at the target, and at what preflight showed, and answers with what is missing, in words that say what to
declare. Nothing else in the suite skips.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.contracts import Contract, Requirement, foreign_to
from conformance.drive.sdk import SdkName, no_sdk
from conformance.reports.verdicts import Verdict
from conformance.target import Target

MODEL_LIST = "model_list"


@dataclass(frozen=True, slots=True)
class Preflight:
    """What preflight showed: for each capability, why its model key cannot be used or why it is not there; and remarks."""

    unusable: Mapping[str, str]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undecided:
    """A requirement that does not run, the verdict it has all the same and the reason."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True)
class Plan:
    """What runs, and what is left undecided; requirements that were not selected are in neither.

    `absent` are the operations that the gateway lacks and may lack: no check asks them.
    """

    runs: tuple[Requirement, ...]
    undecided: Mapping[str, Undecided]
    absent: frozenset[str] = frozenset()

    @cached_property
    def run_ids(self) -> frozenset[str]:
        return frozenset(requirement.id for requirement in self.runs)


def make_plan(contract: Contract, selected: frozenset[str], target: Target, preflight: Preflight) -> Plan:
    """Decide for every selected requirement of the contract; what only other contracts ask for is not applicable.

    Raises KeyError for a need that has no rule (a fault of the catalogue).
    """
    runs: list[Requirement] = []
    undecided: dict[str, Undecided] = {}
    for requirement in contract.catalogue:
        if requirement.id not in selected:
            continue
        missing = _missing(contract, requirement, target, preflight)
        if missing:
            undecided[requirement.id] = Undecided(Verdict.NOT_VERIFIED, missing)
        else:
            runs.append(requirement)
    return Plan(tuple(runs), undecided | _not_applicable(contract, selected), _absent(contract, preflight))


def _absent(contract: Contract, preflight: Preflight) -> frozenset[str]:
    operations = contract.operations.items()
    return frozenset(route for route, each in operations if each.optional and each.capability in preflight.unusable)


def plan_nothing(contract: Contract, selected: frozenset[str], reason: str) -> Plan:
    """The plan when the gateway cannot be judged at all: every selected requirement of the contract is blocked."""
    blocked = {each.id: Undecided(Verdict.BLOCKED, reason) for each in contract.catalogue if each.id in selected}
    return Plan((), blocked | _not_applicable(contract, selected))


def _not_applicable(contract: Contract, selected: frozenset[str]) -> dict[str, Undecided]:
    reason = f"the contract {contract.name} does not ask for it"
    return {each.id: Undecided(Verdict.NOT_APPLICABLE, reason) for each in foreign_to(contract) if each.id in selected}


def _missing(contract: Contract, requirement: Requirement, target: Target, preflight: Preflight) -> str:
    needs = (*contract.optional_capabilities(requirement.id), *requirement.needs)
    reasons = (NEEDS[need](target, preflight) for need in needs)
    return next((reason for reason in reasons if reason), "")


def to_declare(requirement: Requirement) -> tuple[str, ...]:
    """What a target has to declare for a requirement beyond `base_url` and `token`, a sentence each."""
    bare = Target(base_url="http://127.0.0.1", token="")
    reasons = (NEEDS[need](bare, Preflight({})) for need in requirement.needs)
    return tuple(reason for reason in reasons if reason)


Rule = Callable[[Target, Preflight], str]


def _capability(name: str) -> Rule:
    return lambda _, preflight: preflight.unusable.get(name, "")


def _declared(path: str, meaning: str, *, at_least: int = 1) -> Rule:
    """The rule that something stands at a path of the target file: a value, or a list of at least so many."""

    def rule(target: Target, _: Preflight) -> str:
        value: Any = target
        for name in path.split("."):
            value = getattr(value, name, None)
        enough = len(value) >= at_least if isinstance(value, Sized) else value is not None
        return "" if enough else f"declare {path}: {meaning}"

    return rule


def _formats_known(target: Target, _: Preflight) -> str:
    if target.mock_provider or target.expect.transcript_formats:
        return ""
    return "declare expect.transcript_formats or mock_provider: which transcript formats the provider behind serves"


def _handled(operation: str, how: str) -> Rule:
    """The rule that the target says how its gateway handles an operation, or a key of its own, and that it is so."""

    def rule(target: Target, _: Preflight) -> str:
        declared = getattr(target.handling, operation)
        if how == "transform" and getattr(target.models.transformed, operation):
            return ""
        if declared is None:
            return f"declare handling.{operation}: passthrough, transform or local"
        return "" if declared == how else f"handling.{operation} is {declared}: this is judged of {how}"

    return rule


def _own_keys(target: Target, _: Preflight) -> str:
    if target.credentials == "own":
        return ""
    if target.credentials is None:
        return "declare credentials: own, where the gateway gives its clients keys of its own"
    return f"credentials is {target.credentials}: the gateway gives out no keys"


def _keys_asked(target: Target, _: Preflight) -> str:
    return "credentials is none: the gateway asks for no key" if target.credentials == "none" else ""


def _sdk(name: SdkName) -> Rule:
    return lambda target, _: no_sdk(name, target.sdks)


_SECOND = "a second key, to see that keys are routed apart"
_LACKS = "an Azure key without a {} deployment"

NEEDS: Mapping[str, Rule] = {
    "speech": _capability("speech"),
    "transcription": _capability("transcription"),
    "translation": _capability("translation"),
    "speech_stream": _capability("speech_stream"),
    "transcription_stream": _capability("transcription_stream"),
    "diarization": _capability("diarization"),
    "logprobs": _capability("logprobs"),
    "keywords": _capability("keywords"),
    "model_list": _capability(MODEL_LIST),
    "custom_voice": _declared("models.custom_voice", "the id of a voice of one's own that the gateway knows"),
    "usage_headers": _declared("usage_headers", "the headers that tell what a call used"),
    "second_speech": _declared("models.speech", _SECOND, at_least=2),
    "second_transcription": _declared("models.transcription", _SECOND, at_least=2),
    "second_translation": _declared("models.translation", _SECOND, at_least=2),
    "azure_speech": _declared("models.azure_speech", "a speech key served by Azure"),
    "azure_transcription": _declared("models.azure_transcription", "a transcription key served by Azure"),
    **{
        f"without_deployment.{operation}": _declared(f"models.without_deployment.{operation}", _LACKS.format(operation))
        for operation in ("speech", "transcription", "translation")
    },
    "limited.rate_limit": _declared("limited_tokens.rate_limit", "a token with a rate limit"),
    "limited.budget": _declared("limited_tokens.budget", "a token whose budget is spent"),
    "limited.budget.spend": _declared(
        "limited_tokens.budget.spend", "how many requests spend the budget of a token that is not spent yet"
    ),
    "limited.per_request.characters": _declared(
        "limited_tokens.per_request.max_characters", "a token with a quota of characters per request"
    ),
    "limited.per_request.upload": _declared(
        "limited_tokens.per_request.max_upload_bytes", "a token with a quota of upload bytes per request"
    ),
    **{
        f"{how}.{operation}": _handled(operation, how)
        for how in ("passthrough", "transform")
        for operation in ("speech", "transcription", "translation")
    },
    "sdk.python": _sdk("python"),
    "sdk.node": _sdk("node"),
    "own_keys": _own_keys,
    "keys_asked": _keys_asked,
    "mock": _declared("mock_provider", "the mock provider that the gateway routes to"),
    "expect.upstream_models": _declared("expect.upstream_models", "which provider's model each key maps to"),
    "expect.deployments": _declared("expect.deployments", "which deployment each Azure key maps to"),
    "lifecycle": _declared("lifecycle", "the commands that stop and start the gateway"),
    "timeout_s": _declared("timeout_s", "by when a silent provider must have been answered for"),
    "max_upload_mb": _declared("max_upload_mb", "the gateway's limit for an upload"),
    "transcript_formats": _formats_known,
}
"""The needs that the catalogue may name, each with the rule that says what is missing; empty for nothing."""
