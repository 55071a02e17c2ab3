"""A recording of one provider answers like it when that provider is gone, byte for byte."""

import json

import pytest

from mock_upstreams.errors import InvalidConfiguration, UnusableRecording
from mock_upstreams.recordings.recorder import RecordingResponder
from mock_upstreams.recordings.replayer import ReplayResponder
from mock_upstreams.recordings.store import Recording
from tests.mock_upstreams.http.running import DEPLOYMENTS, KEY, bench

pytestmark = pytest.mark.slow

REAL_KEY = "sk-the-real-key-of-the-provider"
KEPT = ("content-type", "x-request-id", "openai-version", "openai-processing-ms", "x-ms-region", "retry-after")


def ask_everything(mock):
    """Return all answers to a varied row of calls, as (status, headers worth comparing, body)."""
    audio = mock.synthesize().content
    azure = "/openai/deployments/{}/audio/{}?api-version=2024-06-01"
    answers = [
        mock.synthesize(),
        mock.synthesize("Grüße, 世界 🙂", response_format="opus"),
        mock.synthesize(model="no-such-model"),
        mock.synthesize(stream_format="sse"),
        mock.transcribe(audio, name='é "x".mp3', response_format="verbose_json"),
        mock.transcribe(audio, response_format="srt"),
        mock.transcribe(audio, model="gpt-4o-transcribe", stream="true"),
        mock.transcribe(audio, path="/v1/audio/translations"),
        mock.transcribe(b"no audio"),
        mock.caller.post(azure.format("speech-prod", "speech"), json={"input": "Hello"}),
        mock.caller.get("/v1/models"),
    ]
    return [(one.status_code, {k: v for k, v in one.headers.items() if k in KEPT}, one.content) for one in answers]


@pytest.fixture
def recorded(tmp_path):
    """A folder with the recorded answers of a mock that has been stopped, and what its caller got."""
    folder = tmp_path / "recorded"
    with bench() as real:
        real.script({"status": 429, "headers": {"Retry-After": "7"}}, {"marker": "too much"})
        real.control.post("/models", json={"deployments": DEPLOYMENTS})
        with bench(responder=RecordingResponder(real.base_url, Recording(folder), REAL_KEY)) as recorder:
            answers = [*ask_everything(recorder), *(recorder.synthesize("too much").status_code for _ in range(2))]
        keys = {dict(call["headers"]).get("authorization") for call in real.calls()}
        azure_keys = {dict(call["headers"]).get("api-key") for call in real.calls(face="azure")}
    assert keys == {f"Bearer {REAL_KEY}", None}
    assert azure_keys == {REAL_KEY}
    return folder, answers


def test_replay_answers_byte_for_byte(recorded):
    """Same statuses, headers and bytes, with the recorded provider stopped; repeated calls answer in their order."""
    folder, answers = recorded
    with bench(responder=ReplayResponder(Recording(folder))) as replayed:
        again = [*ask_everything(replayed), *(replayed.synthesize("too much").status_code for _ in range(2))]
    assert again == answers
    assert answers[-2:] == [429, 200]


def test_no_key_is_kept(recorded):
    """Neither the caller's key nor the provider's is in any file."""
    folder, _ = recorded
    stored = b"".join(path.read_bytes() for path in folder.iterdir())
    assert KEY.encode() not in stored
    assert REAL_KEY.encode() not in stored
    assert b"[redacted]" in stored


def test_a_miss_fails_loudly(recorded):
    """A request that was not recorded gets 501, and hears which recorded one is the nearest and where they differ."""
    folder, _ = recorded
    with bench(responder=ReplayResponder(Recording(folder))) as replayed:
        answer = replayed.synthesize("Grüße, 世界 🙃", response_format="opus")
        assert [call["unexpected"] for call in replayed.calls(unexpected=True)] == [True]
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (501, "replay_miss")
    assert "field 'input'" in error["message"]
    assert "response_format" not in error["message"]


def test_faults_are_played_over_a_replay(recorded):
    """Scripts work on recorded answers as on ordinary ones."""
    folder, answers = recorded
    with bench(responder=ReplayResponder(Recording(folder))) as replayed:
        replayed.script({"truncate": {"keep": 100, "length": "actual"}})
        assert replayed.synthesize().content == answers[0][2][:100]


def test_a_provider_that_is_gone(tmp_path):
    """Recording from nobody answers 502 and keeps nothing."""
    with bench() as gone:
        pass
    with bench(responder=RecordingResponder(gone.base_url, Recording(tmp_path))) as recorder:
        answer = recorder.synthesize()
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_unreachable")
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_the_provider_repeats_is_struck_out(tmp_path):
    """A provider that shows the key in its error is not quoted on that."""
    with bench() as real:
        real.script({"status": 401, "body": {"text": f"wrong key {KEY}"}, "headers": {"x-key": KEY}})
        with bench(responder=RecordingResponder(f"{real.base_url}/v1", Recording(tmp_path))) as recorder:
            assert recorder.synthesize().text == "wrong key [redacted]"
    assert KEY.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("0001.json", "{", "0001.json"),
        ("0001.json", json.dumps({"format": 1}), "asked"),
        ("other.txt", "", "holds no recorded responses"),
    ],
)
def test_a_damaged_recording_is_refused_at_start(tmp_path, name, text, told):
    """What cannot be read is named before anything is served."""
    (tmp_path / name).write_text(text)
    with pytest.raises(UnusableRecording, match=told):
        ReplayResponder(Recording(tmp_path))


def test_an_upstream_that_is_no_url(tmp_path):
    """The mistake is named, with an example."""
    with pytest.raises(InvalidConfiguration, match=r"api\.openai\.com"):
        RecordingResponder("api.openai.com", Recording(tmp_path))
