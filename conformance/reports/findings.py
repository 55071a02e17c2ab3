"""What report.json holds of one finding, as values: both sides of what went over the wire, and how to see it again.

Texts have their secrets replaced already; bodies are previews. `conformance.reports.records` makes these values.
"""

from __future__ import annotations

import msgspec

from conformance.mock.calls import RecordedCall, ScriptedResponse

Pairs = tuple[tuple[str, str], ...]


class RequestReport(msgspec.Struct, frozen=True):
    """A request to the gateway; `body` is its text, or its size and first bytes where it is none."""

    method: str
    url: str
    headers: Pairs
    body: str


class ResponseReport(msgspec.Struct, frozen=True):
    """The gateway's response, its body like that of a request; `audio` is the digest of the recording kept of it."""

    status: int
    headers: Pairs
    body: str
    audio: str = ""


class AudioReport(msgspec.Struct, frozen=True):
    """A recording that a finding accuses: its SHA-256, what it was labelled, and how loud it is from begin to end.

    `data` is it in base64, as something a browser may play; empty where it is too large. `peaks` are hundredths of full
    scale.
    """

    sha256: str
    media_type: str
    size: int
    data: str = ""
    peaks: tuple[int, ...] = ()


class ExchangeReport(msgspec.Struct, frozen=True):
    """A request with its response, or with the reason why there is none."""

    request: RequestReport
    response: ResponseReport | None
    error: str | None
    elapsed_s: float


class FindingReport(msgspec.Struct, frozen=True):
    """One finding of one check.

    `cause` is the id of the cause that it shares with others, empty for none. `upstream` are the calls that reached the mock
    provider, under the names of its own journal. `script` is what the mock was told to do: with it the `curl` line shows the
    same again; a text in it that is cut names the file with the whole script. `rerun` is a command line, `case` the file
    for `replay`.
    """

    check: str
    message: str
    expected: str
    got: str
    cause: str = ""
    exchanges: tuple[ExchangeReport, ...] = ()
    upstream: tuple[RecordedCall, ...] = ()
    script: tuple[ScriptedResponse, ...] = ()
    curl: str = ""
    rerun: str = ""
    case: str = ""

    @property
    def scripts_in_json(self) -> tuple[str, ...]:
        """What the mock was told to do, each as the body of a POST to its `/_mock/scripts`."""
        return tuple(msgspec.json.encode(script).decode() for script in self.script)

    @property
    def provider_side(self) -> tuple[str, ...]:
        """A line for each call that the provider got: what was called, and what it answered."""
        return tuple(map(_in_short, self.upstream))


def _in_short(call: RecordedCall) -> str:
    response = call.response
    answer = f"{response.status} {response.content_type}, {response.size} bytes" if response else call.state
    return f"{call.method} {call.path} was answered with {answer}"
