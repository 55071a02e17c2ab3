"""Text is kept only code point by code point; what was found says which spelling came."""

from __future__ import annotations

import pytest

from conformance.judge.upstream.form_text import text_kept
from tests.conformance.judge.answers import answered
from tests.conformance.judge.calls import form_call

SENT = "\ufeffone\ntwo\r\n"


def test_the_same_text_is_kept() -> None:
    assert text_kept(answered(200), [form_call(("prompt", SENT)), form_call(("prompt", SENT))], "prompt", SENT) is None


@pytest.mark.parametrize("got", ["\ufeffone\r\ntwo\r\n", "\ufeffone\ntwo\n", "one\ntwo\r\n", "\ufeffone\ntwo", ""])
def test_another_spelling_is_shown_beside_what_was_sent(got: str) -> None:
    call = form_call(("prompt", got))
    finding = text_kept(answered(200), [form_call(("prompt", SENT)), call], "prompt", SENT)
    assert finding is not None
    assert finding.message.startswith("the line breaks of prompt, or the U+FEFF at its start, do not reach")
    assert (finding.expected, finding.got, finding.upstream) == (ascii(SENT), ascii(got), (call,))


@pytest.mark.parametrize(("values", "shown"), [([], "[]"), (["a", "a"], "['a', 'a']")])
def test_no_text_and_two_texts_are_shown_as_a_list(values: list[str], shown: str) -> None:
    finding = text_kept(answered(200), [form_call(*(("prompt", value) for value in values))], "prompt", "a")
    assert finding is not None
    assert finding.got == shown
