"""Times beside the verdict: what they are made of, and where they are shown."""

from __future__ import annotations

import json

import pytest

from conformance.reports import files
from conformance.reports.html import to_html
from conformance.reports.ledger import Measured
from conformance.reports.markdown import to_markdown
from conformance.reports.measurements import Sample, Times, measurement_of
from conformance.reports.report import fold
from tests.conformance.reports.samples import events, shown

SAMPLES = [Sample(0.010, 0.020, 0.005, 100), Sample(0.012, 0.040, 0.010, 104), Sample(0.011, 0.030, 0.006, 102)]


def test_what_is_left_of_each_request_is_over_the_provider() -> None:
    """Request by request: the difference of two medians would be of no request at all."""
    found = measurement_of("speech", "small", SAMPLES)

    assert (found.count, found.bytes) == (3, 102)
    assert found.first_byte == Times(10.0, 11.0, 12.0)
    assert found.last_byte == Times(20.0, 30.0, 40.0)
    assert found.overhead == Times(15.0, 24.0, 30.0)


def test_a_provider_that_did_not_tell_of_each_request_tells_nothing() -> None:
    """A part of them would be another sample than that of the gateway."""
    found = measurement_of("speech", "small", [*SAMPLES, Sample(0.01, 0.02, None, 100)])

    assert found.provider is None
    assert found.overhead is None


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (shown, "times  speech 30 ms, 24 of them over the provider"),
        (to_markdown, "| speech | small, 102 bytes | 11 | 30 | 6 | 24 |"),
        (to_html, '24.0 <span class="quiet">(15.0 to 30.0)</span>'),
        (files.to_json, '"overhead"'),
    ],
)
def test_reports_show_them_and_change_no_verdict(write: object, words: str) -> None:
    """Beside everything else that they say."""
    start, *others = events()
    report = fold((start, Measured((measurement_of("speech", "small", SAMPLES),)), *others))

    assert words in write(report)  # type: ignore[operator]
    assert report.exit_status is fold(events()).exit_status
    assert json.loads(files.to_json(report))["measurements"][0]["operation"] == "speech"
