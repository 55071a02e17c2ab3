"""The contracts that a gateway can be judged by: what each demands, as data, and the values that checks ask."""

from conformance.contracts.contract import (
    Capability,
    Contract,
    Encoding,
    Names,
    Operation,
    Probe,
    Statuses,
    Stream,
    TranscriptShape,
)
from conformance.contracts.loading import DEFAULT, foreign_to, load, names
from conformance.contracts.requirements import Catalogue, Level, Requirement

__all__ = [
    "DEFAULT",
    "Capability",
    "Catalogue",
    "Contract",
    "Encoding",
    "Level",
    "Names",
    "Operation",
    "Probe",
    "Requirement",
    "Statuses",
    "Stream",
    "TranscriptShape",
    "foreign_to",
    "load",
    "names",
]
