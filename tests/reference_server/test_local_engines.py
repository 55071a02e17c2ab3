"""Real speech out, a real transcript in, without a network. Needs the extra `local`."""

import base64
from collections.abc import Iterator

import httpx
import pytest

from reference_server import strict_yaml
from tests.servers import CHECKOUT, running_gateway

pytest.importorskip("faster_whisper", reason="the extra `local` is not installed: no faster-whisper")
pytest.importorskip("py_nanotts", reason="the extra `local` is not installed: no py-nanotts")

SENTENCE = "Please bring the umbrella, because it is raining in the city."
# Whoever asks a host's address has left the machine.
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "",
}


@pytest.fixture(scope="module")
def local() -> Iterator[httpx.Client]:
    file = CHECKOUT / "examples" / "reference-local.yaml"
    document = strict_yaml.parse(file.read_text("utf-8"))
    with (
        running_gateway(document, environment=OFFLINE) as gateway,
        httpx.Client(base_url=gateway.base_url, headers=gateway.headers, timeout=120) as client,
    ):
        yield client


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "flac", "wav"])
def test_what_is_spoken_is_heard(local: httpx.Client, name: str) -> None:
    """Whisper writes down Pico's sentence word for word, through every format that has a header."""
    spoken = local.post("/audio/speech", json={"model": "tts-1", "input": SENTENCE, "response_format": name})
    assert spoken.status_code == 200
    heard = local.post("/audio/transcriptions", data={"model": "whisper-1"}, files={"file": spoken.content})
    assert _plain(heard.json()["text"]) == _plain(SENTENCE)


def _plain(text: str) -> list[str]:
    return "".join(letter for letter in text.lower() if letter.isalpha() or letter == " ").split()


def test_verbose_json_has_word_times(local: httpx.Client) -> None:
    """Words in order, inside the duration; the JSON form this time."""
    spoken = local.post("/audio/speech", json={"model": "tts-1", "input": SENTENCE, "speed": 0.8}).content
    body = {
        "model": "whisper-1",
        "audio": {"data": base64.b64encode(spoken).decode()},
        "response_format": "verbose_json",
        "timestamp_granularities": ["word", "segment"],
    }
    verbose = local.post("/audio/transcriptions", json=body).json()
    words = verbose["words"]
    assert [each["word"].strip(",.").lower() for each in words] == _plain(SENTENCE)
    times = [time for each in words for time in (each["start"], each["end"])]
    assert times == sorted(times)
    assert 0 < times[-1] <= verbose["duration"]
    assert verbose["segments"][0]["start"] >= 0


@pytest.mark.parametrize(("name", "mark"), [("srt", " --> "), ("vtt", "WEBVTT"), ("text", "umbrella")])
def test_documents(local: httpx.Client, name: str, mark: str) -> None:
    """Subtitles and plain text stand under `text`; a translation of English is English."""
    spoken = local.post("/audio/speech", json={"model": "tts-1", "input": SENTENCE}).content
    fields = {"model": "whisper-1", "response_format": name}
    assert mark in local.post("/audio/translations", data=fields, files={"file": spoken}).json()["text"]


def test_what_cannot_be_spoken_or_heard_is_a_400(local: httpx.Client) -> None:
    """A text without a sound, a file that is no recording."""
    mute = local.post("/audio/speech", json={"model": "tts-1", "input": "🙂"})
    deaf = local.post("/audio/transcriptions", data={"model": "whisper-1"}, files={"file": b"no sound at all"})
    assert (mute.status_code, deaf.status_code) == (400, 400)
