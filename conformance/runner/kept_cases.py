"""Failing cases as files: `cases/REQUIREMENT-N.json` beside the report, to be sent or run again later.

A case says how it is to be judged again. `status`: the request is there, byte by byte, and the status of its answer
decides. `rerun`: what failed is a relation (to another answer, to the provider's call, to what went before), which one
request cannot show, so the requirement's checks are run again with the same seed.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from conformance.contracts import DEFAULT
from conformance.errors import UsageError
from conformance.http.exchange import Exchange, Finding, Request
from conformance.reports.redaction import redact_text, writable
from conformance.target import Target

FORMAT = 1
TOKEN = "${GATEWAY_TOKEN}"  # noqa: S105 - stands where the token stood
_MOST_BODY = 4 * 1024 * 1024


class KeptRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request without what belongs to one gateway: `path` is below its base URL, its token is a placeholder."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body_base64: str
    chunked: bool = False

    def for_target(self, target: Target) -> Request:
        headers = tuple((name, value.replace(TOKEN, target.token)) for name, value in self.headers)
        body = base64.b64decode(self.body_base64)
        return Request(self.method, target.base_url.rstrip("/") + self.path, headers, body, self.chunked)


class KeptCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One finding, and what it takes to look for it again. `status` is what the answer had then; None for no answer."""

    format: int = FORMAT
    contract: str = DEFAULT
    requirement: str
    check: str
    message: str
    expected: str
    got: str
    seed: int
    effort: str
    judged_by: Literal["status", "rerun"]
    statuses: tuple[int, ...] = ()
    status: int | None = None
    request: KeptRequest | None = None


@dataclass
class Keeper:
    """Keeps the violations of one run; without a `folder` it keeps none."""

    target: Target
    folder: Path | None
    seed: int
    effort: str
    contract: str = DEFAULT
    _numbers: Counter[str] = field(default_factory=Counter)

    def keep(self, requirement: str, check: str, finding: Finding) -> str:
        """Write the finding as the next case of its requirement, over one of an earlier run. Returns the file's name."""
        if self.folder is None:
            return ""
        self._numbers[requirement] += 1
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{requirement}-{self._numbers[requirement]}.json"
        plain = msgspec.to_builtins(self.case(requirement, check, finding))
        path.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return str(path)

    def case(self, requirement: str, check: str, finding: Finding) -> KeptCase:
        """The finding as a case, without secrets. Where a request cannot be kept whole, a rerun judges it."""
        last = finding.exchanges[-1] if finding.exchanges else None
        secrets = (*self.target.secrets(), *finding.secrets)
        request = _kept_request(last, self.target, secrets) if last else None
        by_status = request is not None and bool(finding.statuses)
        return KeptCase(
            contract=self.contract,
            requirement=requirement,
            check=check,
            message=_shown(finding.message, secrets),
            expected=_shown(finding.expected, secrets),
            got=_shown(finding.got, secrets),
            seed=self.seed,
            effort=self.effort,
            judged_by="status" if by_status else "rerun",
            statuses=finding.statuses if by_status else (),
            status=last.status if last else None,
            request=request,
        )


def _shown(text: str, secrets: tuple[str, ...]) -> str:
    return writable(redact_text(text, secrets))


def load(path: Path) -> KeptCase:
    """Raises UsageError, naming the place, where the file is no case of this format."""
    try:
        case = msgspec.json.decode(path.read_bytes(), type=KeptCase)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no kept case: {error}.", "They lie in the cases folder of a report.") from error
    if case.format != FORMAT:
        raise UsageError(f"{path}: format {case.format} is not known, only {FORMAT}.")
    return case


def _kept_request(exchange: Exchange, target: Target, secrets: tuple[str, ...]) -> KeptRequest | None:
    request, base_url = exchange.request, target.base_url.rstrip("/")
    others = tuple(secret for secret in secrets if secret != target.token)
    shown: Any = (request.url, *(value for _, value in request.headers))
    in_body = any(secret.encode("utf-8", "surrogateescape") in request.body for secret in secrets)
    in_head = any(secret in value for secret in others for value in shown) or target.token in request.url
    if in_body or in_head or request.size > _MOST_BODY or not request.url.startswith(base_url):
        return None
    headers = tuple((name, writable(value.replace(target.token, TOKEN))) for name, value in request.headers)
    body = base64.b64encode(request.body).decode("ascii")
    return KeptRequest(request.method, request.url.removeprefix(base_url), headers, body, request.chunked)
