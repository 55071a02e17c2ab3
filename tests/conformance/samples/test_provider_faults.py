"""Faults of a provider: the mock takes each as a script, and each is of the operation that it is for."""

from __future__ import annotations

import msgspec
import pytest

from conformance.samples.provider_faults import ERRORS, LIMITS, REFUSALS, SPILLING, TEXTLESS, TRACE, TRANSPORT, failing
from mock_upstreams.scripts import Act


def test_audio_and_transcripts_share_all_but_their_own_faults() -> None:
    audio, transcript = failing(audio=True), failing(audio=False)
    assert audio.keys() & transcript.keys() == ERRORS.keys() | TRANSPORT.keys()
    assert audio.keys() - transcript.keys() == {"json-instead", "no-audio"}
    assert transcript.keys() - audio.keys() == {"broken-json"}


@pytest.mark.parametrize("kind", [*failing(audio=True), "broken-json"])
def test_the_mock_takes_every_variant(kind: str) -> None:
    variants = {**failing(audio=True), **failing(audio=False)}[kind]
    assert variants
    for act in variants.values():
        msgspec.convert(act, Act)


def test_refusals_and_limits_are_named_by_their_status() -> None:
    assert all(int(name) == act["status"] for name, act in REFUSALS["refusal"].items())
    assert {act["status"] for act in LIMITS["limit"].values()} == {429}


def test_what_has_no_text_is_a_whole_success() -> None:
    assert {act["status"] for act in TEXTLESS.values()} == {200}


def test_the_spilling_error_holds_a_trace() -> None:
    assert SPILLING["body"]["json"]["error"]["message"] == TRACE
