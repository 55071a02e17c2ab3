"""The control API's values as JSON Schemas (2020-12)."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_upstreams.control import documents
from mock_upstreams.gates import Gate
from mock_upstreams.journal import RecordedCall
from mock_upstreams.models import Registration
from mock_upstreams.scripts import Script, StoredScript

_TYPES = (
    *(Script, StoredScript, RecordedCall, Gate, Registration),
    *(documents.Health, documents.Models, documents.Scripts, documents.Journal, documents.Position),
    *(documents.Removed, documents.Gates, documents.Release, documents.Error),
)


def definitions(prefix: str) -> dict[str, Any]:
    """Returns the schema of each type by its name; references to others start with `prefix`."""
    _, found = msgspec.json.schema_components(_TYPES, ref_template=prefix + "{name}")
    for name, more in _BEYOND_TYPES.items():
        found[name] |= more
    return found


# What the types check, but cannot say.
_BEYOND_TYPES: dict[str, Any] = {
    "Act": {"minProperties": 1},
    "SubstituteBody": {"minProperties": 1, "maxProperties": 1},
    "Release": {"minProperties": 1},
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Control API of the mock providers",
    "$defs": definitions("#/$defs/"),
}
"""All documents that the API takes and sends, under `$defs`."""
