"""First contact: is anybody there, is the token good, do the default model keys work?

What it finds decides what can be planned. It judges nothing: a gateway that answers oddly is judged by the checks.
"""

from __future__ import annotations

from conformance.audio.samples import speech_like_wav
from conformance.drive.case import DEFAULT_SPEECH_MODEL, DEFAULT_TRANSCRIPTION_MODEL
from conformance.errors import Blocked, GatewayUnreachable, TokenRefused
from conformance.http.bodies import Upload, json_body, transcript_multipart
from conformance.http.client import SPEECH, TRANSCRIPTIONS, Gateway
from conformance.http.exchange import Exchange
from conformance.runner.plan import Contact
from conformance.target import Target

# What a gateway answers for a key that it does not know; anything else is judged, not excused.
_REFUSALS = frozenset({400, 403, 404, 422})


def make_contact(target: Target, gateway: Gateway) -> Contact:
    """Probe, then send one valid request per capability. Raises GatewayUnreachable or TokenRefused."""
    probe = gateway.probe()
    if probe.answer is None:
        raise GatewayUnreachable(
            f"No gateway answers at {target.base_url}: {probe.error}.", "Is it running, and is base_url right?"
        )
    try:
        speech, hearing = _speak(target, gateway), _hear(target, gateway)
    except Blocked as blocked:
        raise GatewayUnreachable(f"The gateway at {target.base_url} is gone: {blocked.reason}.") from blocked
    if speech.status == hearing.status == 401:
        raise TokenRefused(
            f"The gateway at {target.base_url} refuses the token with 401, so nothing can be judged.",
            "Give a valid token (--token, or token in the target file).",
        )
    unusable = {
        "speech": _unusable(speech, declared=bool(target.models.speech), key="speech", option="--speech-model"),
        "transcription": _unusable(
            hearing, declared=bool(target.models.transcription), key="transcription", option="--transcription-model"
        ),
    }
    return Contact({capability: reason for capability, reason in unusable.items() if reason})


def _speak(target: Target, gateway: Gateway) -> Exchange:
    model = next(iter(target.models.speech), DEFAULT_SPEECH_MODEL)
    return gateway.send(
        gateway.request(SPEECH, json_body({"model": model, "input": "Hello.", "voice": target.models.voice})),
        limited=True,
    )


def _hear(target: Target, gateway: Gateway) -> Exchange:
    model = next(iter(target.models.transcription), DEFAULT_TRANSCRIPTION_MODEL)
    body = transcript_multipart(Upload(speech_like_wav("contact", 0.5), "contact.wav"), {"model": model})
    return gateway.send(gateway.request(TRANSCRIPTIONS, body), limited=True)


def _unusable(exchange: Exchange, *, declared: bool, key: str, option: str) -> str:
    if declared or exchange.status not in _REFUSALS:
        return ""
    default = DEFAULT_SPEECH_MODEL if key == "speech" else DEFAULT_TRANSCRIPTION_MODEL
    return (
        f"declare models.{key} (or {option}): no key is declared and the gateway refused `{default}` ({exchange.got})"
    )
