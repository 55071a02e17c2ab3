"""Uploads: the bytes arrive identical whatever they are; the file's name and media type should."""

from __future__ import annotations

import pytest

from conformance.audio.samples import CONTAINERS, encode, speech_like_samples
from conformance.drive.calls import ask_marked, seen
from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import TRANSCRIPT_OPERATIONS, TRANSCRIPTS, model_key
from conformance.drive.scripts import canned, match_of
from conformance.http.bodies import Field, Upload, multipart_body
from conformance.http.exchange import Exchange
from conformance.judge.upstream.calls import called
from conformance.judge.upstream.upload import file_name_arrived, media_type_arrived, upload_arrived
from conformance.samples.uploads import (
    ENDINGS,
    LONG_NAMES,
    ODD_NAMES,
    PLAIN_NAMES,
    awkward_upload,
    large_wav,
    wav_ending,
)

_LARGE = 5_000_000
# A JSON body is a third larger than the audio in it, and a gateway may count either.
_SHARE_OF_LIMIT = 0.6


def _uploaded(case: Case, route: str, form: str, upload: Upload) -> Exchange:
    """Sends it; the response is scripted, for only what the provider was sent is judged."""
    with case.provider.scripted(match_of(case, route, upload), canned(case, route)):
        return ask_marked(case, route, form, upload=upload)


def _unchanged(case: Case, route: str, form: str, upload: Upload) -> None:
    exchange = _uploaded(case, route, form, upload)
    case.judge(upload_arrived(exchange, seen(case, exchange, upload), upload))


def _contained(case: Case, extension: str) -> Upload:
    data = encode(speech_like_samples(case.marker, 0.5), extension)
    return Upload(data, f"{case.marker}.{extension}", CONTAINERS[extension].media_type)


@each("route, form", TRANSCRIPTS, "provider.{route}.upload")
def test_recordings_that_differ_only_at_their_end_are_told_apart(case: Case, route: str, form: str) -> None:
    """Whoever keeps answers must not know a recording by its name, its size or its beginning."""
    first, second = (Upload(wav_ending(end, case.marker), f"{case.marker}.wav") for end in (b"first", b"other"))
    with case.provider.scripted({"marker": case.marker}, canned(case, route)):
        case.succeeded(ask_marked(case, route, form, upload=first))
        since = case.provider.position()
        exchange = case.succeeded(ask_marked(case, route, form, upload=second))
    calls = case.provider.calls(marker=case.marker, since=since)
    because = f"{route} ({form}) of a recording that differs at its end"
    case.judge(called(exchange, calls, because=because) or upload_arrived(exchange, calls, second))


@each("route, form", TRANSCRIPTS, "provider.{route}.upload")
@pytest.mark.parametrize("extension", CONTAINERS)
def test_every_kind_of_audio_arrives_unchanged(case: Case, route: str, form: str, extension: str) -> None:
    _unchanged(case, route, form, _contained(case, extension))


@each("route, form", TRANSCRIPTS, "provider.{route}.upload-awkward")
@pytest.mark.parametrize("ending", ENDINGS)
def test_awkward_bytes_arrive_unchanged(case: Case, route: str, form: str, ending: str) -> None:
    _unchanged(case, route, form, awkward_upload(ending, case.marker))


@each("route", TRANSCRIPT_OPERATIONS, "provider.{route}.upload-awkward")
@pytest.mark.parametrize("cut", [1, 8])
def test_bytes_that_nearly_end_the_part_arrive_unchanged(case: Case, route: str, cut: int) -> None:
    """The client's own delimiter stands in the upload, but for its last characters."""
    boundary = f"----{case.marker}----"
    almost = f"\r\n--{boundary}"[:-cut].encode()
    data = awkward_upload("every-byte", case.marker).data
    upload = Upload(data[:-1024] + (almost + b"\r\n" + almost).ljust(1024, b"."), f"{case.marker}.wav", "audio/wav")
    fields: list[Field] = [("model", model_key(case, route)), ("prompt", case.marker), ("file", upload)]
    request = case.request(route, multipart_body(fields, boundary=boundary))
    with case.provider.scripted(match_of(case, route, upload), canned(case, route)):
        exchange = case.send(request)
    case.judge(upload_arrived(exchange, seen(case, exchange, upload), upload))


@each("route, form", TRANSCRIPTS, "provider.{route}.upload-large")
def test_a_large_upload_arrives_unchanged(case: Case, route: str, form: str) -> None:
    declared = case.target.max_upload_mb
    size = int(min(_LARGE, declared * 1_000_000 * _SHARE_OF_LIMIT)) if declared else _LARGE
    _unchanged(case, route, form, Upload(large_wav(size, case.marker), f"{case.marker}.wav", "audio/wav"))


@each("route, form", TRANSCRIPTS, "provider.{route}.file-name")
@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_the_file_name_arrives(case: Case, route: str, form: str, name: str) -> None:
    _named(case, route, form, name)


@each("route, form", TRANSCRIPTS, "provider.{route}.file-name-odd")
@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_odd_file_name_arrives(case: Case, route: str, form: str, name: str) -> None:
    _named(case, route, form, name)


@each("route, form", TRANSCRIPTS, "provider.{route}.file-name-odd")
@pytest.mark.parametrize("letters", LONG_NAMES)
def test_a_long_file_name_arrives(case: Case, route: str, form: str, letters: str) -> None:
    _named(case, route, form, LONG_NAMES[letters])


def _named(case: Case, route: str, form: str, name: str) -> None:
    upload = Upload(case.upload().data, name.format(case.marker), "audio/wav")
    exchange = _uploaded(case, route, form, upload)
    case.judge(file_name_arrived(exchange, seen(case, exchange, upload), upload))


@each("route, form", TRANSCRIPTS, "provider.{route}.media-type")
@pytest.mark.parametrize("extension", CONTAINERS)
def test_the_media_type_arrives(case: Case, route: str, form: str, extension: str) -> None:
    upload = _contained(case, extension)
    exchange = _uploaded(case, route, form, upload)
    case.judge(media_type_arrived(exchange, seen(case, exchange, upload), upload))
