"""The control API's values as one JSON Schema document (2020-12)."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_upstreams.gates import Gate
from mock_upstreams.journal import RecordedCall
from mock_upstreams.models import Registration
from mock_upstreams.scripts import Script, StoredScript


def _schema() -> dict[str, Any]:
    _, definitions = msgspec.json.schema_components(
        (Script, StoredScript, RecordedCall, Gate, Registration), ref_template="#/$defs/{name}"
    )
    definitions["SubstituteBody"] |= {"minProperties": 1, "maxProperties": 1}  # which its type cannot say
    definitions["Act"] |= {"minProperties": 1}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Control API of the mock providers",
        "$defs": definitions,
    }


SCHEMA: dict[str, Any] = _schema()
"""`$defs` holds Script and Registration (as posted), StoredScript, RecordedCall and Gate (as sent)."""
