"""Every report that a test of the suite writes in this process is held to the published JSON Schema."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from conformance.reports import files
from conformance.reports import report as reports

_VALIDATOR = jsonschema.Draft202012Validator(reports.schema())


def holds_to_the_schema(document: Any) -> None:
    """Fails with the place in the document that the schema does not allow."""
    problem = jsonschema.exceptions.best_match(_VALIDATOR.iter_errors(document))
    assert problem is None, f"report.json {problem.json_path}: {problem.message[:300]}"


@pytest.fixture(autouse=True)
def reports_hold_to_their_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    write = files.to_json

    def checked(report: reports.Report) -> str:
        text = write(report)
        holds_to_the_schema(json.loads(text))
        return text

    monkeypatch.setattr(files, "to_json", checked)
