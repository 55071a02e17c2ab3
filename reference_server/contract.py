"""What one API contract fixes, as a value: a second contract is a second value, not a second copy of the endpoints.

Contract: Speech, Transcriptions, Translations, Errors; rulings, Statuses and Answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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

    `takes_json` says whether a recording may also come in JSON; `transcript_formats` are those that may be asked for;
    `further` are the fields of each operation that mean something to the provider alone. `relays`: what a provider
    responds is handed on as it comes, where its adapter can do that, instead of being made anew. `tells_usage`: what a
    transcript used stands in headers, too.
    """

    name: str
    document: str
    paths: Mapping[Operation, str]
    statuses: Mapping[str, int]
    request_id_member: str | None = "request_id"
    plain_formats: frozenset[str] = frozenset()
    base_path: str = "/api/client/v1"
    takes_json: bool = True
    transcript_formats: tuple[str, ...] = ("json", "text", "srt", "verbose_json", "vtt")
    further: Mapping[Operation, frozenset[str]] = field(default_factory=dict)
    relays: bool = False
    tells_usage: bool = False

    def status(self, situation: str) -> int:
        """The status of a situation; one that the contract does not name is the gateway's own failure."""
        return self.statuses.get(situation, self.statuses["inference-error"])

    def document_bytes(self) -> bytes:
        """The OpenAPI file: beside the package in a checkout, in `audio_contract` when installed from a wheel."""
        beside = Path(__file__).parent.parent / self.document
        return beside.read_bytes() if beside.is_file() else files("audio_contract").joinpath(self.document).read_bytes()


_PATHS: Mapping[Operation, str] = MappingProxyType(
    {
        Operation.SPEECH: "/audio/speech",
        Operation.TRANSCRIPTION: "/audio/transcriptions",
        Operation.TRANSLATION: "/audio/translations",
    }
)

AUDIO_API = Contract(
    name="audio-api",
    document="openapi.yaml",
    paths=_PATHS,
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

OPENAI_AUDIO_2026_11 = Contract(
    name="openai-audio-2026-11",
    document="docs/contract/openai-audio-2026-11.yaml",
    paths=_PATHS,
    statuses=MappingProxyType({**AUDIO_API.statuses, "unsupported-content-type": 415, "unknown-model": 404}),
    request_id_member=None,
    plain_formats=frozenset({"text", "srt", "vtt"}),
    base_path="/v1",
    takes_json=False,
    transcript_formats=(*AUDIO_API.transcript_formats, "diarized_json"),
    further=MappingProxyType(
        {
            Operation.SPEECH: frozenset({"stream_format", "voice"}),
            Operation.TRANSCRIPTION: frozenset(
                {"stream", "include", "chunking_strategy", "known_speaker_names", "known_speaker_references"}
                | {"languages", "keywords"}
            ),
        }
    ),
    relays=True,
    tells_usage=True,
)

CONTRACTS: Mapping[str, Contract] = MappingProxyType({each.name: each for each in (AUDIO_API, OPENAI_AUDIO_2026_11)})
"""The contracts that a configuration can name."""
