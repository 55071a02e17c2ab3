"""White space where a value belongs: taken or refused, and never blamed on the server."""

from __future__ import annotations

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import decides, each
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, ask, model_key
from conformance.drive.scripts import canned, match_of
from conformance.judge.client.statuses import status_is

_BLANK = {"space": " ", "spaces": "   ", "tab": "\t", "line-breaks": "\n\r\n", "no-break": "\u00a0", "wide": "\u3000"}
_PADDED = {"before": " {}", "after": "{} ", "around": "  {}  "}


@decides("speech.input.blank")
@pytest.mark.parametrize("kind", _BLANK)
def test_a_blank_input_is_taken_or_refused(case: Case, kind: str) -> None:
    """The provider is told to take it, so that a failure is the gateway's own; it knows the case by its instructions."""
    with case.provider.scripted(match_of(case, "speech"), canned(case, "speech")):
        exchange = ask(case, "speech", input=_BLANK[kind], instructions=case.marker, response_format="wav")
    because = f"speech with input {_BLANK[kind]!a}"
    case.judge(status_is(exchange, case.contract.statuses("taken-or-client-fault"), because=because))


@each("route, form", OPERATIONS_AND_ENCODINGS, "{route}.model.padded")
@pytest.mark.parametrize("kind", _PADDED)
def test_a_padded_model_key_is_taken_or_refused(case: Case, route: str, form: str, kind: str) -> None:
    key = _PADDED[kind].format(model_key(case, route))
    because = f"{route} ({form}) with model {key!r}"
    exchange = ask(case, route, form, model=key)
    case.judge(status_is(exchange, case.contract.statuses("taken-or-client-fault"), because=because))
