"""openai-python, unmodified, works against both faces over a real socket."""

import base64
import io
import json

import openai
import pytest

from tests.mock_upstreams.http.running import KEY

SAID = "The quick brown fox jumped over the lazy dog."
MAGIC = {"mp3": b"\xff\xf3", "opus": b"OggS", "aac": b"\xff\xf1", "flac": b"fLaC", "wav": b"RIFF", "pcm": b""}

NO_KEY = {"Authorization": "Bearer"}

# The newest client calls translations deprecated; the API has them all the same.
DEPRECATED_THERE = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")


@pytest.fixture
def client(mock):
    with openai.OpenAI(base_url=f"{mock.base_url}/v1", api_key=KEY, max_retries=0) as one:
        yield one


@pytest.fixture
def azure(mock):
    options = {"azure_endpoint": mock.base_url, "api_version": "2025-03-01-preview", "max_retries": 0}
    with openai.AzureOpenAI(api_key=KEY, **options) as one:
        yield one


def spoken(client, **options):
    order = {"model": "tts-1", "voice": "alloy", "input": SAID} | options
    return client.audio.speech.create(**order).content


@pytest.mark.parametrize("name", MAGIC)
def test_speech_comes_in_every_format_and_is_heard_again(client, name):
    """Each of the six formats is real audio in that format, from which the same words come back."""
    audio = spoken(client, response_format=name)
    assert audio.startswith(MAGIC[name])
    heard = client.audio.transcriptions.create(model="whisper-1", file=(f"speech.{name}", audio))
    assert heard.text == SAID


def test_verbose_transcription_with_both_granularities(client):
    """Words and segments come with times, typed as the client's models want them."""
    heard = client.audio.transcriptions.create(
        model="whisper-1",
        file=("speech.mp3", spoken(client)),
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )
    assert [word.word for word in heard.words] == SAID.rstrip(".").split()
    assert "".join(segment.text for segment in heard.segments) == heard.text == SAID
    assert heard.words[0].start < heard.words[-1].end <= heard.duration


@pytest.mark.parametrize(("shape", "start"), [("srt", "1\n00:00:00,"), ("vtt", "WEBVTT\n\n"), ("text", SAID)])
def test_transcripts_that_are_text(client, shape, start):
    """srt, vtt and text come as text."""
    document = client.audio.transcriptions.create(
        model="whisper-1", file=("speech.mp3", spoken(client)), response_format=shape
    )
    assert document.startswith(start)
    assert SAID in document


@DEPRECATED_THERE
def test_translation_is_english(client):
    """A French speech is translated."""
    audio = spoken(client, input="Bonjour, où est la bibliothèque ?")
    heard = client.audio.translations.create(model="whisper-1", file=("speech.mp3", audio))
    assert heard.text.isascii()
    assert heard.text


def test_streamed_transcription(client):
    """The deltas join to the text that the last event has whole."""
    file = ("speech.mp3", spoken(client))
    events = list(
        client.audio.transcriptions.create(
            model="gpt-4o-transcribe", file=file, stream=True, include=["logprobs"], response_format="json"
        )
    )
    *deltas, done = events
    assert {event.type for event in deltas} == {"transcript.text.delta"}
    assert "".join(event.delta for event in deltas) == done.text == SAID
    assert done.type == "transcript.text.done"
    assert done.usage.total_tokens == done.usage.input_tokens + done.usage.output_tokens
    assert "".join(one.token for one in done.logprobs) == SAID


def test_whisper_does_not_stream(client):
    """``stream`` is ignored for whisper-1, as OpenAI documents it: an ordinary JSON answer comes."""
    raw = client.audio.transcriptions.with_raw_response.create(
        model="whisper-1", file=("speech.mp3", spoken(client)), stream=True
    )
    assert raw.headers["content-type"] == "application/json"


def test_diarized_transcription(client):
    """diarized_json names speakers, whole and streamed."""
    order = {"model": "gpt-4o-transcribe-diarize", "response_format": "diarized_json", "chunking_strategy": "auto"}
    file = ("speech.mp3", spoken(client))
    heard = client.audio.transcriptions.create(file=file, **order)
    assert [(segment.speaker, segment.text) for segment in heard.segments] == [("A", SAID)]
    types = [event.type for event in client.audio.transcriptions.create(file=file, stream=True, **order)]
    assert types[-2:] == ["transcript.text.segment", "transcript.text.done"]


def test_streamed_speech(client):
    """Server-sent events carry the audio in pieces that join to the ordinary answer."""
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="alloy", input=SAID, stream_format="sse"
    ) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    pieces = [base64.b64decode(event["audio"]) for event in events if event["type"] == "speech.audio.delta"]
    assert b"".join(pieces) == spoken(client, model="gpt-4o-mini-tts")
    assert len(pieces) > 1
    assert set(events[-1]["usage"]) == {"input_tokens", "output_tokens", "total_tokens"}


def test_unnamed_upload(client):
    """Bytes without a name arrive as what the client calls them, and are heard."""
    heard = client.audio.transcriptions.create(model="whisper-1", file=io.BytesIO(spoken(client)))
    assert heard.text == SAID


def test_refusals_have_the_types_that_the_client_knows(mock, client):
    """Unknown model, missing key and invalid format are refused in OpenAI's own form."""
    with pytest.raises(openai.NotFoundError) as unknown:
        spoken(client, model="no-such-model")
    assert (unknown.value.code, unknown.value.type) == ("model_not_found", "invalid_request_error")
    with pytest.raises(openai.BadRequestError) as invalid:
        spoken(client, response_format="midi")
    assert invalid.value.param == "response_format"
    with (
        openai.OpenAI(base_url=f"{mock.base_url}/v1", api_key="-", default_headers=NO_KEY, max_retries=0) as keyless,
        pytest.raises(openai.AuthenticationError),
    ):
        spoken(keyless)
    assert unknown.value.response.headers["x-request-id"].startswith("req_")


@DEPRECATED_THERE
def test_azure_speech_and_transcription(mock, azure, client):
    """AzureOpenAI reaches deployments by path, with its own header, and gets the same audio."""
    audio = azure.audio.speech.create(model="speech-prod", voice="alloy", input=SAID, response_format="wav").content
    assert audio[:4] == b"RIFF"
    heard = azure.audio.transcriptions.create(
        model="whisper-prod",
        file=("speech.wav", audio),
        response_format="verbose_json",
        timestamp_granularities=["word"],
    )
    assert heard.text == SAID
    assert azure.audio.translations.create(model="whisper-prod", file=("speech.wav", audio)).text == SAID
    call = mock.calls(face="azure")[0]
    assert call["path"] == "/openai/deployments/speech-prod/audio/speech"
    assert (call["deployment"], call["query"]) == ("speech-prod", {"api-version": "2025-03-01-preview"})
    assert dict(call["headers"])["api-key"] == KEY


def test_azure_refusals(azure):
    """A deployment that does not exist, and one that does something else, are refused as Azure does it."""
    with pytest.raises(openai.NotFoundError) as unknown:
        azure.audio.speech.create(model="tts-1", voice="alloy", input=SAID)
    assert unknown.value.code == "DeploymentNotFound"
    with pytest.raises(openai.BadRequestError) as other:
        azure.audio.speech.create(model="whisper-prod", voice="alloy", input=SAID)
    assert other.value.code == "OperationNotSupported"
