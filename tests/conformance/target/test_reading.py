"""The target file is read strictly: what is wrong in it is named by its path, with what is allowed."""

from pathlib import Path
from typing import Any

import pytest

from conformance import target as targets
from conformance.errors import TargetError

MINIMAL = {"base_url": "http://127.0.0.1:8080/api/client/v1", "token": "cpeer_secret"}


def test_the_example_of_the_design_is_read_whole(tmp_path: Path) -> None:
    """Every key that the design names is understood, and ${NAME} comes from the environment."""
    file = tmp_path / "target.yaml"
    file.write_text(
        """
base_url: http://127.0.0.1:8080/api/client/v1
token: ${GATEWAY_TOKEN}
headers: {X-Access-Key: "${ACCESS_KEY}"}
tls: {ca_file: ca.pem, client_cert: client.pem, verify: true}
proxy: http://127.0.0.1:3128
max_rate: 50
models:
  speech: [tts-1]
  transcription: [whisper-1]
  azure_speech: azure-tts
  azure_transcription: azure-stt
  without_deployment: {speech: azure-mute}
limited_tokens:
  rate_limit: {token: r, limit: 5, window_s: 60}
  budget: {token: b}
  per_request: {token: p, max_characters: 20, max_upload_bytes: 1000}
expect:
  upstream_models: {tts-1: tts-1, whisper-1: whisper-1}
  deployments: {azure-tts: speech-prod, azure-stt: whisper-prod}
  formats: [mp3, opus, aac, flac, wav, pcm]
  transcript_formats: [json, verbose_json]
mock_provider:
  listen: 127.0.0.1:9100
  control_token: ${CONTROL}
lifecycle:
  terminate: kill -TERM $(cat gateway.pid)
  start: ./start-gateway.sh
  drain_s: 5
timeout_s: 30
max_upload_mb: 25
"""
    )

    target = targets.load(file, {"GATEWAY_TOKEN": "cpeer_secret", "CONTROL": "c", "ACCESS_KEY": "k"})

    assert target.token == "cpeer_secret"
    assert target.headers == {"X-Access-Key": "k"}
    assert target.proxy == "http://127.0.0.1:3128"
    assert target.limited_tokens.rate_limit is not None
    assert target.limited_tokens.rate_limit.limit == 5
    assert target.expect.deployments["azure-tts"] == "speech-prod"
    assert target.mock_provider is not None
    assert target.mock_provider.control_token == "c"


def test_an_azure_key_may_have_a_deployment_for_each_operation() -> None:
    """One name stands for all operations; a mapping names them one by one, and says nothing of the others."""
    deployments = {"one": "whisper-prod", "each": {"transcription": "whisper-prod", "translation": "to-english"}}
    expect = targets.parse({**MINIMAL, "expect": {"deployments": deployments}}).expect

    assert [expect.deployment("one", each) for each in ("transcription", "translation")] == ["whisper-prod"] * 2
    assert expect.deployment("each", "translation") == "to-english"
    assert expect.deployment("each", "speech") is None
    assert expect.deployment("other", "speech") is None


@pytest.mark.parametrize(
    ("change", "path", "hint"),
    [
        ({"modles": {}}, "modles", "Did you mean `models`?"),
        ({"models": {"speach": ["x"]}}, "models.speach", "Did you mean `speech`?"),
        ({"models": {"speech": "tts-1"}}, "models.speech", ""),
        ({"models": {"speech": [""]}}, "models.speech[0]", ""),
        ({"expect": {"formats": ["mp3", "ogg"]}}, "expect.formats[1]", "mp3, opus, aac, flac, wav, pcm"),
        ({"base_url": "127.0.0.1:80"}, "base_url", "^https?://"),
        ({"timeout_s": 0}, "timeout_s", ""),
        ({"lifecycle": {"start": "x"}}, "lifecycle", "terminate"),
        ({"mock_provider": {"control_token": "x"}}, "mock_provider", "listen or control_url"),
        ({"token": "${NOT_SET}"}, "token", "NOT_SET"),
        ({"headers": {"Authorization": "x"}}, "headers.Authorization", "declare that as `token`"),
        ({"headers": {"X Y": "x"}}, "headers.X Y", "no name of a header"),
        ({"headers": {"X-Y": "a\nb"}}, "headers.X-Y", ""),
        ({"headers": {"X-Y": "${NOT_SET}"}}, "headers.X-Y", "NOT_SET"),
        ({"tls": {"cafile": "x"}}, "tls.cafile", "Did you mean `ca_file`?"),
        ({"tls": {"client_key": "x"}}, "tls.client_cert", "goes with its certificate"),
        ({"proxy": "socks5://127.0.0.1:1080"}, "proxy", "^http://"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(change: dict[str, Any], path: str, hint: str) -> None:
    """The error carries the path in the file, and its text the mend."""
    with pytest.raises(TargetError) as caught:
        targets.parse({**MINIMAL, **change}, {})

    assert caught.value.path == path
    assert hint in str(caught.value)
    assert caught.value.exit_status == 2


def test_a_missing_token_is_named() -> None:
    """Required keys are listed."""
    with pytest.raises(TargetError, match="base_url, token"):
        targets.parse({"base_url": "http://127.0.0.1:1"}, {})


@pytest.mark.parametrize("content", ["- a\n- b\n", "a: [b\n", "", "\udcff"])
def test_a_file_that_is_no_target_is_refused(tmp_path: Path, content: str) -> None:
    """A list, broken YAML, an empty file and bytes that are no text each give a TargetError."""
    file = tmp_path / "target.yaml"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(TargetError):
        targets.load(file, {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The message says which file."""
    with pytest.raises(TargetError, match=r"absent\.yaml cannot be read"):
        targets.load(tmp_path / "absent.yaml")
