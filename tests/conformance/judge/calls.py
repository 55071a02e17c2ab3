"""Hand-made calls of a provider, decoded from what the mock's control API says of them."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from conformance.http.bodies import Upload
from conformance.mock.calls import RecordedCall

UPLOAD = Upload(b"RIFF....", "speech.wav", "audio/wav")


def call(**changes: Any) -> RecordedCall:
    """A call of speech at OpenAI's face; `changes` are named as on the control API's wire."""
    ordinary = {
        "position": 1,
        "face": "openai",
        "operation": "speech",
        "method": "POST",
        "path": "/v1/audio/speech",
        "query": {},
        "headers": [["authorization", "Bearer sk-provider-0123456789"], ["host", "mock"]],
        "fields": [["model", "tts-1"], ["input", "Hello"]],
        "body_kind": "json",
        "file": None,
        "model": "tts-1",
        "deployment": None,
        "script": None,
        "state": "answered",
        "answer": response(b"ID3", content_type="audio/mpeg"),
    }
    return msgspec.convert({**ordinary, **changes}, RecordedCall)


def response(body: bytes | str = b"", status: int = 200, content_type: str = "application/json") -> dict[str, Any]:
    """What the provider answered; a body given as text is shown as text."""
    data = body.encode() if isinstance(body, str) else body
    return {
        "status": status,
        "content_type": content_type,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "text": body if isinstance(body, str) else None,
    }


def file_of(upload: Upload) -> dict[str, Any]:
    """The file of a call that brought this upload."""
    return {
        "field": "file",
        "name": upload.file_name,
        "content_type": upload.content_type,
        "size": len(upload.data),
        "sha256": upload.digest,
    }


def form_call(*fields: tuple[str, Any], upload: Upload = UPLOAD, **changes: Any) -> RecordedCall:
    """A call of transcription in a form: its text fields, and the file."""
    ordinary = {
        "operation": "transcription",
        "path": "/v1/audio/transcriptions",
        "fields": [["model", "whisper-1"], *map(list, fields)],
        "body_kind": "multipart",
        "file": file_of(upload),
        "model": "whisper-1",
    }
    return call(**{**ordinary, **changes})


def azure_call(deployment: str = "speech-prod", **changes: Any) -> RecordedCall:
    """A call of speech at Azure's face."""
    ordinary = {
        "face": "azure",
        "path": f"/openai/deployments/{deployment}/audio/speech",
        "query": {"api-version": "2025-04-01-preview"},
        "headers": [["api-key", "azure-key-0123456789"]],
        "deployment": deployment,
    }
    return call(**{**ordinary, **changes})
