"""What report.json holds of one finding, as values: both sides of what went over the wire, and how to see it again.

Texts have their secrets replaced already; bodies are previews. `conformance.reports.records` makes these values.
"""

from __future__ import annotations

from typing import Any

import msgspec

Pairs = tuple[tuple[str, str], ...]


class RequestReport(msgspec.Struct, frozen=True):
    """A request to the gateway; `body` is its text, or its size and first bytes where it is none."""

    method: str
    url: str
    headers: Pairs
    body: str


class ResponseReport(msgspec.Struct, frozen=True):
    """The gateway's response, its body like that of a request."""

    status: int
    headers: Pairs
    body: str


class ExchangeReport(msgspec.Struct, frozen=True):
    """A request with its response, or with the reason why there is none."""

    request: RequestReport
    response: ResponseReport | None
    error: str | None
    elapsed_s: float


class UploadReport(msgspec.Struct, frozen=True):
    """The file of a recorded call; `size` is in bytes, `disposition` its part's own Content-Disposition."""

    field: str = ""
    name: str | None = None
    content_type: str | None = None
    disposition: str = ""
    size: int = 0
    sha256: str = ""


class ProviderResponse(msgspec.Struct, frozen=True):
    """The mock provider's response to a recorded call; `text` is its body where that is text and not long."""

    status: int = 0
    content_type: str = ""
    size: int = 0
    sha256: str = ""
    text: str | None = None


class CallReport(msgspec.Struct, frozen=True):
    """A call that reached the mock provider, under the names of the mock's own journal; credentials are replaced."""

    position: int
    face: str | None = None
    operation: str | None = None
    method: str = ""
    path: str = ""
    query: dict[str, str] = {}
    headers: Pairs = ()
    fields: tuple[tuple[str, Any], ...] = ()
    body_kind: str = ""
    file: UploadReport | None = None
    model: str | None = None
    deployment: str | None = None
    script: str | None = None
    state: str = ""
    answer: ProviderResponse | None = None
    unexpected: bool = False


class ScriptReport(msgspec.Struct, frozen=True):
    """A scripted response: which calls it was for, what the mock did with them, and how often (None: always)."""

    match: dict[str, Any]
    act: dict[str, Any]
    times: int | None = None


class FindingReport(msgspec.Struct, frozen=True):
    """One finding of one check.

    `cause` is the id of the cause that it shares with others, empty for none. `script` is what the mock was told to do:
    with it the `curl` line shows the same again. `rerun` is a command line, `case` the file for `replay`.
    """

    check: str
    message: str
    expected: str
    got: str
    cause: str = ""
    exchanges: tuple[ExchangeReport, ...] = ()
    upstream: tuple[CallReport, ...] = ()
    script: tuple[ScriptReport, ...] = ()
    curl: str = ""
    rerun: str = ""
    case: str = ""
