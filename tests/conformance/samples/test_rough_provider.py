"""Shapes of a provider's answer: the mock takes each as a script, and none says anything but the answer itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from conformance.audio import format_of_media_type
from conformance.samples.rough_provider import CUT_COMPRESSED, ERRORS, MEDIA_TYPES, REDIRECTS, SHAPES, pieces
from mock_upstreams.scripts import Act

SAYING = {"status", "body", "malform", "truncate", "reset"}


@pytest.mark.parametrize("acts", [*SHAPES.values(), pieces(audio=True), pieces(audio=False)])
def test_a_shape_changes_nothing_of_what_is_said(acts: Mapping[str, Any]) -> None:
    assert acts
    for act in acts.values():
        msgspec.convert(act, Act)
        assert not SAYING & act.keys()


@pytest.mark.parametrize("act", [CUT_COMPRESSED, *ERRORS.values(), *REDIRECTS.values()])
def test_the_mock_takes_every_failure_in_such_a_shape(act: Mapping[str, Any]) -> None:
    msgspec.convert(act, Act)


def test_errors_are_named_by_their_status() -> None:
    assert all(name.startswith(f"{act['status']}-") for name, act in ERRORS.items())
    assert {act["status"] for act in ERRORS.values()} == {400, 500}


def test_every_spelling_of_a_media_type_means_the_same() -> None:
    assert {format_of_media_type(each) for each in MEDIA_TYPES["audio"].values()} == {"mp3"}
    bare = {each.partition(";")[0].strip().lower() for each in MEDIA_TYPES["object"].values()}
    assert bare == {"application/json"}
