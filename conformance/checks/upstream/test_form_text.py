"""Line breaks and a mark at the start of a form's text: kept on the way to the provider, though forms tend to lose them."""

from __future__ import annotations

import pytest

from conformance.drive.calls import seen
from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import TRANSCRIPTS, ask
from conformance.drive.scripts import canned, match_of
from conformance.judge.upstream.form_text import text_kept

_PROMPTS = {
    "line-feed": "{} one\ntwo\n",
    "carriage-return": "{} one\rtwo",
    "both": "\r\n{} one\r\n\r\ntwo",
    "mixed": "{} one\n\rtwo\r\r\nthree\n\n",
    "mark": "\ufeff{} marked",
}


@each("route, form", TRANSCRIPTS, "provider.{route}.prompt-line-breaks")
@pytest.mark.parametrize("kind", _PROMPTS)
def test_line_breaks_and_a_mark_are_kept(case: Case, route: str, form: str, kind: str) -> None:
    prompt = _PROMPTS[kind].format(case.marker)
    with case.provider.scripted(match_of(case, route), canned(case, route)):
        exchange = ask(case, route, form, prompt=prompt)
    case.judge(text_kept(exchange, seen(case, exchange), "prompt", prompt))
