"""`data:` URLs where base64 belongs: refused, or read behind their comma, and never decoded from their first letter on."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OMIT, TRANSCRIPT_OPERATIONS, ask
from conformance.drive.scripts import canned
from conformance.http.bodies import audio_object
from conformance.judge.client.statuses import status_is
from conformance.judge.upstream.upload import upload_arrived

# Without what is not of base64's alphabet, the second has a multiple of four letters: a careless decoder then finds the
# whole recording behind a few bytes of rubbish.
_HEADS = {
    "plain": "data:audio/wav;base64,",
    "whole-quanta": "data:audio/wave;base64,",
    "without-type": "data:;base64,",
    "with-parameter": "data:audio/wav;codecs=1;base64,",
}


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio-data.data-url")
@pytest.mark.parametrize("kind", _HEADS)
def test_a_data_url_is_refused_or_read_behind_its_comma(case: Case, route: str, kind: str) -> None:
    upload = case.upload()
    whole = audio_object(upload)
    audio = {**whole, "data": _HEADS[kind] + whole["data"]}
    with _heard(case, route):
        exchange = ask(case, route, "json", upload=OMIT, audio=audio, prompt=case.marker)
    because = f"{route} with audio.data that begins {_HEADS[kind]}"
    wrong = status_is(exchange, case.contract.statuses("taken-or-refused"), because=because)
    calls = case.calls(upload) if case.mock and case.is_served(exchange) else []
    case.judge(wrong or upload_arrived(exchange, calls, upload))


def _heard(case: Case, route: str) -> AbstractContextManager[object]:
    """While inside, a mock provider takes whatever it is sent for the case: rubbish must not hide behind its refusal."""
    return case.mock.scripted({"marker": case.marker}, canned(case, route)) if case.mock else nullcontext()
