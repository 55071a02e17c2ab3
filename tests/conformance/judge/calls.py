"""Hand-made calls of a provider, as the mock records them."""

from __future__ import annotations

import hashlib
from typing import Any

from conformance.http.bodies import Upload
from conformance.mock.calls import Call

UPLOAD = Upload(b"RIFF....", "speech.wav", "audio/wav")


def call(**changes: Any) -> Call:
    """A call of speech on OpenAI's face."""
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
        "answer": {"status": 200, "content_type": "audio/mpeg", "size": 3, "sha256": "", "text": None},
    }
    return {**ordinary, **changes}


def form_call(*fields: tuple[str, Any], upload: Upload = UPLOAD, **changes: Any) -> Call:
    """A call of transcription in a form: its text fields, and the file."""
    file = {
        "field": "file",
        "name": upload.file_name,
        "content_type": upload.content_type,
        "size": len(upload.data),
        "sha256": hashlib.sha256(upload.data).hexdigest(),
    }
    ordinary = {
        "operation": "transcription",
        "path": "/v1/audio/transcriptions",
        "fields": [["model", "whisper-1"], *map(list, fields)],
        "body_kind": "multipart",
        "file": file,
        "model": "whisper-1",
    }
    return call(**{**ordinary, **changes})


def azure_call(deployment: str = "speech-prod", **changes: Any) -> Call:
    ordinary = {
        "face": "azure",
        "path": f"/openai/deployments/{deployment}/audio/speech",
        "query": {"api-version": "2025-04-01-preview"},
        "headers": [["api-key", "azure-key-0123456789"]],
        "deployment": deployment,
    }
    return call(**{**ordinary, **changes})
