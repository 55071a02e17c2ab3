"""Answers of speech: the six formats byte by byte, their labels, their length, their request ids, the provider's bytes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from conformance.audio import FORMATS
from conformance.audio.samples import speech_like_wav
from conformance.audio.writing import bare_samples, streamed
from conformance.drive.case import Case
from conformance.drive.marks import decides, each
from conformance.drive.requests import OMIT, ask, other_token, valid_request
from conformance.drive.scripts import audio_response, match_of
from conformance.errors import Blocked, NotForwarded, NotVerified
from conformance.http.exchange import Exchange
from conformance.http.raw import converse
from conformance.judge.client.headers import (
    REQUEST_ID,
    content_length_exact,
    content_length_present,
    header_of,
    ids_unique,
    length_stands_alone,
    request_id_present,
)
from conformance.judge.client.speech import (
    is_audio,
    is_honestly_other,
    is_some_audio,
    label_agrees,
    label_names,
    same_bytes,
)
from conformance.mock.calls import RecordedCall

LONGEST = 4096
LONG = " The quick brown fox jumped over the lazy dog." * 15


def in_format(case: Case, wanted: str, **fields: Any) -> Exchange:
    """Speech asked in one format. Raises NotVerified where the provider behind may not have it (see rulings)."""
    exchange = ask(case, "speech", response_format=wanted, **fields)
    known = case.mock is not None or wanted in case.target.expect.formats
    if not known and (not case.is_served(exchange) or is_honestly_other(exchange, wanted)):
        raise NotVerified(f"declare expect.formats: whether the provider behind has {wanted}", exchange)
    return exchange


@each("wanted", FORMATS, "speech.format.{wanted}")
def test_the_asked_format_comes(case: Case, wanted: str) -> None:
    exchange, because = in_format(case, wanted), f"speech with response_format: {wanted}"
    case.judge(case.answered(exchange, "served", because=because) or is_audio(exchange, wanted, because=because))


@each("wanted", FORMATS, "speech.content-type.{wanted}")
def test_the_label_agrees_with_the_bytes(case: Case, wanted: str) -> None:
    exchange = case.succeeded(in_format(case, wanted))
    case.judge(
        label_agrees(exchange, because=f"speech with response_format: {wanted}", general=case.contract.audio_labels)
    )


@each("wanted", ["mp3", "wav"], "speech.content-type.{wanted}")
def test_the_label_of_long_audio_agrees_too(case: Case, wanted: str) -> None:
    exchange = case.succeeded(in_format(case, wanted, input=case.text + LONG))
    case.judge(
        label_agrees(
            exchange, because=f"long speech with response_format: {wanted}", general=case.contract.audio_labels
        )
    )


@decides("speech.format.default")
def test_audio_comes_when_no_format_is_asked(case: Case) -> None:
    exchange, because = ask(case, "speech", response_format=OMIT), "speech without response_format"
    case.judge(case.answered(exchange, "served", because=because) or is_some_audio(exchange, because=because))


@decides("speech.content-type.default")
def test_the_label_agrees_when_no_format_is_asked(case: Case) -> None:
    exchange = case.succeeded(ask(case, "speech", response_format=OMIT))
    case.judge(label_agrees(exchange, because="speech without response_format", general=case.contract.audio_labels))


def measured(case: Case, **fields: Any) -> None:
    """Judges the length of one answer over a kept connection, then of another on a bare socket until the gateway closes."""
    request = valid_request(case, "speech", **fields)
    kept = case.send(request)
    if kept.answer is not None:
        case.succeeded(kept)
    bare = converse(case.gateway, request)
    if bare.exchange.answer is not None:
        case.succeeded(bare.exchange)
    case.judge(content_length_present(kept), content_length_exact(bare))


@decides("speech.content-length.default")
def test_the_length_is_that_of_the_bytes(case: Case) -> None:
    measured(case)


@decides("speech.content-length.default")
@pytest.mark.parametrize("ignored", ["ogg", None])
def test_the_length_is_that_of_the_bytes_when_the_format_is_ignored(case: Case, ignored: Any) -> None:
    measured(case, response_format=ignored)


@each("wanted", FORMATS, "speech.content-length.{wanted}")
def test_the_length_is_that_of_the_bytes_in_every_format(case: Case, wanted: str) -> None:
    measured(case, response_format=wanted)


@decides("speech.content-length.long")
@pytest.mark.parametrize("wanted", ["pcm", "wav"])
def test_long_audio_has_its_length_too(case: Case, wanted: str) -> None:
    measured(case, input=case.text + LONG, response_format=wanted)


@decides("speech.content-length.compressible")
@pytest.mark.parametrize("wanted", [OMIT, "wav"])
def test_a_client_that_takes_compressed_bodies_gets_a_length_too(case: Case, wanted: Any) -> None:
    """Nearly every client says that it takes gzip. Whether that is used or not: what is declared is what is sent."""
    request = valid_request(case, "speech", response_format=wanted)
    request = replace(request, headers=(*request.headers, ("Accept-Encoding", "gzip, deflate, br")))
    case.judge(content_length_present(case.succeeded(case.send(request))))


@decides("speech.request-id.present")
@pytest.mark.parametrize("wanted", FORMATS)
def test_audio_comes_with_a_request_id(case: Case, wanted: str) -> None:
    case.judge(request_id_present(case.succeeded(in_format(case, wanted))))


@decides("speech.request-id.present")
@pytest.mark.parametrize("ignored", [OMIT, "nonsense"])
def test_audio_comes_with_a_request_id_when_no_format_is_asked(case: Case, ignored: Any) -> None:
    exchange = ask(case, "speech", response_format=ignored)
    if exchange.status not in case.contract.statuses("invalid-speech-format"):
        case.succeeded(exchange)
    case.judge(request_id_present(exchange))


@decides("speech.request-id.unique")
def test_no_two_requests_share_an_id(case: Case) -> None:
    """The same request again and again, of another token too, one after another and at a time: a copied answer shows."""
    with ThreadPoolExecutor(2) as pool:
        together = [pool.submit(ask, case, "speech") for _ in range(2)]
        exchanges = [ask(case, "speech"), ask(case, "speech"), *(future.result() for future in together)]
    # A token that may not use the model shows nothing.
    if (token := other_token(case, "speech")) and case.is_served(other := ask(case, "speech", token=token)):
        exchanges.append(other)
    ids = [header_of(case.succeeded(exchange), REQUEST_ID) for exchange in exchanges]
    case.judge(ids_unique(exchanges, ids, REQUEST_ID))


def passed_through(case: Case, exchange: Exchange) -> None:
    case.call(exchange)
    case.judge(same_bytes(exchange, case.calls()))


@each("wanted", FORMATS, "speech.provider-bytes.{wanted}")
def test_the_bytes_are_the_providers(case: Case, wanted: str) -> None:
    passed_through(case, ask(case, "speech", response_format=wanted))


@decides("speech.provider-bytes.long")
@pytest.mark.parametrize("wanted", ["pcm", "wav"])
def test_the_bytes_of_long_audio_are_the_providers(case: Case, wanted: str) -> None:
    passed_through(case, ask(case, "speech", input=case.text + LONG, response_format=wanted))


@decides("speech.provider-bytes.longest")
def test_the_bytes_of_the_longest_audio_are_the_providers(case: Case) -> None:
    """The longest input that OpenAI takes, in the formats that take most room; one after another, for each is large."""
    for wanted in ("wav", "pcm", "flac"):
        own = case.example()
        exchange = ask(own, "speech", input=(own.text + LONG * 6)[:LONGEST], response_format=wanted)
        passed_through(own, exchange)
        if "content-length" in case.contract.audio_headers:
            case.judge(content_length_present(exchange))


@decides("speech.content-length.alone")
@pytest.mark.parametrize("wanted", [OMIT, "mp3", "wav"])
def test_the_length_stands_alone(case: Case, wanted: Any) -> None:
    """Two lengths of one body are how requests and answers are smuggled past a proxy (RFC 9112, 6.2)."""
    request = valid_request(case, "speech", response_format=wanted)
    kept, bare = case.succeeded(case.send(request)), case.succeeded(converse(case.gateway, request).exchange)
    case.judge(length_stands_alone(kept), length_stands_alone(bare))


def plain_wav(case: Case) -> bytes:
    return speech_like_wav(case.marker, 0.5)


# What the provider sends though nobody asked it for a format, and how it labels it.
DEFAULTS: dict[str, tuple[Callable[[bytes], bytes], str, str]] = {
    "wav": (bytes, "audio/wav", "wav"),
    "streamed-wav": (streamed, "audio/x-wav", "wav"),
    "pcm": (bare_samples, "audio/pcm", "pcm"),
    "pcm-with-parameters": (bare_samples, "audio/L16; rate=16000; channels=1", "pcm"),
}


@decides("speech.content-type.provider-default")
@pytest.mark.parametrize("sent", DEFAULTS)
def test_the_label_is_that_of_the_providers_own_default(case: Case, sent: str) -> None:
    """A provider whose default is not mp3: the label must follow the bytes, and the bytes must not be touched."""
    make, media_type, wanted = DEFAULTS[sent]
    with case.provider.scripted(match_of(case, "speech"), audio_response(make(plain_wav(case)), media_type)):
        exchange = ask(case, "speech", response_format=OMIT)
    calls = case.calls()
    if not calls or asks_for_format(calls[-1]):
        raise Blocked("the gateway did not leave the format to its provider", exchange)
    because = f"a provider whose default is {sent} ({media_type})"
    wrong = case.answered(exchange, "served", because=because)
    case.judge(
        wrong or label_names(exchange, wanted, because=because, general=case.contract.audio_labels),
        wrong or same_bytes(exchange, calls),
    )


@decides("speech.content-type.provider-other-format")
@pytest.mark.parametrize("asked", ["mp3", "flac"])
def test_the_label_follows_the_bytes_and_not_the_request(case: Case, asked: str) -> None:
    """A provider that answers in wav whatever was asked: refusing that is fine, calling it something else is not."""
    with case.provider.scripted(match_of(case, "speech"), audio_response(plain_wav(case))):
        exchange = ask(case, "speech", response_format=asked)
    if case.is_served(exchange):
        case.judge(
            label_agrees(
                exchange,
                because=f"a provider that answers in wav though {asked} was asked",
                general=case.contract.audio_labels,
            )
        )
    elif not case.calls():
        raise NotForwarded(exchange)


def asks_for_format(call: RecordedCall) -> bool:
    return any(name == "response_format" for name, _ in call.fields)
