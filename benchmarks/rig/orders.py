"""Mixed requests that each bear a marker of their own, and how to tell that an answer is the right one.

An answer is held against what the provider noted of the call with the same marker, so that no answer of another request,
however alike, passes for it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from benchmarks.rig.gateways import BASE_PATH, LABELS
from benchmarks.rig.wire import Answer, request
from mock_upstreams import MockProvider, SpeechRequest, TranscriptionRequest

if TYPE_CHECKING:
    from collections.abc import Callable

Chance = random.Random
_BOUNDARY = "benchmark-5c41d0"
_FORM = f"multipart/form-data; boundary={_BOUNDARY}"
_RECORDINGS = 128
_WEIGHTS = (30, 22, 18, 3, 3, 4)  # of the formats, the quick ones first
_HEARD_IN = 40  # one speech answer in so many is listened to
FAILING = "The provider fails at this:"


@dataclass(frozen=True)
class Order:
    """A request and the rule for its answer: ``judge(answer, call)`` says what is wrong, or nothing.

    ``call`` is the provider's note of the one call with this marker; None where there must be none.
    """

    kind: str
    marker: str
    wire: bytes
    judge: Callable[[Answer, dict[str, Any] | None], str | None]


def order(number: int, seed: str, token: str) -> Order:
    """Order number so-and-so of a seed."""
    chance = Chance(f"{seed}/{number}")
    make = chance.choices(_KINDS, _SHARES)[0]
    return make(f"m{number:06d}.", chance, token)


@cache
def _recording(number: int, audio_format: str) -> tuple[str, bytes]:
    text = f"Recording {number} in {audio_format}."
    return text, MockProvider().synthesize(SpeechRequest("tts-1", text, response_format=audio_format)).data


def _speech(marker: str, chance: Chance, token: str) -> Order:
    audio_format = chance.choices(list(LABELS), _WEIGHTS)[0]
    text = f"Number {marker}"
    body = {"model": "say", "input": text, "response_format": audio_format}
    listens = audio_format != "pcm" and chance.randrange(_HEARD_IN) == 0

    def judge(answer: Answer, call: dict[str, Any] | None) -> str | None:
        if answer.status != 200 or call is None:
            return f"{answer.status}, call: {call is not None}"
        if answer.headers["content-type"] != LABELS[audio_format]:
            return f"labelled {answer.headers['content-type']}"
        if hashlib.sha256(answer.body).hexdigest() != call["answer"]["sha256"]:
            return "not the bytes that the provider sent for it"
        if listens and MockProvider().transcribe(TranscriptionRequest("whisper-1", answer.body)).text != text:
            return "says something else"
        return None

    return Order("speech", marker, _json_request("speech", token, body), judge)


def _heard(marker: str, chance: Chance, token: str) -> Order:
    """A transcript or translation, in either form; the marker goes along as the prompt."""
    audio_format = chance.choice(("wav", "wav", "flac", "opus"))
    text, audio = _recording(chance.randrange(_RECORDINGS), audio_format)
    operation = chance.choice(("transcriptions", "transcriptions", "translations"))
    shape = chance.choice(("json", "json", "verbose_json", "text", "srt"))
    fields = {"model": "hear", "prompt": marker, "response_format": shape}
    in_form = chance.random() < 0.5
    wire = (
        _form_request(operation, token, fields, audio) if in_form else _base64_request(operation, token, fields, audio)
    )

    def judge(answer: Answer, call: dict[str, Any] | None) -> str | None:
        if answer.status != 200 or call is None:
            return f"{answer.status}, call: {call is not None}"
        if call["file"]["sha256"] != hashlib.sha256(audio).hexdigest():
            return "another file reached the provider"
        said = answer.json()
        if said["request_id"] != answer.headers["x-request-id"]:
            return "another request's id"
        right = text in said["text"] if shape == "srt" else text == said["text"].rstrip("\n")
        return None if right else f"{said['text']!r} instead of {text!r}"

    return Order(f"{operation}, {'form' if in_form else 'base64'}", marker, wire, judge)


def _refused(status: int, code: str | None, words: str = "", *, reaches: bool = False) -> Callable[..., str | None]:
    def judge(answer: Answer, call: dict[str, Any] | None) -> str | None:
        if answer.status != status or (code is not None and answer.code != code):
            return f"{answer.status} {answer.code}"
        if (call is not None) != reaches:
            return "reached the provider" if call else "did not reach the provider"
        return None if words in answer.body.decode() else "says nothing of the marker"

    return judge


def _unknown_model(marker: str, _: Chance, token: str) -> Order:
    wire = _json_request("speech", token, {"model": marker, "input": marker})
    return Order("unknown model", marker, wire, _refused(400, "model_not_found", marker))


def _wrong_token(marker: str, _: Chance, __: str) -> Order:
    wire = _json_request("speech", f"cpeer_{marker}", {"model": "say", "input": marker})
    return Order("wrong token", marker, wire, _refused(401, None))


def _no_audio(marker: str, _: Chance, token: str) -> Order:
    wire = _form_request("transcriptions", token, {"model": "hear", "prompt": marker}, b"no audio at all" * 20)
    return Order("no audio", marker, wire, _refused(400, "unknown_audio_format", reaches=True))


def _failing_provider(marker: str, _: Chance, token: str) -> Order:
    wire = _json_request("speech", token, {"model": "say", "input": f"{FAILING} {marker}"})
    return Order("failing provider", marker, wire, _refused(500, None, reaches=True))


def _no_such_path(marker: str, _: Chance, token: str) -> Order:
    return Order("no such path", marker, request(f"/{marker}", token=token, method="GET"), _refused(404, "not_found"))


def _json_request(operation: str, token: str, body: dict[str, Any]) -> bytes:
    return request(f"{BASE_PATH}/audio/{operation}", token=token, body=json.dumps(body).encode())


def _base64_request(operation: str, token: str, fields: dict[str, str], audio: bytes) -> bytes:
    return _json_request(operation, token, {**fields, "audio": {"data": base64.b64encode(audio).decode()}})


def _form_request(operation: str, token: str, fields: dict[str, str], audio: bytes) -> bytes:
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    ]
    file = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body = ("".join(parts) + file).encode() + audio + f"\r\n--{_BOUNDARY}--\r\n".encode()
    return request(f"{BASE_PATH}/audio/{operation}", token=token, body=body, content_type=_FORM)


_TABLE: tuple[tuple[Callable[[str, Chance, str], Order], int], ...] = (
    (_speech, 50),
    (_heard, 30),
    (_unknown_model, 6),
    (_wrong_token, 6),
    (_no_audio, 3),
    (_failing_provider, 3),
    (_no_such_path, 2),
)
_KINDS = [make for make, _ in _TABLE]
_SHARES = [share for _, share in _TABLE]
