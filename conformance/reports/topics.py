"""What a requirement is about, read from its id: the operation, and the topic that it has in every area.

An id is dotted: area, operation where there is one, then what it asks, e.g. `errors.speech.unknown-model`. A fault of the
gateway's shows under several ids of one topic: `errors.speech.unknown-model` and `calls.speech.unknown-model`.
"""

from __future__ import annotations

OPERATIONS = ("speech", "transcriptions", "translations")
# The area of who may and who may not.
ACCESS = "authentication"
# Areas that are no topic by themselves: what comes after them says what the requirement asks.
_AREAS = frozenset(
    {
        *("authentication", "azure", "calls", "concurrency", "errors", "failures", "generated", "http", "lifecycle"),
        *("limits", "provider", "robustness", "routing", "secrets", "security"),
    }
)
# Ids that ask the same in other words, by what they end with. The longest goes first.
_SAME_TOPIC = {
    "query-string": "missing",
    "no-token": "missing",
    "unknown-token": "token",
    "odd-token": "token",
    "near-miss-token": "token",
    "other-capability": "unknown-model",
    "model-name": "unknown-model",
    "model.padded": "unknown-model",
    "method-not-allowed": "method-refused",
    "empty-audio.not-served": "empty-audio.refused",
    "audio-data.empty": "empty-audio.refused",
    "no-other-deployment": "no-deployment",
    "forms-alike": "fields",
    "second-model-answer": "answer",
}
# Topics of ids that look at many things at once: that two findings have such a topic says nothing of what they are about.
COLLECTIVE = frozenset(
    {
        *(
            "all-fields",
            "answer",
            "answers-conform",
            "discreet",
            "failures",
            "fields",
            "forms-agree",
            "invalid-refused",
        ),
        *("never-5xx", "own-fields", "refusals", "refused", "second-model-fields", "valid-accepted", "wire"),
    }
)
_TWIN_ENDINGS = ("-status", "-exact", "-400", "-not-forwarded", "-whole", "-warm")


def operation_of(requirement: str) -> str:
    """The operation that an id names, empty for none; `azure-speech` names speech."""
    parts = requirement.split(".")
    return next((name for name in OPERATIONS if name in parts or f"azure-{name}" in parts), "")


def area_of(requirement: str) -> str:
    """The first part of an id."""
    return requirement.partition(".")[0]


def topic_of(requirement: str) -> str:
    """What an id asks, whatever its operation and level: twins of MUST and SHOULD have one topic."""
    parts = [part for part in requirement.split(".") if part not in OPERATIONS]
    if parts and parts[0] in _AREAS:
        parts = parts[1:]
    topic = ".".join(parts) or requirement
    topic = _without_ending(topic)
    return _SAME_TOPIC.get(topic, topic)


def folded(requirements: tuple[str, ...]) -> tuple[str, ...]:
    """Ids without the twins of others among them, e.g. `unknown-model-status` where `unknown-model` is there."""
    known = set(requirements)
    return tuple(each for each in requirements if _without_ending(each) == each or _without_ending(each) not in known)


def _without_ending(text: str) -> str:
    ending = next((each for each in _TWIN_ENDINGS if text.endswith(each)), "")
    return text.removesuffix(ending)
