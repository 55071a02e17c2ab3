"""Makes the findings of report.json: exchanges, upstream calls, a curl line that reproduces them, secrets replaced.

Bodies too long or too binary for a shell line are kept as files beside the report, and the curl line names them; so are
scripts with such bodies, each of which may be hundreds of kilobytes and stand in several findings.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from conformance.http.exchange import Exchange, Filling, Finding, Headers, Request, preview
from conformance.mock.calls import RecordedCall, ScriptedResponse
from conformance.reports.findings import (
    AudioReport,
    ExchangeReport,
    FindingReport,
    Pairs,
    RequestReport,
    ResponseReport,
)
from conformance.reports.reaching import curl_options
from conformance.reports.redaction import redact, redact_bytes, redact_credentials, redact_text, writable
from conformance.reports.symptoms import accuses_audio
from conformance.reports.waveform import recording
from conformance.target import Target

TOKEN_VARIABLE = "GATEWAY_TOKEN"  # noqa: S105 - the name of a variable
_MOST_TEXT = 4096  # characters of a recorded call's field
_INLINE_LIMIT = 1500
_BEGINNING = 200  # characters that are shown of a text too long for a line
_KEPT_BODY_LIMIT = 4 * 1024 * 1024
_MOST_AUDIO = 1_200_000


Value = TypeVar("Value", bound=msgspec.Struct)


class Evidence:
    """Turns findings into what report.json holds. `folder` is where request bodies are kept; None keeps none."""

    def __init__(
        self, target: Target, folder: Path | None, keep_audio: Callable[[AudioReport], None] | None = None
    ) -> None:
        self._keep_audio = keep_audio
        self._audio: set[str] = set()
        self._audio_left = _MOST_AUDIO
        self._token = target.token
        self._reaching = curl_options(target)
        self._secrets = target.secrets()
        self._folder = folder

    def describe(self, finding: Finding, check: str, rerun: str, case: str = "") -> FindingReport:
        """A finding of report.json; `case` is the file that it was kept as, for a replay."""
        last = finding.exchanges[-1] if finding.exchanges else None
        secrets = (*self._secrets, *finding.secrets)
        described = FindingReport(
            check,
            finding.message,
            finding.expected,
            finding.got,
            exchanges=tuple(_exchange(exchange, secrets) for exchange in finding.exchanges),
            upstream=tuple(map(_call, finding.upstream)),
            script=finding.script,
            curl=self._curl(last.request) if last else "",
            rerun=rerun,
            case=case,
        )
        described = _redacted(described, secrets)
        described = msgspec.structs.replace(described, script=tuple(map(self._script, described.script)))
        return self._with_audio(described, finding, secrets)

    def _with_audio(self, described: FindingReport, finding: Finding, secrets: tuple[str, ...]) -> FindingReport:
        """The finding with the digest of the recording that it accuses, which is kept once, unless it holds a secret."""
        answer = finding.exchanges[-1].answer if finding.exchanges else None
        if self._keep_audio is None or answer is None or not answer.body or not accuses_audio(described):
            return described
        if redact_bytes(answer.body, secrets) != answer.body:
            return described
        kept = recording(answer.body, writable(answer.media_type))
        if kept.sha256 not in self._audio:
            if len(kept.data) > self._audio_left:
                kept = msgspec.structs.replace(kept, data="")
            self._audio_left -= len(kept.data)
            self._audio.add(kept.sha256)
            self._keep_audio(kept)
        *others, last = described.exchanges
        response = last.response and msgspec.structs.replace(last.response, audio=kept.sha256)
        return msgspec.structs.replace(described, exchanges=(*others, msgspec.structs.replace(last, response=response)))

    def text(self, text: str) -> str:
        """A text with the secrets in it replaced."""
        return writable(redact_text(text, self._secrets))

    def redacted(self, value: Value) -> Value:
        """A value with the target's secrets in its texts replaced."""
        return _redacted(value, self._secrets)

    def _curl(self, request: Request) -> str:
        words = ["curl", "-i", "-X", request.method, request.url]
        line = " ".join(shlex.quote(word) for word in words) + self._reaching
        line += "".join(f" -H {self._shell(f'{name}: {value}')}" for name, value in _worth_sending(request.headers))
        if request.chunked:
            line += " -H 'Transfer-Encoding: chunked'"
        if request.filling:
            return f"{self._large_body(request, request.filling)} | {line} --data-binary @-"
        return line + self._curl_body(request)

    def _large_body(self, request: Request, filling: Filling) -> str:
        """A shell command that writes a body too large to be kept: what it begins with, a block that fills it, its end."""
        block = filling.block * max(1, _INLINE_LIMIT * 100 // len(filling.block))
        parts = (request.body[: filling.at], block, request.body[filling.at :])
        first, middle, last = (shlex.quote(self._keep(part)) for part in parts)
        return f"(cat {first}; while cat {middle}; do :; done | head -c {filling.size}; cat {last})"

    def _shell(self, header: str) -> str:
        """A quoted header in which the valid token is a variable, so that the line can be pasted and shared."""
        if self._token not in header:
            return shlex.quote(header)
        before, after = header.split(self._token, 1)
        return f'"{_in_double_quotes(before)}${TOKEN_VARIABLE}{_in_double_quotes(after)}"'

    def _curl_body(self, request: Request) -> str:
        if not request.body:
            return ""
        text = preview(request.body, _INLINE_LIMIT)
        if text == request.body.decode("utf-8", "replace"):
            return f" --data-raw {shlex.quote(text)}"
        return f" --data-binary {shlex.quote(f'@{self._keep(request.body)}')}"

    def _script(self, script: ScriptedResponse) -> ScriptedResponse:
        """A script as it was; one with texts too long for a shell line has them cut, and is kept whole as a file."""
        act = _cut(script.act, _INLINE_LIMIT, _BEGINNING)
        if act == script.act:
            return script
        whole = self._keep(msgspec.json.encode(script), "json")
        where = f"; the script is whole in {whole}" if self._folder else ""
        return msgspec.structs.replace(script, act=_cut(script.act, _INLINE_LIMIT, _BEGINNING, where))

    def _keep(self, body: bytes, ending: str = "bin") -> str:
        name = f"{hashlib.sha256(body).hexdigest()[:16]}.{ending}"
        if self._folder is None or len(body) > _KEPT_BODY_LIMIT:
            return name
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / name
        path.write_bytes(body)
        return str(path)


def _worth_sending(headers: Headers) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in {"accept", "content-length"}]


def _in_double_quotes(text: str) -> str:
    return "".join(f"\\{char}" if char in '"\\$`' else char for char in text)


def _redacted(value: Value, secrets: tuple[str, ...]) -> Value:
    return msgspec.convert(redact(msgspec.to_builtins(value), secrets), type(value))


def _exchange(exchange: Exchange, secrets: tuple[str, ...]) -> ExchangeReport:
    request, answer = exchange.request, exchange.answer
    return ExchangeReport(
        RequestReport(request.method, request.url, request.headers, _shown_body(request, secrets)),
        ResponseReport(answer.status, answer.headers, preview(redact_bytes(answer.body, secrets))) if answer else None,
        exchange.error,
        round(exchange.elapsed_s, 4),
    )


def _shown_body(request: Request, secrets: tuple[str, ...]) -> str:
    shown = preview(redact_bytes(request.body, secrets))
    if request.filling is None:
        return shown
    return f"{shown}, and inside, from byte {request.filling.at} on, {request.filling.size} bytes that fill it"


def _call(call: RecordedCall) -> RecordedCall:
    """The call as the mock recorded it, with the credentials in its headers replaced and long texts cut."""
    response = call.response
    if response is not None and response.text is not None:
        response = msgspec.structs.replace(response, text=_cut(response.text))
    return msgspec.structs.replace(
        call,
        headers=msgspec.convert(redact_credentials(call.headers), Pairs),
        fields=tuple((name, _cut(value)) for name, value in call.fields),
        model=_cut(call.model),
        response=response,
    )


def _cut(value: Any, most: int = _MOST_TEXT, shown: int = _MOST_TEXT, where: str = "") -> Any:
    """A value whose texts are not longer than a report needs: their beginning, and how long they are."""
    if isinstance(value, dict):
        return {name: _cut(each, most, shown, where) for name, each in value.items()}
    if isinstance(value, list):
        return [_cut(each, most, shown, where) for each in value]
    if not isinstance(value, str) or len(value) <= most:
        return value
    return f"{value[:shown]}… ({len(value)} characters{where})"
