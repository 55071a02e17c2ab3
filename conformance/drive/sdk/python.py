"""openai-python, as its users call it."""

from __future__ import annotations

import warnings
from typing import Any

import httpx
import openai

from conformance.drive.sdk.values import Asked, Returned
from conformance.http.bodies import Upload
from conformance.target import Target

_NAMED = ("type", "code", "param")
_WRONG_KEY = "sk-of-nobody"


def ask_python(target: Target, asked: Asked, upload: Upload | None) -> Returned:
    """What the library returns, or the error that it raises."""
    key = target.token if asked.authorised else _WRONG_KEY
    options: dict[str, Any] = {"max_retries": 0, "default_headers": dict(target.headers), "timeout": 60.0}
    with openai.OpenAI(base_url=target.base_url, api_key=key, **options) as client, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # translations, which its authors give up
        try:
            return _asked(client, asked, upload)
        except openai.APIError as error:
            return _raised(error)
        except httpx.HTTPError as error:  # a stream that breaks off, which the library hands on as it is
            return Returned(error=type(error).__name__)


def _asked(client: openai.OpenAI, asked: Asked, upload: Upload | None) -> Returned:
    resource: Any = getattr(client.audio, asked.route)
    file = {"file": (upload.file_name, upload.data, upload.content_type)} if upload else {}
    if asked.pieces:
        with resource.with_streaming_response.create(**asked.fields) as response:
            return Returned(audio=b"".join(response.iter_bytes(4096)), **_of(response))
    if asked.events:
        stream = resource.create(**asked.fields, **file, stream=True)
        return Returned(events=[event.model_dump(exclude_unset=True) for event in stream])
    raw = resource.with_raw_response.create(**asked.fields, **file)
    found = raw.parse()
    if asked.route == "speech":
        return Returned(audio=found.content, **_of(raw))
    if isinstance(found, str):
        return Returned(text=found, **_of(raw))
    return Returned(document=found.model_dump(exclude_unset=True), **_of(raw))


def _of(response: Any) -> dict[str, Any]:
    return {"status": response.status_code, "headers": {name.lower(): v for name, v in response.headers.items()}}


def _raised(error: openai.APIError) -> Returned:
    named = {name: getattr(error, name, None) for name in _NAMED}
    response = getattr(error, "response", None)
    return Returned(error=type(error).__name__, named=named, **(_of(response) if response is not None else {}))
