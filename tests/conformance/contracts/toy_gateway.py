"""A gateway on a real socket that keeps the toy contract, and nothing of the Audio API's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from conformance.audio.samples import encode, speech_like_samples
from tests.conformance.fake_gateway import TOKEN, Reply, Seen, fake_gateway

BASE_PATH = "/toy/v9"


class ToyGateway:
    """Answers as the toy contract demands. Subclasses have one fault."""

    unknown_token = 403

    def __call__(self, seen: Seen) -> Reply:
        if seen.headers.get("authorization") != f"Bearer {TOKEN}":
            return _problem(self.unknown_token, "Who are you?")
        answer = {f"{BASE_PATH}/say": self.say, f"{BASE_PATH}/hear": self.hear}.get(seen.path)
        return answer(seen) if answer else _problem(404, "There is no such path.")

    def say(self, seen: Seen) -> Reply:
        asked = json.loads(seen.body)
        if asked["model"] != "toy-voice":
            return _problem(410, "That voice has left.")
        assert asked["words"], "the contract calls the text `words`"
        return Reply(
            201, encode(speech_like_samples("toy", 0.5), "mp3"), {"content-type": "audio/mpeg", "x-trace": "t1"}
        )

    def hear(self, seen: Seen) -> Reply:
        if b"\r\n\r\ntoy-ears\r\n" not in seen.body or b'name="file"' not in seen.body:
            return _problem(422, "Nothing to hear.")
        return Reply(201, "Grüße".encode(), {"content-type": "text/plain; charset=utf-8"})


class AudioApiStatus(ToyGateway):
    """Refuses an unknown token as the Audio API would have it, and this contract would not."""

    unknown_token = 401


class JsonTranscripts(ToyGateway):
    """Answers with a transcript of the Audio API's shape."""

    def hear(self, seen: Seen) -> Reply:
        heard = super().hear(seen)
        return Reply(heard.status) if heard.status == 201 else heard


def _problem(status: int, text: str) -> Reply:
    return Reply(status, json.dumps({"problem": {"message": text}}).encode())


@contextmanager
def toy_gateway(behave: ToyGateway) -> Iterator[str]:
    """Serves it on a free port of loopback; yields its base URL."""
    with fake_gateway(behave, base_path=BASE_PATH) as (url, _):
        yield url
