"""Places of the contract file that a run can reach, each with a name that leads a person there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is counted, in the order in which it is told."""

    OPERATIONS = "operations"
    REQUEST_MEDIA_TYPES = "request media types"
    REQUEST_PROPERTIES = "request properties"
    VALUES = "values"
    STATUSES = "statuses"
    ANSWER_MEDIA_TYPES = "answer media types"


@dataclass(frozen=True, slots=True)
class Place:
    """``where`` begins with the operation: ``POST /audio/speech requestBody application/json response_format=opus``."""

    kind: Kind
    where: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}"
