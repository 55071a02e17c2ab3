"""A second contract is a second value: other paths, statuses and transcripts from the same endpoints."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import httpx
import pytest
import yaml
from msgspec.structs import asdict

from reference_server.app import create_app
from reference_server.config import from_document
from reference_server.contract import AUDIO_API, Contract
from reference_server.requests import Operation
from reference_server.upstreams import SpeechResponse, TranscriptResponse
from tests.servers import CHECKOUT, serving

TOY = Contract(
    name="toy",
    document="openapi.yaml",
    paths=MappingProxyType({Operation.SPEECH: "/say", Operation.TRANSCRIPTION: "/write"}),
    statuses=MappingProxyType({"unknown-model": 404, "invalid-token": 403, "inference-error": 502}),
    request_id_member=None,
    plain_formats=frozenset({"text"}),
)
DOCUMENT = {
    "providers": {"p": {"kind": "mock"}},
    "models": {
        "tts": {"capability": "speech", "provider": "p"},
        "stt": {"capability": "transcription", "provider": "p"},
    },
    "tokens": [{"name": "test", "token": "cpeer_contract"}],
    "base_path": "/v2",
    "log_level": "critical",
}
FILES = {"file": b"RIFF"}


class Fixed:
    """An adapter that gives every request the same result, and fails at the word `fail`."""

    async def synthesize(self, request: Any) -> SpeechResponse:
        return SpeechResponse(b"" if request.input == "fail" else b"fLaC" + bytes(50), "audio/flac")

    async def transcribe(self, request: Any) -> TranscriptResponse:
        assert asdict(request)["model"] == "stt"
        return TranscriptResponse({"text": "Hello.\n"})

    translate = transcribe

    async def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def toy() -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer cpeer_contract"}
    with (
        serving(create_app(from_document(DOCUMENT), {"p": Fixed()}, TOY)) as origin,
        httpx.Client(base_url=f"{origin}/v2", headers=headers, timeout=20) as client,
    ):
        yield client


def test_paths_and_statuses_are_the_contracts(toy: httpx.Client) -> None:
    """Each situation has the toy's status; one that it does not name is a failure of the gateway's."""
    body = {"model": "tts", "input": "Hi."}
    assert toy.post("/say", json=body).status_code == 200
    assert toy.post("/say", json={**body, "model": "nothing"}).status_code == 404
    assert toy.post("/say", json=body, headers={"Authorization": "Bearer no"}).status_code == 403
    assert toy.post("/say", json={**body, "input": "fail"}).status_code == 502
    assert toy.post("/audio/speech", json=body).status_code == TOY.status("unknown-path") == 502


def test_a_plain_format_is_answered_as_a_document(toy: httpx.Client) -> None:
    """`text` is the body itself, other formats are an object, and neither repeats a request id."""
    plain = toy.post("/write", data={"model": "stt", "response_format": "text"}, files=FILES)
    assert (plain.headers["content-type"].partition(";")[0], plain.text) == ("text/plain", "Hello.\n")
    assert toy.post("/write", data={"model": "stt"}, files=FILES).json() == {"text": "Hello.\n"}


def test_the_audio_api_has_the_paths_of_its_openapi_document() -> None:
    """The value and the file agree."""
    document = yaml.safe_load((CHECKOUT / AUDIO_API.document).read_text("utf-8"))
    assert set(AUDIO_API.paths.values()) <= set(document["paths"])
    documented = {name for path in document["paths"].values() for name in path.get("post", {}).get("responses", ())}
    assert {str(status) for status in AUDIO_API.statuses.values()} - documented <= {"404", "405", "408"}
