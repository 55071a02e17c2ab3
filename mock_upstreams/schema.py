"""The control API's values as one JSON Schema document (2020-12)."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_upstreams.gates import Gate
from mock_upstreams.journal import Call
from mock_upstreams.known import Registration
from mock_upstreams.scripts import Script, StoredScript

__all__ = ["SCHEMA"]


def _schema() -> dict[str, Any]:
    _, definitions = msgspec.json.schema_components(
        (Script, StoredScript, Call, Gate, Registration), ref_template="#/$defs/{name}"
    )
    definitions["SubstituteBody"] |= {"minProperties": 1, "maxProperties": 1}  # which its type cannot say
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Control API of the mock providers",
        "$defs": definitions,
    }


SCHEMA: dict[str, Any] = _schema()
"""``$defs`` holds Script and Registration (as posted), StoredScript, Call and Gate (as answered)."""
