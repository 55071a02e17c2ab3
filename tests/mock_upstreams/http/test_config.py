"""The configuration file: the example works, and every mistake is named with its place and what is allowed."""

import hashlib
from pathlib import Path

import httpx
import numpy as np
import pytest

from mock_upstreams.codecs import SPEECH_RATE, encode
from mock_upstreams.config import Settings, read_settings
from mock_upstreams.errors import InvalidConfiguration
from tests.mock_upstreams.http.running import bench

EXAMPLE = Path(__file__).parents[3] / "examples" / "mock-upstreams.yaml"


def settings_of(tmp_path, text):
    path = tmp_path / "mock.yaml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def test_the_example_works():
    """Its models, deployments and scripts are there from the start."""
    with bench(read_settings(EXAMPLE)) as mock:
        assert mock.synthesize(model="house-tts").status_code == 200
        assert mock.synthesize(model="house-stt").status_code == 404
        path = "/openai/deployments/speech-prod/audio/speech"
        assert mock.caller.post(path, json={"input": "Hello"}).status_code == 200
        failed = mock.synthesize("please fail, will you")
        assert (failed.status_code, failed.headers["retry-after"]) == (503, "2")
        with pytest.raises(httpx.TransportError):
            mock.synthesize("please hang up")


def test_transcripts_for_given_files(shared):
    """By name or by digest, in every format, and translated where that is asked for; the header says whence."""
    audio = shared.synthesize("Something else.").content
    digest = hashlib.sha256(audio).hexdigest()
    with bench(Settings(transcripts={"hello.mp3": "Bonjour.", digest: "By its digest."})) as mock:
        by_name = mock.transcribe(audio, name="hello.mp3")
        assert (by_name.json()["text"], by_name.headers["x-mock-transcript"]) == ("Bonjour.", "configured")
        assert mock.transcribe(audio).json()["text"] == "By its digest."
        assert mock.transcribe(audio, name="hello.mp3", response_format="text").text == "Bonjour."
        translated = mock.transcribe(audio, name="hello.mp3", path="/v1/audio/translations").json()["text"]
        assert translated == "Hello."
        detailed = mock.transcribe(audio, name="hello.mp3", response_format="verbose_json").json()
        assert [segment["text"] for segment in detailed["segments"]] == ["Bonjour."]
        assert detailed["segments"][0]["end"] == detailed["duration"]


def test_the_header_tells_invented_words_from_recognized_ones(mock):
    """What the mock cannot recognize gets words all the same."""
    noise = encode(np.random.default_rng(1).integers(-9000, 9000, SPEECH_RATE).astype(np.int16), "wav")
    assert mock.transcribe(mock.synthesize().content).headers["x-mock-transcript"] == "recognized"
    for path in ("transcriptions", "translations"):
        answer = mock.transcribe(noise, name="noise.wav", path=f"/v1/audio/{path}")
        assert answer.headers["x-mock-transcript"] == "invented"


def test_an_empty_file_is_the_default(tmp_path):
    """All is optional."""
    assert settings_of(tmp_path, "# nothing\n") == Settings()


WRONG = {
    "unknown key": ("stricct: true", "stricct", "strict, keys, models"),
    "type": ("strict: maybe", "strict", "true or false"),
    "list for mapping": ("journal: []", "journal", "calls, upload_mb"),
    "number": ("journal: {calls: 0}", "journal.calls", "from 1"),
    "operation": ("models: {a: [chat]}", "models", "speech, transcription"),
    "empty key": ("keys: ['']", "keys[0]", "non-empty"),
    "script": ("scripts: [{act: {reset: never}}]", "scripts[0].act.reset", "before_headers"),
    "threads": ("threads: 0", "threads", "from 1 to 64"),
    "no mapping": ("- strict", "the whole", "strict, keys"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_mistakes_are_named(tmp_path, fault):
    """File, path inside it, and what may stand there."""
    text, path, allowed = WRONG[fault]
    with pytest.raises(InvalidConfiguration) as refused:
        settings_of(tmp_path, text)
    assert "mock.yaml: " in refused.value.message
    assert path in refused.value.message
    assert allowed in refused.value.hint


@pytest.mark.parametrize("text", ["a: [", "a: \x00"])
def test_what_is_no_yaml(tmp_path, text):
    """The reader's own words are passed on."""
    with pytest.raises(InvalidConfiguration, match="is no YAML"):
        settings_of(tmp_path, text)


def test_a_file_that_is_not_there(tmp_path):
    """Named, with the reason."""
    with pytest.raises(InvalidConfiguration, match=r"gone\.yaml: cannot be read"):
        read_settings(tmp_path / "gone.yaml")
