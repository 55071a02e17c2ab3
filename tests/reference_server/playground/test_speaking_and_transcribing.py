"""The playground's two forms in a browser: what can be asked with them, and what is shown of the answer."""

from __future__ import annotations

import contextlib
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.reference_server.playground.pages import until
from tests.servers import RunningGateway

pytestmark = pytest.mark.slow(about_s=20)

Open = Callable[..., Any]
SENTENCE = 'Read it\'s "aloud", naïve 🎧 $HOME \\ friend.'


def _speak(page: Any, text: str = SENTENCE, **choices: str) -> None:
    page.get_by_label("Text", exact=True).fill(text)
    if "format" in choices:
        page.get_by_label("Format", exact=True).select_option(choices["format"])
    if "voice" in choices:
        page.get_by_label("Voice").fill(choices["voice"])
    page.get_by_role("button", name="Speak", exact=True).click()
    page.locator("#speak-result[aria-busy=false] .verdict").wait_for()


def _transcribe(
    page: Any, recording: Path, *, operation: str = "Transcribe", response_format: str = "verbose_json"
) -> None:
    page.get_by_role("tab", name="Transcribe").click()
    page.get_by_role("radio", name=operation).check()
    page.get_by_label("Recording", exact=True).set_input_files(recording)
    page.get_by_label("Response format").select_option(response_format)
    page.locator("#transcribe-submit").click()
    page.locator("#transcribe-result[aria-busy=false] .verdict").wait_for()


def _painted(page: Any, canvas: str) -> bool:
    """Whether anything is drawn on it."""
    script = """node => {
        const pixels = node.getContext('2d').getImageData(0, 0, node.width, node.height).data;
        return pixels.some(value => value > 0);
    }"""
    return bool(page.locator(canvas).evaluate(script))


@pytest.fixture
def recording(client: httpx.Client, tmp_path: Path) -> Path:
    """A sentence in a file."""
    file = tmp_path / "a sentence.mp3"
    file.write_bytes(client.post("/audio/speech", json={"model": "tts-1", "input": "Bring the red lamp."}).content)
    return file


@pytest.mark.parametrize("audio_format", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_speech_is_heard_seen_and_kept(
    open_page: Open, client: httpx.Client, tmp_path: Path, audio_format: str
) -> None:
    """In every format: a waveform, a player that plays, and a download that holds the gateway's own bytes."""
    page = open_page()
    _speak(page, format=audio_format, voice="nova")
    assert page.locator("#speak-result .status").inner_text() == "200"
    assert _painted(page, "#speak-result canvas")
    audio = page.locator("#speak-result audio")
    audio.evaluate("node => node.play()")
    until(page, "document.querySelector('#speak-result audio').currentTime > 0.05")
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download speech.{audio_format}").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    body = {"model": "tts-1", "input": SENTENCE, "voice": "nova", "response_format": audio_format}
    assert file.read_bytes() == client.post("/audio/speech", json=body).content


def test_speed_and_instructions_reach_the_provider(open_page: Open, control: httpx.Client) -> None:
    """As they were chosen; speed at 1 and empty fields are left out."""
    page = open_page()
    _speak(page, "Plain as day.")
    page.get_by_label("Speed").fill("1.5")
    page.get_by_label("Instructions").fill("softly")
    _speak(page, "Softly now, softly.")
    plain, told = (
        dict(control.get("/journal", params={"marker": marker}).json()["calls"][-1]["fields"])
        for marker in ("Plain as day.", "Softly now, softly.")
    )
    assert (plain.get("speed"), plain.get("instructions"), plain.get("voice")) == (None, None, None)
    assert (told["speed"], told["instructions"]) == (1.5, "softly")


def test_what_was_spoken_can_be_transcribed_at_once(open_page: Open) -> None:
    """In the one format too that no file name can tell."""
    for audio_format in ("mp3", "pcm"):
        page = open_page()
        _speak(page, format=audio_format)
        page.get_by_role("button", name="Transcribe it").click()
        page.locator("#transcribe-submit").click()
        assert page.locator(".said").inner_text() == SENTENCE


def test_an_error_is_explained(open_page: Open, control: httpx.Client) -> None:
    """The message, the code and the field of the gateway's own error."""
    page = open_page(expected=(400, 500))
    _speak(page, "x" * 5000)
    problem = page.locator("#speak-result .problem")
    assert "input" in problem.inner_text()
    assert page.locator("#speak-result .status").inner_text() == "400"
    control.post("/scripts", json={"act": {"status": 503}}).raise_for_status()
    _speak(page)
    assert "The provider failed" in problem.inner_text()
    _speak(page)
    assert page.locator("#speak-result .status").inner_text() == "200"


def test_a_transcript_with_words_on_the_waveform(open_page: Open, recording: Path) -> None:
    """Text, words that are heard when they are pressed, segments, and the document itself."""
    page = open_page()
    _transcribe(page, recording)
    assert page.locator(".said").inner_text() == "Bring the red lamp."
    words = page.locator(".words button")
    assert words.all_inner_texts() == ["Bring", "the", "red", "lamp"]
    assert page.locator("#transcribe-result canvas.worded").get_attribute("aria-label").endswith("4 words marked")
    assert _painted(page, "#transcribe-result canvas")
    words.nth(2).click()
    until(page, "document.querySelector('#transcribe-result audio').currentTime > 0")
    page.locator(".words button.current").first.wait_for()
    assert page.locator(".segments li").count() >= 1
    page.get_by_text("The document as it came").click()
    assert '"duration"' in page.locator("#transcribe-result details pre").inner_text()


@pytest.mark.parametrize(("response_format", "start"), [("srt", "1\n00:00:00,"), ("vtt", "WEBVTT")])
def test_subtitles(open_page: Open, recording: Path, tmp_path: Path, response_format: str, start: str) -> None:
    """Shown as they are, and kept as a file."""
    page = open_page()
    _transcribe(page, recording, response_format=response_format)
    shown = page.get_by_role("region", name="Subtitles").inner_text()
    assert shown.startswith(start)
    assert "Bring the red lamp." in shown
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download subtitles.{response_format}").click()
    download.value.save_as(tmp_path / "kept")
    assert (tmp_path / "kept").read_text("utf-8").strip() == shown.strip()


def test_a_translation(open_page: Open, recording: Path, control: httpx.Client) -> None:
    """By its own route, without the fields that it has no use for."""
    page = open_page()
    _transcribe(page, recording, operation="Translate to English")
    assert page.locator(".said").inner_text() == "Bring the red lamp."
    call = control.get("/journal", params={"operation": "translation"}).json()["calls"][-1]
    assert {name for name, _ in call["fields"]} == {"model", "response_format"}
    assert not page.locator("#language-field").is_visible()


def test_a_file_can_be_dropped(open_page: Open, recording: Path) -> None:
    """On its place; beside it, the page stays."""
    page = open_page()
    page.get_by_role("tab", name="Transcribe").click()
    dropped = page.evaluate_handle(
        """bytes => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], 'dropped.mp3', {type: 'audio/mpeg'}));
            return transfer;
        }""",
        list(recording.read_bytes()),
    )
    page.dispatch_event("body", "drop", {"dataTransfer": dropped})
    page.dispatch_event("#drop", "dragover", {"dataTransfer": dropped})
    assert "over" in page.locator("#drop").get_attribute("class")
    page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
    assert "dropped.mp3" in page.locator("#file-hint").inner_text()
    page.locator("#transcribe-submit").click()
    page.locator(".said").wait_for()
    assert page.locator(".said").inner_text() == "Bring the red lamp."


def test_the_microphone(open_page: Open) -> None:
    """What MediaRecorder makes is served; the mock says that it has invented the words."""
    page = open_page()
    page.get_by_role("tab", name="Transcribe").click()
    page.get_by_role("button", name="Record with the microphone").click()
    page.get_by_text("Recording.").wait_for()
    until(page, "performance.now() - (window.began ??= performance.now()) > 1500")
    page.get_by_role("button", name="Stop").click()
    page.locator("#file-hint").filter(has_text="recording.webm").wait_for()
    page.locator("#transcribe-submit").click()
    page.locator("#transcribe-result .verdict").wait_for()
    assert page.locator("#transcribe-result .status").inner_text() == "200"
    assert "invented" in page.locator("#transcribe-result .note").inner_text()


def test_without_a_recording_it_says_what_is_missing(open_page: Open) -> None:
    """No request is sent for nothing."""
    page = open_page()
    page.get_by_role("tab", name="Transcribe").click()
    page.locator("#transcribe-submit").click()
    assert "Choose a recording first" in page.locator("#file-hint").inner_text()


RUNNERS = {"curl": ["sh", "-c"], "Python": [sys.executable, "-c"], "Node": ["node", "--input-type=module", "-e"]}


@pytest.mark.parametrize("language", RUNNERS)
def test_the_shown_calls_work_as_they_are_pasted(
    open_page: Open, playing: RunningGateway, recording: Path, language: str
) -> None:
    """Quotes, dollars and all: speech is saved, and a transcript is printed."""
    program = {"curl": "curl", "Node": "node"}.get(language)
    if program is not None and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    page = open_page()
    _speak(page, format="flac")
    spoken = _pasted(page, "#speak-result", language, recording.parent, playing.token)
    assert spoken.returncode == 0, spoken.stderr
    assert (recording.parent / "speech.flac").read_bytes()[:4] == b"fLaC"
    page.get_by_role("tab", name="Transcribe").click()
    page.get_by_label("Prompt").fill('it\'s a "lamp", naïve 💡')
    _transcribe(page, recording)
    said = _pasted(page, "#transcribe-result", language, recording.parent, playing.token)
    assert said.returncode == 0, said.stderr
    assert "Bring the red lamp." in said.stdout
    assert playing.token not in page.locator("#transcribe-result .code pre").inner_text()


def _pasted(page: Any, place: str, language: str, folder: Path, token: str) -> subprocess.CompletedProcess[str]:
    page.locator(place).get_by_role("button", name=language, exact=True).click()
    code = page.locator(f"{place} .code pre").inner_text()
    environment = {**os.environ, "GATEWAY_TOKEN": token, "NO_PROXY": "127.0.0.1"}
    return subprocess.run(
        [*RUNNERS[language], code], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@contextlib.contextmanager
def _another_origin() -> Iterator[str]:
    """A server of its own with a bare page, and its origin."""

    class Bare(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Another</title><link rel=icon href='data:,'>")

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bare) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_page_of_another_origin(open_page: Open, playing: RunningGateway) -> None:
    """Fetch, and an upload of what MediaRecorder recorded: allowed by CORS, the request's id readable."""
    page = open_page()
    with _another_origin() as other:
        page.goto(other)
        found = _called_from(page, playing)
    assert found["origin"] == other
    assert (found["spoken"], found["text"], found["upload"]) == (200, "From elsewhere.", 200)
    assert found["id"].startswith("req_")
    assert found["source"] == "invented"


def _called_from(page: Any, playing: RunningGateway) -> Any:
    return page.evaluate(
        """async ([base, token]) => {
            const headers = {Authorization: `Bearer ${token}`};
            const spoken = await fetch(`${base}/audio/speech`, {method: 'POST',
                headers: {...headers, 'Content-Type': 'application/json'},
                body: JSON.stringify({model: 'tts-1', input: 'From elsewhere.'})});
            const form = new FormData();
            form.append('model', 'whisper-1');
            form.append('file', await spoken.clone().blob(), 'speech.mp3');
            const heard = await fetch(`${base}/audio/transcriptions`, {method: 'POST', headers, body: form});
            const stream = await navigator.mediaDevices.getUserMedia({audio: true});
            const recorder = new MediaRecorder(stream);
            const piece = new Promise(resolve => recorder.addEventListener('dataavailable', event => resolve(event.data)));
            recorder.start();
            await new Promise(resolve => setTimeout(resolve, 1500));
            recorder.stop();
            const recorded = new FormData();
            recorded.append('model', 'whisper-1');
            recorded.append('file', await piece, 'recording.webm');
            const upload = await fetch(`${base}/audio/transcriptions`, {method: 'POST', headers, body: recorded});
            return {origin: location.origin, spoken: spoken.status, text: (await heard.json()).text, upload: upload.status,
                id: upload.headers.get('x-request-id'), source: upload.headers.get('x-mock-transcript')};
        }""",
        [playing.base_url, playing.token],
    )
