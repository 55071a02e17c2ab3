"""The mock in the gateway's process: its journal shows a call as it would over HTTP."""

import asyncio
import io
from typing import Any

import httpx
import pytest

from mock_upstreams.server import start
from reference_server.requests import SpeechRequest, TranscriptionRequest, Upload
from reference_server.upstreams.mock import ControlledMock
from reference_server.upstreams.openai import OpenAIAdapter, OpenAIOptions

TOKEN = "control-of-this-test"
KEY = "sk-mock-in-process"
SOUND = b"RIFF" + (36 + 4800).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little") + bytes.fromhex(
    "01000100c05d000080bb000002001000"
) + b"data" + (4800).to_bytes(4, "little") + bytes(4800)  # fmt: skip
# What is of the way and not of the call: where to, and the boundary that is made up for it.
_OF_THE_WAY = {"host", "content-type"}


def _upload() -> Upload:
    return Upload(file=io.BytesIO(SOUND), size=len(SOUND), file_name='Größe "1" 东.wav', content_type="audio/x-wav")


CALLS: dict[str, Any] = {
    "speech": lambda: SpeechRequest(model="tts-1", input="Grüße, 世界.", voice="alloy", speed=1.5),
    "speech with few fields": lambda: SpeechRequest(model="tts-1", input="Hi."),
    "transcription": lambda: TranscriptionRequest(
        model="whisper-1",
        audio=_upload(),
        language="de",
        prompt="a\r\nb",
        response_format="verbose_json",
        temperature=0.5,
        timestamp_granularities=("word", "segment"),
    ),
    "plain transcription": lambda: TranscriptionRequest(model="whisper-1", audio=_upload()),
}


def _call(adapter: Any, request: Any) -> Any:
    return adapter.synthesize(request) if isinstance(request, SpeechRequest) else adapter.transcribe(request)


async def _in_process(request: Any) -> tuple[Any, Any]:
    mock = ControlledMock(TOKEN, {})
    response = await _call(mock, request)
    transport = httpx.ASGITransport(mock.control)
    async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
        journal = await client.get("/_mock/journal", headers={"Authorization": f"Bearer {TOKEN}"})
    await mock.close()
    return response, journal.json()["calls"]


async def _over_http(base_url: str, request: Any) -> Any:
    adapter = OpenAIAdapter(OpenAIOptions(base_url=f"{base_url}/v1", api_key=KEY))
    response = await _call(adapter, request)
    await adapter.close()
    return response


@pytest.mark.parametrize("call", CALLS)
def test_the_journal_shows_the_same_call(call: str) -> None:
    """Fields, file, headers and answer, and the response is the same."""
    with start(control_token=TOKEN) as mock:
        there = asyncio.run(_over_http(mock.base_url, CALLS[call]()))
        headers = {"Authorization": f"Bearer {TOKEN}"}
        (over_http,) = httpx.get(f"{mock.base_url}/_mock/journal", headers=headers).json()["calls"]
    here, (in_process,) = asyncio.run(_in_process(CALLS[call]()))
    assert here == there
    for shown in (over_http, in_process):
        shown["headers"] = sorted(pair for pair in shown["headers"] if pair[0] not in _OF_THE_WAY)
        assert shown.pop("took_s") > 0
    assert in_process == over_http
