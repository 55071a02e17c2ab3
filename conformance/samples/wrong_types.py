"""JSON values of a type other than the documented one, under the names that checks show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Where a string is documented. Each holds something that a lenient gateway could take for one.
NO_STRING: Mapping[str, Any] = {
    "number": 5,
    "true": True,
    "false": False,
    "list": ["tts-1"],
    "empty-list": [],
    "object": {"value": "tts-1"},
    "empty-object": {},
}

# Where a number is documented.
NO_NUMBER: Mapping[str, Any] = {
    "word": "fast",
    "digits": "1",
    "empty": "",
    "true": True,
    "list": [1],
    "object": {"value": 1},
}

# Where an object is documented.
NO_OBJECT: Mapping[str, Any] = {
    "number": 5,
    "true": True,
    "false": False,
    "empty": "",
    "word": "audio",
    "list": [],
    "zero": 0,
}
