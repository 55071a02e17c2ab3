"""Forms as families of clients write them: however a legal form is spelled, it means the same."""

from __future__ import annotations

import pytest

from conformance.audio.samples import encode, speech_like_samples
from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import TRANSCRIPT_OPERATIONS, TRANSCRIPTS, ask
from conformance.generated.meaning import Draft, meaning, understood
from conformance.http.bodies import Upload
from conformance.samples.form_styles import (
    CLIENTS,
    PART_HEADERS,
    SPELLINGS,
    TOKENS,
    TRANSFER_ENCODINGS,
    FormStyle,
    written,
)

# Letters of several bytes: a reader that takes the charset of a part for another one spoils them.
_DRAFT = Draft(fields=(("temperature", 0.5),), before="Füchse 狐 ")
# As recorders of browsers, phones and tools label what they recorded.
_LABELS = {
    "webm-codecs": ("webm", "audio/webm;codecs=opus"),
    "webm-codecs-quoted": ("webm", 'audio/webm; codecs="opus"'),
    "ogg-codecs": ("ogg", "audio/ogg; codecs=opus"),
    "mp4-codecs": ("m4a", 'audio/mp4; codecs="mp4a.40.2"'),
    "wav-codecs": ("wav", "audio/wav; codecs=1"),
    "wav-rate": ("wav", "audio/wav; rate=16000; channels=1"),
    "upper-case": ("wav", "AUDIO/WAV;CODECS=1"),
}


def _in_style(case: Case, route: str, style: FormStyle, because: str) -> None:
    meant = meaning(case, route, _DRAFT)
    exchange = case.send(meant.request(written(meant.parts, style)))
    case.judge(*understood(meant, exchange, because=f"{route} as a form {because}"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.form.clients")
@pytest.mark.parametrize("client", CLIENTS)
def test_a_form_is_understood_as_clients_write_it(case: Case, route: str, client: str) -> None:
    _in_style(case, route, CLIENTS[client], f"that is written as {client} writes it")


@each("route", TRANSCRIPT_OPERATIONS, "{route}.form.tokens")
@pytest.mark.parametrize("kind", TOKENS)
def test_parameters_without_quotes_are_understood(case: Case, route: str, kind: str) -> None:
    _in_style(case, route, TOKENS[kind], f"whose parts have parameters without quotes ({kind})")


@each("route", TRANSCRIPT_OPERATIONS, "{route}.form.part-spelling")
@pytest.mark.parametrize("kind", SPELLINGS)
def test_the_heads_of_parts_are_understood_in_any_spelling(case: Case, route: str, kind: str) -> None:
    _in_style(case, route, SPELLINGS[kind], f"whose parts have their headers spelled otherwise ({kind})")


@each("route", TRANSCRIPT_OPERATIONS, "{route}.form.part-headers")
@pytest.mark.parametrize("kind", PART_HEADERS)
def test_further_headers_of_parts_change_nothing(case: Case, route: str, kind: str) -> None:
    _in_style(case, route, PART_HEADERS[kind], f"whose parts have further headers ({kind})")


@each("route", TRANSCRIPT_OPERATIONS, "{route}.form.transfer-encoding")
@pytest.mark.parametrize("client", TRANSFER_ENCODINGS)
def test_a_transfer_encoding_that_encodes_nothing_is_taken(case: Case, route: str, client: str) -> None:
    _in_style(case, route, TRANSFER_ENCODINGS[client], f"with Content-Transfer-Encoding, as {client} writes it")


@each("route, form", TRANSCRIPTS, "{route}.file.media-type-parameters")
@pytest.mark.parametrize("label", _LABELS)
def test_a_media_type_with_parameters_is_taken(case: Case, route: str, form: str, label: str) -> None:
    """Where the gateway takes the same bytes under the bare media type, it takes them with the parameters too."""
    extension, media_type = _LABELS[label]
    labelled = _recording(case, extension, media_type)
    exchange = ask(case, route, form, upload=labelled)
    if not case.is_served(exchange):
        case.succeeded(ask(case, route, form, upload=_recording(case, extension, media_type.partition(";")[0].lower())))
    because = f"{route} ({form}) with an upload whose media type is {media_type}"
    case.judge(case.answered(exchange, "served", because=because))


def _recording(case: Case, extension: str, media_type: str) -> Upload:
    return Upload(encode(speech_like_samples(case.marker, 0.5), extension), f"{case.marker}.{extension}", media_type)
