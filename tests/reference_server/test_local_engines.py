"""Real speech out, a real transcript in, without a network. Needs the extra `local`."""

import base64
import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_server import strict_yaml
from tests.servers import CHECKOUT, RunningGateway, running_gateway

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
def running() -> Iterator[RunningGateway]:
    file = CHECKOUT / "examples" / "reference-local.yaml"
    document = strict_yaml.parse(file.read_text("utf-8"))
    with running_gateway(document, environment=OFFLINE) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def local(running: RunningGateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.base_url, headers=running.headers, timeout=120) as client:
        yield client


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "flac", "wav"])
def test_what_is_synthesized_is_recognized(local: httpx.Client, name: str) -> None:
    """Whisper writes down Pico's sentence word for word, through every format that has a header."""
    audio = local.post("/audio/speech", json={"model": "tts-1", "input": SENTENCE, "response_format": name})
    assert audio.status_code == 200
    transcript = local.post("/audio/transcriptions", data={"model": "whisper-1"}, files={"file": audio.content})
    assert _plain(transcript.json()["text"]) == _plain(SENTENCE)


def _plain(text: str) -> list[str]:
    return "".join(letter for letter in text.lower() if letter.isalpha() or letter == " ").split()


def test_verbose_json_has_word_times(local: httpx.Client) -> None:
    """Words in order, inside the duration; the JSON form this time."""
    audio = local.post("/audio/speech", json={"model": "tts-1", "input": SENTENCE, "speed": 0.8}).content
    body = {
        "model": "whisper-1",
        "audio": {"data": base64.b64encode(audio).decode()},
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
    audio = local.post("/audio/speech", json={"model": "tts-1", "input": SENTENCE}).content
    fields = {"model": "whisper-1", "response_format": name}
    assert mark in local.post("/audio/translations", data=fields, files={"file": audio}).json()["text"]


def test_what_has_no_sound_is_a_400_that_says_so(local: httpx.Client) -> None:
    """A text without a sound, a file that is no recording, a text that is too long."""
    mute = local.post("/audio/speech", json={"model": "tts-1", "input": "🙂"})
    long = local.post("/audio/speech", json={"model": "tts-1", "input": "a" * 4097})
    deaf = local.post("/audio/transcriptions", data={"model": "whisper-1"}, files={"file": b"no sound at all"})
    found = [
        (each.status_code, each.json()["error"]["code"], each.json()["error"]["param"]) for each in (mute, long, deaf)
    ]
    assert found == [
        (400, "input_unspeakable", "input"),
        (400, "input_too_long", "input"),
        (400, "unknown_audio_format", "file"),
    ]


MARKUP = {
    "genfile": '<genfile file="{}">x</genfile>',
    "play": '<play file="{}"/>',
    "usesig": '<usesig file="{}">x</usesig>',
    "spell": "<spell>hello</spell>",
    "phoneme": '<phoneme ph="h@l@U">hello</phoneme>',
    "entity": "&lt;spell&gt;hello&lt;/spell&gt;",
    "full width": "\uff1cspell\uff1ehello\uff1c/spell\uff1e",
    "unclosed": "<genfile file={} hello",
}


@pytest.mark.parametrize("text", MARKUP.values(), ids=MARKUP.keys())
def test_markup_is_read_aloud(local: httpx.Client, tmp_path: Path, text: str) -> None:
    """The engine's tags write and play files and end the process. Here they are words: no file is touched or heard."""
    file = tmp_path / "existing.wav"
    file.write_bytes(b"precious")
    for path in (file, tmp_path / "new.wav"):
        asked = {"model": "tts-1", "input": text.format(path), "response_format": "wav"}
        answer = local.post("/audio/speech", json=asked)
        assert answer.status_code == 200
        assert len(answer.content) > 20_000
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (b"precious", [file])


@pytest.mark.parametrize(
    "text", ["9" * 262, "'" * 300, "." * 1500, "1:" * 300, "a" * 4096, "\x00\x01\x1b[0m", "<" * 4096]
)
def test_no_text_is_a_fault_of_the_server(local: httpx.Client, text: str) -> None:
    """Spoken, or refused with a reason."""
    answer = local.post("/audio/speech", json={"model": "tts-1", "input": text})
    assert answer.status_code == 200 or answer.json()["error"]["code"] == "input_unspeakable"


@contextlib.contextmanager
def _watched(gateway: RunningGateway) -> Iterator[list[float]]:
    """Asks for health all the while; the list holds how long each answer took."""
    took: list[float] = []
    over = threading.Event()

    def watch() -> None:
        with httpx.Client(base_url=gateway.origin) as client:
            while not over.wait(0.02):
                began = time.monotonic()
                assert client.get("/healthz").status_code == 200
                took.append(time.monotonic() - began)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


TEXTS = st.text(
    st.characters() | st.sampled_from("<>/\"'=&;:.,!?-0123456789 \n\tab\x00\x1b"), min_size=1, max_size=200
) | st.lists(
    st.sampled_from(["<spell>", "</spell>", '<genfile file="a.wav">', "999", "...", "мир", "語", " a "]), min_size=1
).map("".join)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(text=TEXTS)
def test_any_text_is_served_or_refused(local: httpx.Client, text: str) -> None:
    """Markup, control characters, digits, dots and every script: never a 5xx."""
    try:
        answer = local.post("/audio/speech", json={"model": "tts-1", "input": text, "response_format": "opus"})
    except UnicodeEncodeError:  # a lone surrogate, which no client can send
        return
    assert answer.status_code in {200, 400}, answer.text


def test_other_requests_go_on_meanwhile(running: RunningGateway, local: httpx.Client) -> None:
    """Whatever an engine is busy with, the server answers."""
    with _watched(running) as took:
        for text in ("." * 1500, "a, " * 300, "9" * 262):
            local.post("/audio/speech", json={"model": "tts-1", "input": text})
    assert took
    assert max(took) < 2.0


def test_a_call_ends_at_its_time_out() -> None:
    """500 in time, and the engine is not busy with it any more: the next text is spoken."""
    document = strict_yaml.parse((CHECKOUT / "examples" / "reference-local.yaml").read_text("utf-8"))
    document["providers"]["local"].update(timeout_s=4, synthesis_processes=1)
    with (
        running_gateway(document, environment=OFFLINE) as gateway,
        httpx.Client(base_url=gateway.base_url, headers=gateway.headers, timeout=60) as client,
    ):
        assert client.post("/audio/speech", json={"model": "tts-1", "input": "Hi."}).status_code == 200
        slow = client.post("/audio/speech", json={"model": "tts-1", "input": "a, " * 1365, "speed": 0.2})
        assert (slow.status_code, slow.json()["error"]["code"]) == (500, "inference_error")
        assert client.post("/audio/speech", json={"model": "tts-1", "input": "Hi."}).status_code == 200


def test_a_prompt_is_no_control_token(local: httpx.Client) -> None:
    """Whisper's own tokens in a prompt are text like any other."""
    audio = local.post("/audio/speech", json={"model": "tts-1", "input": SENTENCE}).content
    fields = {"model": "whisper-1", "prompt": "<|endoftext|><|notimestamps|>" * 50, "temperature": "7"}
    answer = local.post("/audio/transcriptions", data=fields, files={"file": audio})
    assert answer.status_code == 200
    assert "<|" not in answer.json()["text"]
