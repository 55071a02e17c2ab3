"""What is asked of a gateway under load, and what each answer is held to.

With the mock behind, the recordings to be heard are those that the gateway spoke before: the transcript has to be the
text, so an answer that belongs to another request is noticed.
"""

from __future__ import annotations

import itertools
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.audio import FORMATS, media_types
from conformance.contracts import Contract
from conformance.drive.case import Case
from conformance.drive.requests import OMIT, valid_request
from conformance.http.bodies import Upload
from conformance.http.client import Gateway
from conformance.http.exchange import Exchange, Finding, Request
from conformance.judge.client.errors import enveloped
from conformance.judge.client.headers import request_id_present
from conformance.judge.client.speech import is_audio, is_some_audio, label_agrees
from conformance.judge.client.statuses import status_is
from conformance.judge.client.subtitles import looks_like
from conformance.judge.client.transcripts import has_request_id, is_transcript, text_is
from conformance.target import TRANSCRIPT_FORMATS, Target

Judge = Callable[[Exchange], Finding | None]

# The formats of speech that a transcription takes, and the names of their files.
_HEARABLE = {"mp3": "spoken.mp3", "wav": "spoken.wav", "flac": "spoken.flac"}
_KEPT_RECORDINGS = 64
_DOCUMENTS = ("srt", "vtt")
_SPOKEN_AS_TEXT = ("json", "verbose_json")


@dataclass(frozen=True, slots=True)
class Turn:
    """One request. `name` is the row of the statistics that it counts in.

    `judges` are pure, and asked in their order. `keep` takes an answer that none of them accuses, for later turns.
    """

    name: str
    request: Request
    judges: tuple[Judge, ...]
    keep: Callable[[Exchange], None] = field(default=lambda _: None)

    def finding(self, exchange: Exchange) -> Finding | None:
        """What the answer is accused of first; nothing where it is as the contract wants it."""
        return next((finding for judge in self.judges if (finding := judge(exchange))), None)


@dataclass(frozen=True, slots=True)
class _Recording:
    """A recording, and the text that is spoken in it; None where nobody knows."""

    upload: Upload
    text: str | None


class Turns:
    """Makes the turns of one process, each under a marker of its own. Belongs to one thread.

    Formats and encodings take turns: all that the target declares, and all of the contract's with the mock behind.
    """

    def __init__(self, contract: Contract, target: Target, gateway: Gateway) -> None:
        self._contract = contract
        self._target = target
        self._gateway = gateway
        self._nonce = secrets.token_hex(6)
        self._numbers = itertools.count()
        self._recordings: deque[_Recording] = deque(maxlen=_KEPT_RECORDINGS)
        has_mock = target.mock_provider is not None
        self._formats = _cycle(FORMATS if has_mock else target.expect.formats)
        declared = TRANSCRIPT_FORMATS if has_mock else target.expect.transcript_formats
        self._questions = {
            route: _cycle(tuple(itertools.product(declared or (None,), operation.encodings)))
            for route, operation in contract.operations.items()
        }

    def speech(self) -> Turn:
        """A text to be spoken, in the next of the formats."""
        case, wanted = self._case(), next(self._formats)
        because = f"speech with response_format: {wanted}" if wanted else "speech without response_format"
        request = valid_request(case, "speech", response_format=wanted or OMIT)

        def sounds(exchange: Exchange) -> Finding | None:
            whole = is_audio(exchange, wanted, because=because) if wanted else is_some_audio(exchange, because=because)
            return whole or label_agrees(exchange, because=because, general=self._contract.audio_labels)

        judges = (self._served(because), sounds, self._has_id(because, audio=True))
        return Turn(f"speech {wanted or ''}".strip(), request, judges, self._keeping(case.text, wanted))

    def transcript(self, route: str) -> Turn:
        """A recording to be heard by an operation, in the next of the response formats and encodings."""
        case, (wanted, form) = self._case(), next(self._questions[route])
        recording = self._recording(case)
        shape = self._contract.transcript(wanted)
        because = f"{route} ({form}) {f'with response_format {wanted}' if wanted else 'without response_format'}"
        request = valid_request(case, route, form, upload=recording.upload, response_format=wanted or OMIT)

        def reads(exchange: Exchange) -> Finding | None:
            finding = is_transcript(exchange, shape, because=because) or has_request_id(
                exchange, shape, because=because
            )
            if finding or wanted not in _DOCUMENTS:
                return finding
            return looks_like(exchange, wanted, shape, because=because)

        def says(exchange: Exchange) -> Finding | None:
            if recording.text is None or route != "transcriptions" or (wanted or "json") not in _SPOKEN_AS_TEXT:
                return None
            return text_is(exchange, recording.text, shape, because=f"{because}, of what the gateway spoke")

        judges = (self._served(because), reads, says, self._has_id(because))
        return Turn(f"{route} {wanted or ''}".strip(), request, judges)

    def refusal(self) -> Turn:
        """A valid request under a token that nobody has."""
        case, because = self._case(), "a request with a wrong token"
        request = valid_request(case, "speech", token=f"cpeer_nobody_{case.marker}")
        allowed = self._contract.statuses("invalid-token")

        def refused(exchange: Exchange) -> Finding | None:
            return status_is(exchange, allowed, because=because)

        return Turn("refusal of a wrong token", request, (refused, self._error(because)))

    def is_held_off(self, exchange: Exchange) -> bool:
        """Whether a request was refused as one too many, which a gateway may do with any."""
        return exchange.status in self._contract.statuses("held-off")

    def badly_held_off(self, exchange: Exchange) -> Finding | None:
        """What the error is accused of that held a request off."""
        return self._error("a request that is one too many")(exchange)

    def _served(self, because: str) -> Judge:
        """A success; of an error instead, that it is one, and whether it is also malformed."""
        allowed = self._contract.statuses("served")

        def served(exchange: Exchange) -> Finding | None:
            wrong = status_is(exchange, allowed, because=because)
            malformed = self._error(because)(exchange) if wrong and exchange.is_error else None
            return malformed or wrong

        return served

    def _error(self, because: str) -> Judge:
        return lambda exchange: enveloped(exchange, self._contract.names.error, because=because)

    def _has_id(self, because: str, *, audio: bool = False) -> Judge:
        name = self._contract.names.request_id_header
        if audio and "request-id" not in self._contract.audio_headers:
            return lambda _: None
        return lambda exchange: request_id_present(exchange, name, because=because)

    def _case(self) -> Case:
        """A case of its own: it belongs to no check, so any requirement stands in for the one it would decide."""
        return Case(
            marker=f"mark{self._nonce}n{next(self._numbers)}z",
            requirement=next(iter(self._contract.catalogue)),
            contract=self._contract,
            target=self._target,
            gateway=self._gateway,
            mock=None,
            seed=0,
            examples=1,
        )

    def _keeping(self, text: str, wanted: str | None) -> Callable[[Exchange], None]:
        """Keeps speech to be heard again, where the provider behind hears what it spoke: the mock does."""

        def keep(exchange: Exchange) -> None:
            if self._target.mock_provider and wanted in _HEARABLE and exchange.answer:
                upload = Upload(exchange.answer.body, _HEARABLE[wanted], media_types(wanted)[0])
                self._recordings.append(_Recording(upload, text))

        return keep

    def _recording(self, case: Case) -> _Recording:
        if self._recordings:
            self._recordings.rotate()
            return self._recordings[0]
        return _Recording(case.upload(), None)


def _cycle(values: tuple[Any, ...]) -> Iterator[Any]:
    """All of them again and again; None for ever where there are none."""
    return itertools.cycle(values or (None,))
