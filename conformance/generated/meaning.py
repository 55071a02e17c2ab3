"""What a generated request means, whatever it looks like on the wire, and whether the gateway understood it so.

A meaning is a route, its fields and, for transcripts, an upload. With the mock provider behind, understanding is judged by
the call that reached the provider; without it, by the answer alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.audio.writing import wav_file
from conformance.contracts import TranscriptShape
from conformance.drive.case import Case
from conformance.drive.requests import valid_fields
from conformance.errors import Blocked, NotForwarded
from conformance.generated.forms import Part
from conformance.generated.strategies import Pairs
from conformance.http.bodies import Body, Upload, audio_object, json_body, transcript_json, transcript_multipart
from conformance.http.exchange import Exchange, Finding, Request
from conformance.judge.client.speech import same_bytes
from conformance.judge.client.statuses import replayable, status_is
from conformance.judge.client.transcripts import is_transcript, text_is_providers
from conformance.judge.upstream.fields import request_arrived
from conformance.mock.calls import RecordedCall

_RATE = 2000
_SYLLABLE = 40  # samples
_LOUDNESS = (1.0, 0.7, 0.4, 0.2)


@dataclass(frozen=True, slots=True)
class Draft:
    """The drawn part of a meaning: optional fields, what stands around the marker, bytes of the recording, its name.

    `seconds` is how long the recording lasts at least: the mock hears a word in a short one, and a sentence in a longer.
    """

    fields: Pairs = ()
    before: str = ""
    after: str = ""
    content: bytes = b""
    file_name: str = "speech.wav"
    seconds: float = 0.12


@dataclass(frozen=True)
class Meaning:
    """One request's meaning. `fields` are the documented fields with their values, the required ones included."""

    case: Case
    route: str
    fields: Mapping[str, Any]
    upload: Upload | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The JSON form."""
        audio = {"audio": audio_object(self.upload)} if self.upload else {}
        return {**self.fields, **audio}

    @property
    def parts(self) -> list[Part]:
        """The multipart form, in no order that matters."""
        pairs: list[Part] = []
        for name, value in self.fields.items():
            if isinstance(value, tuple):
                pairs += [(f"{name}[]", item) for item in value]
            else:
                pairs.append((name, value if isinstance(value, str) else f"{value:g}"))
        return [*pairs, ("file", self.upload)] if self.upload else pairs

    @property
    def shape(self) -> TranscriptShape:
        """How a transcript of it is answered."""
        return self.case.contract.transcript(self.fields.get("response_format"))

    def body(self, form: str) -> Body:
        """The ordinary body, as the suite's other checks send it."""
        if self.upload is None:
            return json_body(self.document)
        return (transcript_json if form == "json" else transcript_multipart)(self.upload, self.fields)

    def request(self, body: Body) -> Request:
        return self.case.request(self.route, body)


def meaning(case: Case, route: str, draft: Draft) -> Meaning:
    """Give drawn values to a case: its marker stands inside its text (input or prompt), between the two halves drawn."""
    marked = f"{draft.before}{case.marker}{draft.after}"
    operation = case.contract.operations[route]
    if operation.takes_text:
        return Meaning(
            case, route, valid_fields(case, route, **{operation.content_field: marked, **dict(draft.fields)})
        )
    upload = Upload(recording(case.marker, draft.content, draft.seconds), draft.file_name, "audio/wav")
    return Meaning(case, route, valid_fields(case, route, prompt=marked, **dict(draft.fields)), upload)


def recording(marker: str, content: bytes, seconds: float = 0.12) -> bytes:
    """A whole wav file of this marker alone, ending with `content`; its samples have 8 bits, so that any byte is one."""
    # Even, because a chunk of an odd length is padded, and what stands last of all is what is cut off by mistake.
    length = max(round(seconds * _RATE / 2) * 2, (len(content) + 33) // 2 * 2)
    samples = _syllables(marker, length - len(content)) + content
    return wav_file(samples, rate=_RATE, bits=8)


def _syllables(marker: str, length: int) -> bytes:
    """Noise that is louder and softer in the marker's own rhythm: the mock hears other words in it for other markers."""
    rhythm = hashlib.sha256(marker.encode()).digest()
    noise = np.frombuffer(hashlib.shake_256(marker.encode()).digest(length), np.uint8)
    syllables = [_LOUDNESS[byte % len(_LOUDNESS)] for byte in rhythm]
    loudness = np.resize(np.repeat(syllables, _SYLLABLE), length)
    return np.round(128 + (noise.astype(float) - 128) * loudness).astype(np.uint8).tobytes()


def understood(meant: Meaning, exchange: Exchange, *, because: str, resendable: bool = True) -> list[Finding | None]:
    """It was served, as what it means. Raises Blocked where the gateway does not serve an ordinary request either.

    `resendable` says that the exchange's request holds all of what was sent, so that a replay can send it again.
    """
    served = meant.case.contract.statuses("served")
    if exchange.status not in served:
        _make_sure_plain_ones_are_served(meant, exchange)
        return [replayable(status_is(exchange, served, because=because), *([served] if resendable else []))]
    if meant.case.mock is None:
        return [is_transcript(exchange, meant.shape, because=because)] if meant.upload else []
    call = call_of(meant)
    if call is None:
        return [_nothing_arrived(meant, exchange, because)]
    return [
        request_arrived(exchange, call, meant.fields, meant.upload, because=because),
        text_is_providers(exchange, call, meant.shape, because=because)
        if meant.upload
        else same_bytes(exchange, [call]),
    ]


def call_of(meant: Meaning, since: int = 0) -> RecordedCall | None:
    """The provider's call after `since`, found by its bytes and else by its marker: a damaged one must not hide."""
    provider, calls = meant.case.provider, []
    if meant.upload:
        calls = provider.calls(sha256=meant.upload.digest, since=since)
    calls = calls or provider.calls(marker=meant.case.marker, since=since)
    return calls[-1] if calls else None


def _nothing_arrived(meant: Meaning, exchange: Exchange, because: str) -> Finding:
    plain = _plain(meant)
    if not _is_served(plain, plain.case.contract.operations[plain.route].other_encoding) or call_of(plain) is None:
        raise NotForwarded(exchange)
    expected = f"a call with {meant.case.marker} in its text"
    return Finding(f"{because}: nothing of it reached the provider", expected, "none", (exchange,))


def _make_sure_plain_ones_are_served(meant: Meaning, exchange: Exchange) -> None:
    plain = _plain(meant)
    form = (
        "json"
        if (exchange.request.header("content-type") or "").lower().startswith("application/json")
        else "multipart"
    )
    if not _is_served(plain, form):
        raise Blocked(f"a plain valid request is not served either: {exchange.got}", exchange)


def _is_served(plain: Meaning, form: str) -> bool:
    exchange = plain.case.send(plain.request(plain.body(form)))
    return exchange.status in plain.case.contract.statuses("served")


def _plain(meant: Meaning) -> Meaning:
    return meaning(meant.case.example(), meant.route, Draft())
