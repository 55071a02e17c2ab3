"""openai-node, unmodified, works against both faces: one run of a small program, whose findings are judged here.

The package is installed from the npm registry into pytest's cache once; without Node, npm or the registry this is
skipped, and says so.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.mock_upstreams.http.running import KEY, bench
from tests.openai_node import with_openai_node

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).parent / "node"
SAID = "The quick brown fox jumped over the lazy dog."


@pytest.fixture(scope="module")
def folder(request):
    """A folder with the program and the installed package."""
    place = with_openai_node(request.config)
    shutil.copy(PROGRAM / "drive.mjs", place)
    return place


@pytest.fixture(scope="module")
def got(folder):
    """What the program printed, and the calls that the mock recorded."""
    with bench() as mock:
        environment = os.environ | {"BASE_URL": mock.base_url, "KEY": KEY, "SAID": SAID}
        done = subprocess.run(
            ["node", "drive.mjs"], cwd=folder, capture_output=True, text=True, timeout=60, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), mock.calls()


def test_speech_in_six_formats_is_heard_again(got):
    """What was spoken in each format is transcribed to the same words."""
    assert got[0]["heard"] == dict.fromkeys(("mp3", "opus", "aac", "flac", "wav", "pcm"), SAID)


def test_transcripts_in_their_shapes(got):
    """verbose_json with words and segments, srt as text, a translation."""
    findings, _ = got
    assert [word["word"] for word in findings["verbose"]["words"]] == SAID.rstrip(".").split()
    assert "".join(segment["text"] for segment in findings["verbose"]["segments"]) == SAID
    assert findings["srt"].startswith("1\n00:00:00,")
    assert findings["translation"] == SAID


def test_streamed_transcription(got):
    """The client's event stream understands ours."""
    findings, _ = got
    assert "".join(findings["deltas"]) == SAID == findings["last"]["text"]
    assert findings["last"]["type"] == "transcript.text.done"


def test_azure_and_refusals(got):
    """AzureOpenAI works, and an error has the code that the client shows."""
    findings, _ = got
    assert (findings["azure"], findings["azureHeard"]) == ("RIFF", SAID)
    expected = {"status": 404, "code": "model_not_found", "type": "invalid_request_error"}
    assert findings["refusal"] == expected


def test_chunked_upload_with_the_file_first(got):
    """A file from disk arrives whole, under its name, though its length was never announced."""
    _, calls = got
    streamed = [call for call in calls if "chunked" in dict(call["headers"]).get("transfer-encoding", "")]
    assert {call["file"]["name"] for call in streamed} == {'größe "1".mp3'}
    assert len({call["file"]["sha256"] for call in streamed}) == 1
    assert len(streamed) == 5
