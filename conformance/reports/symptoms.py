"""Symptoms: what came instead of what was due, without what changes from request to request.

Pure. Two findings that show the same symptom may well have one cause; two that differ in a request id, a number or a path
show the same one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from conformance.audio import FORMATS
from conformance.http.exchange import is_success
from conformance.reports.findings import FindingReport, ResponseReport
from conformance.reports.forms import form_instead, media_type, operation_asked
from conformance.reports.topics import OPERATIONS, area_of, operation_of, topic_of

ANSWER, SERVED, RELAYED, SILENCE = "answer", "served", "relayed", "silence"
AUDIO, FORM, OTHER = "audio", "form", "other"
_WRONG_STATUS = "wrong status"
_AUDIO_PROBLEMS = (
    "not a whole stream",
    "the audio ",
    "no audio",
    "Content-Type and bytes disagree",
    "wrong media type",
)
_FOUND_BY = re.compile(r" \(found by [\w.-]+\)$")
_SOMETHING_ELSE = "the provider got something else than the client sent"
_NO_SUCH_FIELD = re.compile(r"(\S+) no such field\b")
_NAMED_FORMAT = re.compile(r'response_format"?\W{1,4}(\w+)')
_STATUS = re.compile(r"\b[1-5]\d\d\b")
# What changes from one answer to the next, and what stands for it. The order matters.
_IDS = (
    (re.compile(r"mark[0-9a-f]+n\d+(?:x\d+)*z\w*", re.IGNORECASE), "MARKER"),
    (re.compile(r"\b(?:req|id|chatcmpl|trace)[-_][\w-]{6,}"), "ID"),
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE), "ID"),
    (re.compile(r"\bcpee…redacted\b|\bcpeer_\w+"), "TOKEN"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b", re.IGNORECASE), "ID"),
)
_VALUES = (
    (re.compile(r"(?:[A-Za-z]:)?(?:[/\\][\w.@+-]+){2,}"), "PATH"),
    (re.compile(r"'[^']{0,200}'|\"[^\"]{0,200}\"|`[^`]{0,200}`"), "'…'"),
    (re.compile(r"(?<![A-Za-z\d])(?<!\ba )-?\d+(?:\.\d+)?"), "N"),  # but "a 200" is a status
)
# How a symptom begins, for comparison, that is about a field which the provider did not get.
LOST = "lost on the way: "
# What is one thing in several words: a field that is lost on the way is also lost from one of two forms.
_SAME_WORDS = (
    (re.compile(r" \([^()]*\)$"), ""),
    (re.compile(r"^the two forms of one \w+ reach the provider with different (.+)$"), rf"{LOST}\1"),
    (
        re.compile(r"^the line breaks of (\S+), or .* do not reach the provider as they were sent$"),
        rf"{LOST}\1",
    ),
    (re.compile(r"^(\S+) does not reach the provider as it was sent$"), rf"{LOST}\1"),
    (re.compile(rf"\b(?:{'|'.join(FORMATS)})\b"), "FORMAT"),
)
# What the answer was otherwise says nothing of why.
_LABELS = ("wrong media type", "the error is labelled")
_WHATEVER_CAME = (*_LABELS, "refused, and yet the provider was called", "the provider's key reached the client")
_NAMED_VARIANT = re.compile(r"\((?P<variant>[a-z-]+)\)$")
_MOST = 160
Rules = tuple[tuple[re.Pattern[str], str], ...]


@dataclass(frozen=True, slots=True)
class Symptom:
    """What one finding shows.

    `kind` is one of the constants above, `words` what came, normalised; `topic` is what the request was about, `operation`
    empty where the requirement is about none. `circumstance` is what was sent, in the words of the check, without ids.
    `answer` is the error that came, whatever the finding holds against it. `sameness` are the words by which symptoms are
    compared, `format` is the audio format that was asked for where the audio is at fault.
    """

    kind: str
    words: str
    topic: str
    operation: str
    circumstance: str
    answer: str = ""
    sameness: str = ""
    format: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What two findings of one symptom have in common."""
        return self.kind, self.sameness or self.words

    @property
    def vague(self) -> bool:
        """Whether gateways show it for faults that have nothing to do with each other: a success, a plain server error."""
        return self.kind == SERVED or (self.kind == ANSWER and self.words.startswith("5"))


def symptom_of(requirement: str, finding: FindingReport) -> Symptom:
    """The symptom that a finding of a requirement shows."""
    circumstance, problem = _parted(finding.message)
    kind, words = _what_came(requirement, finding, problem, relayed=_is_relayed(requirement, finding))
    error = _error_that_came(finding)
    operation = operation_of(requirement) or operation_asked(finding)
    return Symptom(
        kind,
        f"{words} ({error})" if kind == OTHER and error else words,
        _topic(requirement, circumstance, finding, kind),
        operation,
        _replaced(circumstance, _IDS),
        error,
        sameness=_sameness(words, error if kind == OTHER else "") if kind in {OTHER, AUDIO} else "",
        format=_format_asked(requirement, finding) if kind == AUDIO else "",
    )


def _topic(requirement: str, circumstance: str, finding: FindingReport, kind: str) -> str:
    """What a finding is about: the format at fault, the variant where a requirement asks several, else what the id says."""
    variant = _NAMED_VARIANT.search(circumstance)
    if variant and requirement.endswith(".warm"):
        return topic_of(variant["variant"])
    return (_format_at_fault(requirement, finding) if kind == AUDIO else "") or topic_of(requirement)


def _sameness(words: str, error: str) -> str:
    """What came, for comparison: the same thing in several words is one."""
    for pattern, stand_in in _SAME_WORDS:
        words = pattern.sub(stand_in, words)
    return f"{words} ({error})" if error and not words.startswith(_WHATEVER_CAME) else words


def accuses_audio(finding: FindingReport) -> bool:
    """Whether a finding is about the recording that came."""
    return _what_came("", finding, _parted(finding.message)[1])[0] == AUDIO


def normalised(text: str) -> str:
    """A text without ids, numbers, quoted values and paths, cut to a line."""
    return _replaced(text, (*_IDS, *_VALUES))


def without_ids(text: str) -> str:
    """A text without what tells one request from another, cut to a line."""
    return _replaced(text, _IDS)


def _replaced(text: str, rules: Rules) -> str:
    for pattern, stand_in in rules:
        text = pattern.sub(stand_in, text)
    return " ".join(text.split())[:_MOST]


def answer_words(response: ResponseReport) -> str:
    """An answer for a person and for comparison: status, the error's type and message, or its media type."""
    error = _error_of(response.body)
    kinds = ", ".join(str(error[name]) for name in ("type", "code") if error.get(name))
    message = normalised(str(error.get("message") or ""))
    said = f'"{message}"' if message else media_type(response) or "without Content-Type"
    return f"{response.status} {said}" + (f" ({normalised(kinds)})" if kinds else "")


def _parted(message: str) -> tuple[str, str]:
    """A message's circumstance and its problem: checks write `what was sent: what is wrong`."""
    circumstance, _, problem = message.rpartition(": ")
    return circumstance, _FOUND_BY.sub("", problem)


def _plainly(problem: str, finding: FindingReport) -> str:
    """The problem, in the words that a field has which is lost on the way."""
    lost = _NO_SUCH_FIELD.match(finding.got) if problem == _SOMETHING_ELSE else None
    return f"{lost[1]} does not reach the provider as it was sent" if lost else problem


def _is_relayed(requirement: str, finding: FindingReport) -> bool:
    """Whether a failing provider's status reached the client as it was."""
    response = finding.exchanges[-1].response if finding.exchanges else None
    answered = {call.response.status for call in finding.upstream if call.response is not None}
    return area_of(requirement) == "failures" and response is not None and response.status in answered


def _what_came(requirement: str, finding: FindingReport, problem: str, *, relayed: bool = False) -> tuple[str, str]:
    """The kind of a symptom and its words."""
    last = finding.exchanges[-1] if finding.exchanges else None
    if last is not None and last.response is None and problem in {_WRONG_STATUS, "no answer"}:
        return SILENCE, normalised(last.error or "no answer")
    response = last.response if last else None
    if response is not None and _about_status(finding, problem, response):
        if is_success(response.status) and not _is_an_error(response):
            return SERVED, "served"
        return (RELAYED, "the provider's own status") if relayed else (ANSWER, answer_words(response))
    if form := form_instead(requirement, finding, problem):
        return FORM, form
    accuses_sound = problem.startswith(_AUDIO_PROBLEMS) and operation_asked(finding) in {"speech", ""}
    return AUDIO if accuses_sound else OTHER, normalised(_plainly(problem, finding))


def _error_that_came(finding: FindingReport) -> str:
    response = finding.exchanges[-1].response if finding.exchanges else None
    return answer_words(response) if response is not None and not is_success(response.status) else ""


def _about_status(finding: FindingReport, problem: str, response: ResponseReport) -> bool:
    """Whether the answer itself is what is wrong: its status, or that there is an error where a success was due."""
    if problem == _WRONG_STATUS:
        return True
    if problem.startswith(_LABELS):
        return False
    return (
        not is_success(response.status) and finding.got.startswith(str(response.status)) and _expects_success(finding)
    )


def _expects_success(finding: FindingReport) -> bool:
    found = _STATUS.findall(finding.expected)
    return not found or any(is_success(int(status)) for status in found)


def _is_an_error(response: ResponseReport) -> bool:
    """Whether a body is an error's whatever the status: nobody was served anything."""
    return '"error"' in response.body and bool(_error_of(response.body).get("message"))


def _error_of(body: str) -> dict[str, Any]:
    """The error object of a JSON body, wherever it stands; a plain text is its own message."""
    try:
        document = json.loads(body)
    except ValueError:
        return {} if body.startswith("<") else {"message": body[:_MOST]}
    if not isinstance(document, dict):
        return {}
    inner = document.get("error", document)
    return inner if isinstance(inner, dict) else {"message": str(inner)}


def _format_at_fault(requirement: str, finding: FindingReport) -> str:
    """The audio format that a finding is about: as its requirement says, else as it was asked for; empty for any."""
    last = requirement.rpartition(".")[2]
    if last not in FORMATS and area_of(requirement) in OPERATIONS and "default" not in last:
        return ""
    return _format_asked(requirement, finding)


def _format_asked(requirement: str, finding: FindingReport) -> str:
    last = requirement.rpartition(".")[2]
    if last in FORMATS:
        return last
    texts = [finding.message, *(exchange.request.body for exchange in finding.exchanges[-1:])]
    found = [match.group(1) for text in texts for match in _NAMED_FORMAT.finditer(text)]
    return next((name for name in found if name in FORMATS), "")
