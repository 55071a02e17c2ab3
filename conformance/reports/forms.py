"""A success in a form that nobody asked for: JSON where audio or a text was due, or a page where JSON was.

Pure. A gateway that makes one thing of all shows it under many requirements, each in its own words: no audio, a wrong media
type, no document, another text.
"""

from __future__ import annotations

import re

from conformance.http.exchange import is_success
from conformance.reports.findings import FindingReport, ResponseReport
from conformance.reports.topics import operation_of

# The problems, as checks word them, that such an answer comes to.
_OF_THE_BODY = (
    *("not a ", "the audio ", "no audio", "Content-Type and bytes disagree", "wrong media type", "the text differs"),
    *("not ignored", "a 200 that is not as", "wrong detail", "no request_id", "members are missing"),
)
_TEXTS = ("text", "srt", "vtt")
_NAMED_TEXT = re.compile(rf"(?:response_format\"?\W{{1,4}}|\bin )(?:{'|'.join(_TEXTS)})\b")
_JSON_BEGINS = re.compile(r"[{\[]|<\d+ bytes, sha256 \w+, begins 7b ")


def form_instead(requirement: str, finding: FindingReport, problem: str) -> str:
    """Which form came instead of which, e.g. `application/json instead of audio`; empty where that is not the problem."""
    response = finding.exchanges[-1].response if finding.exchanges else None
    if response is None or not is_success(response.status) or not problem.startswith(_OF_THE_BODY):
        return ""
    came, due = _came(response), _due(requirement, finding)
    return f"{came} instead of {due}" if came and due and came != due else ""


def media_type(response: ResponseReport) -> str:
    """The Content-Type without parameters; empty where there is none."""
    found = next((value for name, value in response.headers if name.lower() == "content-type"), "")
    return found.partition(";")[0].strip().lower()


def operation_asked(finding: FindingReport) -> str:
    """The operation in the address of the last request, e.g. `speech`."""
    url = finding.exchanges[-1].request.url if finding.exchanges else ""
    return operation_of(url.partition("?")[0].rpartition("/")[2])


def _came(response: ResponseReport) -> str:
    """JSON or a page, where label and bytes agree: a wrong label alone is another fault."""
    label = media_type(response)
    if label == "application/json":
        return label if _JSON_BEGINS.match(response.body) else ""
    return label if label == "text/html" and response.body.lstrip().startswith("<") else ""


def _due(requirement: str, finding: FindingReport) -> str:
    operation = operation_of(requirement) or operation_asked(finding)
    if operation in {"speech", ""}:
        return "audio" if operation else ""
    sent = (finding.message, finding.exchanges[-1].request.body)
    if requirement.rpartition(".")[2] in _TEXTS or any(map(_NAMED_TEXT.search, sent)):
        return "text, srt or vtt"
    return "application/json"
