"""An adapter of another distribution is found by the name of its entry point, and named in the YAML."""

from pathlib import Path

import httpx
import pytest

from tests.servers import running_gateway

CODE = """
from reference_server.upstreams import SpeechResponse, ProviderRefused


class Parrot:
    def __init__(self, greeting):
        self.greeting = greeting

    async def synthesize(self, request):
        return SpeechResponse(b"RIFF0000WAVE" + (self.greeting + request.input).encode(), "audio/wav")

    async def transcribe(self, request):
        raise ProviderRefused(400)

    translate = transcribe

    async def close(self):
        pass


def build(options):
    if set(options) != {"greeting"}:
        raise ValueError("the parrot wants one option, `greeting`")
    return Parrot(**options)
"""
METADATA = "Metadata-Version: 2.1\nName: parrot\nVersion: 1.0\n"
ENTRY_POINT = "[audio_reference_server.upstreams]\nparrot = parrot:build\n"


def _install(folder: Path) -> None:
    """Lays a distribution out as an installer does."""
    (folder / "parrot.py").write_text(CODE)
    information = folder / "parrot-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(METADATA)
    (information / "entry_points.txt").write_text(ENTRY_POINT)


@pytest.mark.slow
def test_it_serves_beside_ours(tmp_path: Path) -> None:
    """Its speech comes back, and what it raises is answered as the contract says."""
    _install(tmp_path)
    config = {
        "providers": {"bird": {"kind": "parrot", "greeting": "Hello! "}, "mock": {"kind": "mock"}},
        "models": {
            "squawk": {"capability": "speech", "provider": "bird"},
            "ear": {"capability": "transcription", "provider": "bird"},
            "tts-1": {"capability": "speech", "provider": "mock"},
        },
        "tokens": [{"name": "test", "token": "cpeer_parrot"}],
    }
    with (
        running_gateway(config, environment={"PYTHONPATH": str(tmp_path)}) as gateway,
        httpx.Client(base_url=gateway.base_url, headers=gateway.headers) as client,
    ):
        audio = client.post("/audio/speech", json={"model": "squawk", "input": "Polly"})
        refused = client.post("/audio/transcriptions", data={"model": "ear"}, files={"file": b"x"})
        ours = client.post("/audio/speech", json={"model": "tts-1", "input": "Polly"})
    assert audio.content.endswith(b"Hello! Polly")
    assert (refused.status_code, ours.status_code) == (400, 200)
