"""A gateway and its provider in one: a second reading of the contract, small enough to be spoiled in one place at a time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from multipart import MultipartParser, parse_options_header

from conformance.drive.case import Case
from conformance.http.bodies import Upload
from conformance.http.client import Gateway
from conformance.http.endpoint import Endpoint
from conformance.mock.calls import RecordedCall, ScriptedResponse
from tests.conformance.generated.cases import case
from tests.conformance.judge.calls import call, file_of, response

TOKEN = "cpeer_test_0123456789"
NUMBERS = ("temperature", "speed")


class Refused(Exception):
    """The client's fault; ``status`` is what it is told."""

    def __init__(self, status: int = 400) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Understood:
    route: str
    fields: dict[str, Any]
    upload: bytes | None


@dataclass
class SmallProvider:
    """What the suite asks of the mock's control client."""

    seen: list[RecordedCall] = field(default_factory=list)
    script: tuple[ScriptedResponse, ...] = ()

    def record(self, understood: Understood, answer: bytes) -> None:
        upload = understood.upload
        spoken = understood.route == "speech"
        self.seen.append(
            call(
                position=len(self.seen) + 1,
                operation="speech" if spoken else "transcription",
                fields=[[name, value] for name, value in understood.fields.items()],
                body_kind="json" if spoken else "multipart",
                file=None if upload is None else file_of(Upload(upload)),
                answer=response(answer if spoken else answer.decode()),
            )
        )

    def calls(self, *, marker: str = "", sha256: str = "", or_sha256: str = "", since: int = 0) -> list[RecordedCall]:
        def fits(seen: RecordedCall) -> bool:
            uploaded = seen.file.sha256 if seen.file else None
            told = uploaded == sha256 if sha256 else uploaded == or_sha256 or marker in repr(seen.fields)
            return told and seen.position > since

        return [seen for seen in list(self.seen) if fits(seen)]


class SmallGateway:
    """Each step is a method of its own, so that a test replaces just one."""

    def __init__(self) -> None:
        self.provider = SmallProvider()

    def body(self, request: BaseHTTPRequestHandler) -> bytes:
        if "chunked" not in (request.headers.get("transfer-encoding") or ""):
            return request.rfile.read(int(request.headers.get("content-length") or 0))
        chunks = b""
        while size := int(request.rfile.readline(), 16):
            chunks += request.rfile.read(size)
            request.rfile.readline()
        request.rfile.readline()
        return chunks

    def content_type(self, request: BaseHTTPRequestHandler) -> tuple[str, dict[str, str]]:
        kind, options = parse_options_header(request.headers.get("content-type") or "")
        return kind.lower(), {name.lower(): value for name, value in options.items()}

    def form(self, body: bytes, boundary: str) -> tuple[dict[str, Any], bytes | None]:
        fields: dict[str, Any] = {}
        upload = None
        for part in MultipartParser(io.BytesIO(body), boundary, strict=False):
            if part.name == "file":
                upload = self.uploaded(part.raw)
            elif part.name.endswith("[]"):
                fields.setdefault(part.name.removesuffix("[]"), []).append(part.raw.decode())
            else:
                fields[part.name] = self.text(part.raw.decode("utf-8", "replace"))
        return fields, upload

    def uploaded(self, data: bytes) -> bytes:
        return data

    def text(self, text: str) -> str:
        return text

    def parse(self, body: bytes) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise Refused from None

    def document(self, body: bytes) -> tuple[dict[str, Any], bytes | None]:
        value = self.parse(body)
        if not isinstance(value, dict):
            raise Refused
        audio = value.pop("audio", None)
        fields = {name: self.text(item) if isinstance(item, str) else item for name, item in value.items()}
        return fields, self.decoded(audio) if audio is not None else None

    def decoded(self, audio: Any) -> bytes:
        if not isinstance(audio, dict) or not isinstance(audio.get("data"), str):
            raise Refused
        try:
            return self.uploaded(base64.b64decode(audio["data"], validate=True))
        except (binascii.Error, ValueError):
            raise Refused from None

    def understand(self, request: BaseHTTPRequestHandler) -> Understood:
        body = self.body(request)
        kind, options = self.content_type(request)
        route = request.path.rsplit("/", 1)[-1]
        if kind == "multipart/form-data" and route != "speech":
            try:
                fields, upload = self.form(body, options["boundary"])
            except Exception as error:
                raise Refused from error
        elif kind == "application/json":
            fields, upload = self.document(body)
        else:
            raise Refused
        self.check(route, fields, upload)
        return Understood(route, fields, upload)

    def check(self, route: str, fields: dict[str, Any], upload: bytes | None) -> None:
        for name in ("model", "input") if route == "speech" else ("model",):
            if not isinstance(fields.get(name), str) or not fields[name]:
                raise Refused
        if fields["model"] not in ("tts-1", "whisper-1"):
            raise Refused(404)
        if route != "speech" and not upload:
            raise Refused

    def answer(self, understood: Understood) -> tuple[dict[str, str], bytes]:
        said = json.dumps({"text": f"heard {hashlib.sha256(understood.upload or b'').hexdigest()}"}).encode()
        if understood.route == "speech":
            said = b"RIFF" + repr(understood.fields).encode()
            self.provider.record(understood, said)
            return {"Content-Type": "audio/wav", "X-Request-Id": uuid.uuid4().hex}, said
        self.provider.record(understood, said)
        return {"Content-Type": "application/json"}, self.transcript(json.loads(said))

    def transcript(self, said: dict[str, Any]) -> bytes:
        return json.dumps({**said, "request_id": uuid.uuid4().hex}).encode()


@contextmanager
def served(gateway: SmallGateway, **options: Any) -> Iterator[Case]:
    """Serve the gateway on a free port and yield a case that judges it, with its provider declared."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else a body waits 40 ms for the client to acknowledge the head

        def do_POST(self) -> None:
            try:
                headers, body = gateway.answer(gateway.understand(self))
                self._send(200, headers, body)
            except Refused as refused:
                self._send(refused.status, {"Content-Type": "application/json"}, b"{}")
            except Exception:  # noqa: BLE001 - what a framework makes of a crash
                self._send(500, {}, b"")

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/api/client/v1"
        with Gateway(Endpoint(url), TOKEN, timeout_s=5.0) as client:
            judging = case(client, **options)
            judging.mock = gateway.provider  # type: ignore[assignment]
            yield judging
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def raw_headers(request: BaseHTTPRequestHandler) -> list[str]:
    """The names as they were sent."""
    return [name for name, _ in request.headers.items()]
