"""Requests whose other hop is looked at: sent to the OpenAI or the Azure face, found again at the provider.

Transcript requests carry the case's marker in their prompt, too: their call is found even where a gateway spoils the
upload and renames it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from conformance.audio.samples import speech_like_wav
from conformance.drive.case import FORMS, ROUTES, TRANSCRIPT_ROUTES, Case
from conformance.errors import Blocked, NotVerified
from conformance.http.bodies import Body, Upload, json_body
from conformance.http.client import SPEECH
from conformance.http.exchange import Exchange, Request
from conformance.mock.calls import Call

ROUTES_AND_FORMS = [("speech", "json"), *product(TRANSCRIPT_ROUTES, FORMS)]
TRANSCRIPTS = list(product(TRANSCRIPT_ROUTES, FORMS))
FACES = ("openai", "azure")


def model_key(case: Case, route: str, face: str = "openai") -> str:
    """The gateway's model key for a route on one of the provider's faces. Raises NotVerified where none is declared."""
    if face == "openai":
        return case.speech_model if route == "speech" else case.transcription_model
    models = case.target.models
    key = models.azure_speech if route == "speech" else models.azure_transcription
    lacking = {
        "speech": models.without_deployment.speech,
        "transcriptions": models.without_deployment.transcription,
        "translations": models.without_deployment.translation,
    }[route]
    if key is None or key == lacking:
        raise NotVerified(f"declare an Azure model whose cluster has a deployment for {route}")
    return key


def body_of(
    case: Case, route: str, form: str, *, face: str = "openai", upload: Upload | None = None, **fields: Any
) -> Body:
    """A valid body but for ``fields``; a field given as ``...`` is left out."""
    fields = {"model": model_key(case, route, face), **fields}
    if route == "speech":
        return json_body(case.speech_fields(**fields))
    return case.transcript_body(form, upload or case.upload(), **{"prompt": case.marker, **fields})


def request_of(case: Case, route: str, form: str, **changes: Any) -> Request:
    return case.gateway.request(ROUTES[route], body_of(case, route, form, **changes))


def ask(case: Case, route: str, form: str, **changes: Any) -> Exchange:
    """Send a valid request: ``face``, ``upload`` and fields as for `body_of`."""
    return case.send(request_of(case, route, form, **changes))


def seen(case: Case, exchange: Exchange, upload: Upload | None = None) -> list[Call]:
    """The calls that a request led to, whatever the provider said to them. Raises Blocked where there is none."""
    speech = exchange.request.url.endswith(SPEECH)
    calls = case.provider.calls(marker=case.marker) if speech else case.calls(upload)
    if calls := calls or case.calls_resembling():
        return calls
    case.succeeded(exchange)
    raise Blocked("the provider saw no call of this case; is the gateway routed to the mock?", exchange)


def asked_anew(case: Case, route: str, form: str, **changes: Any) -> tuple[Exchange, list[Call]]:
    """Send a valid request; returns it with those of the provider's calls that it led to, not an earlier one like it."""
    since = case.provider.position()
    exchange = case.succeeded(ask(case, route, form, **changes))
    wanted: dict[str, Any] = {"marker": case.marker} if route == "speech" else {"sha256": case.upload().digest}
    return exchange, case.provider.calls(since=since, **wanted)


def expected_of(mapping: Mapping[str, str], key: str, name: str) -> str:
    """What the target says that a key maps to. Raises NotVerified where it does not say."""
    if key not in mapping:
        raise NotVerified(f"declare {name}.{key}: what the model key {key} maps to")
    return mapping[key]


def match_of(case: Case, route: str, upload: Upload | None = None) -> dict[str, str]:
    """What a script matches this case's calls by: the text of speech, the bytes of an upload."""
    return {"marker": case.marker} if route == "speech" else {"sha256": (upload or case.upload()).digest}


def canned(case: Case, route: str) -> dict[str, Any]:
    """A provider's answer that costs it nothing, for requests of which only the call is judged."""
    if route != "speech":
        return {"content_type": "application/json", "body": {"json": {"text": case.marker}}}
    wav = base64.b64encode(speech_like_wav(case.marker, 0.2)).decode()
    return {"content_type": "audio/wav", "body": {"base64": wav}}


def after_all(case: Case, route: str, request: Callable[[Case], Exchange]) -> list[Call]:
    """The case's calls, asked for when a later request has gone all the way: by then they have arrived.

    Raises Blocked where the later one is not served.
    """
    later = case.example()
    later.call(request(later), later.upload() if route != "speech" else None)
    return case.calls()
