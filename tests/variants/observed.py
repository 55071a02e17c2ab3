"""Legal ways of gateways of OpenAI's dialect that real ones were seen to have (docs/real-gateways.md)."""

from __future__ import annotations

import time
from dataclasses import replace
from email.utils import parsedate_to_datetime

from tests.mutants.conditions import NO_TOKEN, SERVED, header, lacks, on, status
from tests.mutants.dialect.streams import DIALECT
from tests.mutants.edge import answers, requests
from tests.mutants.exchange import ROUTES, Answer, Asked
from tests.mutants.fault import Fault
from tests.mutants.place import TOKEN
from tests.variants.variant import Variant

_KEY_ELSEWHERE = NO_TOKEN & header("x-api-key", lambda key: key == TOKEN)


def _unmeasured(_: Asked, answer: Answer) -> Answer:
    return answer.without_header("content-length")


def _in_seconds(_: Asked, answer: Answer) -> Answer:
    """A Retry-After that is a date, as the seconds that are left until then."""
    value = answer.header("retry-after")
    if value is None or value.isdecimal():
        return answer
    left = parsedate_to_datetime(value).timestamp() - time.time()
    return answer.with_header("retry-after", str(max(1, round(left))))


def _let_in(request: Asked) -> Asked:
    return request.with_header("authorization", f"Bearer {TOKEN}")


def _variant(name: str, fault: Fault, why: str) -> Variant:
    return Variant(f"observed-{name}", replace(fault, contract=DIALECT), why)


VARIANTS: tuple[Variant, ...] = (
    _variant("speech-in-chunks", answers(_unmeasured, on("speech") & lacks("stream_format") & SERVED), "dialect, Never judged: whether speech has a Content-Length"),
    _variant("retry-after-in-seconds", answers(_in_seconds, on(*ROUTES) & status(429, 503)), "dialect, Common: Retry-After is a number in the description; the moment is the provider's"),
    _variant("key-under-another-name", requests(_let_in, on(*ROUTES) & _KEY_ELSEWHERE), "dialect, Common: a key elsewhere is refused is a SHOULD"),
)  # fmt: skip
