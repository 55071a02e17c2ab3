"""What one API contract fixes, as a value: a second contract is a second value, not a second copy of the endpoints.

Contract: Speech, Transcriptions, Translations, Errors; rulings, Statuses and Answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from reference_server.requests import Operation


@dataclass(frozen=True, slots=True)
class Contract:
    """The paths, statuses and transcript shape of one API.

    `paths` stand below the base path. `statuses` maps the situation of an error, such as `unknown-model`, to its HTTP
    status. `document` is the name of the OpenAPI file. A transcript is a JSON object; `request_id_member` is the member
    that repeats the request's id (None: no such member), and the response formats in `plain_formats` are answered as a
    plain document instead of an object that holds it.
    """

    name: str
    document: str
    paths: Mapping[Operation, str]
    statuses: Mapping[str, int]
    request_id_member: str | None = "request_id"
    plain_formats: frozenset[str] = frozenset()

    def status(self, situation: str) -> int:
        """The status of a situation; one that the contract does not name is the gateway's own failure."""
        return self.statuses.get(situation, self.statuses["inference-error"])

    def document_bytes(self) -> bytes:
        """The OpenAPI file: beside the package in a checkout, in `audio_contract` when installed from a wheel."""
        beside = Path(__file__).parent.parent / self.document
        return beside.read_bytes() if beside.is_file() else files("audio_contract").joinpath(self.document).read_bytes()


AUDIO_API = Contract(
    name="audio-api",
    document="openapi.yaml",
    paths=MappingProxyType(
        {
            Operation.SPEECH: "/audio/speech",
            Operation.TRANSCRIPTION: "/audio/transcriptions",
            Operation.TRANSLATION: "/audio/translations",
        }
    ),
    statuses=MappingProxyType(
        {
            "invalid-request": 400,
            "unsupported-content-type": 400,
            "malformed-body": 400,
            "invalid-field": 400,
            "unknown-model": 400,
            "no-deployment": 400,
            "provider-refusal": 400,
            "invalid-token": 401,
            "unknown-path": 404,
            "wrong-method": 405,
            "body-too-slow": 408,
            "body-too-large": 413,
            "limit": 429,
            "provider-limit": 429,
            "inference-error": 500,
            "limits-unavailable": 500,
            "shutting-down": 503,
            "not-ready": 503,
        }
    ),
)
