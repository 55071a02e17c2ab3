"""Coverage points: the parts of an OpenAPI document that a run can reach, each with a name that leads a person there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is counted, in the order of reports."""

    OPERATIONS = "operations"
    REQUEST_MEDIA_TYPES = "request media types"
    REQUEST_PROPERTIES = "request properties"
    VALUES = "values"
    STATUSES = "statuses"
    RESPONSE_MEDIA_TYPES = "response media types"


@dataclass(frozen=True, slots=True)
class Point:
    """One part. `where` begins with its operation: `POST /audio/speech requestBody application/json voice`."""

    kind: Kind
    where: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}"
