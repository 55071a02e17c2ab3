"""Speech and transcripts over a real socket, with real audio."""

import base64
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.servers import RunningGateway

SENTENCE = "The quick brown fox jumped over the lazy dog."
MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_each_format_is_labelled_counted_and_transcribed_again(client: httpx.Client, name: str) -> None:
    """Audio comes with its media type, length and id, and sent back as a transcription gives the sentence exactly."""
    audio = client.post("/audio/speech", json={"model": "tts-1", "input": SENTENCE, "response_format": name})
    assert audio.status_code == 200
    assert audio.headers["content-type"] == MEDIA_TYPES[name]
    assert int(audio.headers["content-length"]) == len(audio.content) > 1000
    assert audio.headers["x-request-id"].startswith("req_")
    transcript = client.post(
        "/audio/transcriptions", data={"model": "whisper-1"}, files={"file": (f"speech.{name}", audio.content)}
    )
    assert transcript.json()["text"] == SENTENCE
    assert transcript.json()["request_id"] == transcript.headers["x-request-id"] != audio.headers["x-request-id"]


@pytest.mark.parametrize("unlisted", ["midi", "", "MP3", 5, None, ["wav"], {"format": "wav"}, True])
def test_an_unlisted_speech_format_counts_as_not_sent(client: httpx.Client, unlisted: Any) -> None:
    """Whatever is not one of the six names is ignored: the provider's default, mp3, comes back."""
    answer = client.post("/audio/speech", json={"model": "tts-1", "input": "Hi.", "response_format": unlisted})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")


def test_the_two_forms_of_a_request_give_the_same_transcript(client: httpx.Client, recording: bytes) -> None:
    """Multipart and base64 JSON differ in nothing but the request id."""
    fields = {"model": "whisper-1", "response_format": "verbose_json", "language": "en", "temperature": 0}
    form = client.post(
        "/audio/transcriptions",
        data={**fields, "timestamp_granularities[]": ["word", "segment"]},
        files={"file": ("kettle.flac", recording)},
    ).json()
    audio = {"data": base64.b64encode(recording).decode(), "fileName": "kettle.flac"}
    body = {**fields, "audio": audio, "timestamp_granularities": ["word", "segment"]}
    as_json = client.post("/audio/transcriptions", json=body).json()
    assert form.pop("request_id") != as_json.pop("request_id")
    assert form == as_json
    assert {"text", "words", "segments", "duration", "language"} <= form.keys()


@pytest.mark.parametrize(("name", "start"), [("text", "The kettle"), ("srt", "1\n00:00"), ("vtt", "WEBVTT\n\n")])
def test_a_document_stands_as_a_string_under_text(
    client: httpx.Client, recording: bytes, name: str, start: str
) -> None:
    """text, srt and vtt are answered as a JSON object too, as the contract rules."""
    answer = client.post(
        "/audio/transcriptions", data={"model": "whisper-1", "response_format": name}, files={"file": recording}
    )
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["text"].startswith(start)


def test_a_translation_ignores_language_and_granularities(client: httpx.Client, recording: bytes) -> None:
    """They are taken, whatever they hold, and change nothing."""
    plain = client.post("/audio/translations", data={"model": "whisper-1"}, files={"file": recording})
    odd = {"model": "whisper-1", "language": "klingon", "timestamp_granularities[]": "letter"}
    more = client.post("/audio/translations", data=odd, files={"file": recording})
    assert plain.json()["text"] == more.json()["text"] == "The kettle is on."


# The client calls OpenAI's translations deprecated; the gateway keeps them.
@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
def test_the_openai_client_works_unchanged(gateway: RunningGateway, tmp_path: Path) -> None:
    """Speech, transcription and translation through the official Python client."""
    with openai.OpenAI(base_url=gateway.base_url, api_key=gateway.token, max_retries=0) as client:
        file = tmp_path / "speech.wav"
        with client.audio.speech.with_streaming_response.create(
            model="tts-1", voice="alloy", input=SENTENCE, response_format="wav", speed=1.2, instructions="Calm."
        ) as audio:
            audio.stream_to_file(file)
        verbose = client.audio.transcriptions.create(
            model="whisper-1", file=file, response_format="verbose_json", timestamp_granularities=["word"]
        )
        with file.open("rb") as opened:
            english = client.audio.translations.create(model="whisper-1", file=opened)
    assert (verbose.text, english.text) == (SENTENCE, SENTENCE)
    assert verbose.words is not None
    assert [each.word for each in verbose.words][:3] == ["The", "quick", "brown"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_printed_curl_line_works_as_printed(gateway: RunningGateway, tmp_path: Path) -> None:
    """A newcomer pastes the last line of the banner into a shell and has a file of audio."""
    line = gateway.banner.splitlines()[-1].strip()
    subprocess.run(["sh", "-c", f"{line} --silent --fail"], check=True, cwd=tmp_path, timeout=30)
    assert (tmp_path / "speech.mp3").stat().st_size > 1000


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_contracts_curl_examples_work(gateway: RunningGateway, tmp_path: Path) -> None:
    """The three examples, with only host, token and file changed."""
    bearer = f'-H "Authorization: Bearer {gateway.token}"'
    speech = f"""curl -sSf -X POST {gateway.base_url}/audio/speech {bearer} -H "Content-Type: application/json" -d '{{
      "model": "tts-1", "input": "Hello world", "voice": "alloy", "response_format": "mp3"
    }}' --output speech.mp3"""
    subprocess.run(["sh", "-c", speech], check=True, cwd=tmp_path, timeout=30)
    for operation in ("transcriptions", "translations"):
        command = f"""curl -sSf -X POST {gateway.base_url}/audio/{operation} {bearer} \
          -F model="whisper-1" -F file="@speech.mp3" -F response_format="json" """
        answer = subprocess.run(["sh", "-c", command], check=True, cwd=tmp_path, timeout=30, capture_output=True)
        assert b'"text":"Hello world"' in answer.stdout
