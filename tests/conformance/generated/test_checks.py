"""Each generated check passes on a small gateway that keeps the contract, and turns red on a fault of its kind."""

from __future__ import annotations

import json
import threading
import unicodedata
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from conformance.checks.generated import test_generated_forms as forms
from conformance.checks.generated import test_generated_http as http
from conformance.checks.generated import test_generated_meaning as meanings
from conformance.checks.generated import test_generated_schema as schema
from conformance.errors import Violated
from tests.conformance.generated.small_gateway import Refused, SmallGateway, Understood, raw_headers, served

pytestmark = pytest.mark.slow(about_s=15)

Check = Callable[..., None]


class ModelFirst(SmallGateway):
    def form(self, body: bytes, boundary: str) -> tuple[dict[str, Any], bytes | None]:
        if b'name="model"' not in body[: len(boundary) + 60]:
            raise Refused
        return super().form(body, boundary)


class ShortBoundaries(SmallGateway):
    def form(self, body: bytes, boundary: str) -> tuple[dict[str, Any], bytes | None]:
        return super().form(body, boundary[:69])


class TrimmedUploads(SmallGateway):
    def uploaded(self, data: bytes) -> bytes:
        return data.rstrip(b"\r\n-")


class NoPreamble(SmallGateway):
    def form(self, body: bytes, boundary: str) -> tuple[dict[str, Any], bytes | None]:
        if not body.startswith(b"--"):
            raise Refused
        return super().form(body, boundary)


class AsciiNames(SmallGateway):
    def form(self, body: bytes, boundary: str) -> tuple[dict[str, Any], bytes | None]:
        head = body[body.index(b'name="file"') :].split(b"\r\n")[0]
        if not head.isascii():
            raise Refused
        return super().form(body, boundary)


class NoPaths(SmallGateway):
    def decoded(self, audio: Any) -> bytes:
        if isinstance(audio, dict) and "/" in str(audio.get("fileName")):
            raise ValueError
        return super().decoded(audio)


class UnixLines(SmallGateway):
    def uploaded(self, data: bytes) -> bytes:
        return data.replace(b"\r\n", b"\n")


class ForgetfulJson(SmallGateway):
    def document(self, body: bytes) -> tuple[dict[str, Any], bytes | None]:
        fields, upload = super().document(body)
        fields.pop("temperature", None)
        return fields, upload


class FirstChunkOnly(SmallGateway):
    def body(self, request: BaseHTTPRequestHandler) -> bytes:
        whole = super().body(request)
        return whole[:20] if request.headers.get("transfer-encoding") else whole


class OneRead(SmallGateway):
    def body(self, request: BaseHTTPRequestHandler) -> bytes:
        if request.headers.get("transfer-encoding"):
            return super().body(request)
        return request.rfile.read1(1_000_000)  # type: ignore[attr-defined]


class ExactHeaders(SmallGateway):
    def content_type(self, request: BaseHTTPRequestHandler) -> tuple[str, dict[str, str]]:
        if "Content-Type" not in raw_headers(request):
            raise Refused
        return super().content_type(request)


class ExactMediaType(SmallGateway):
    def content_type(self, request: BaseHTTPRequestHandler) -> tuple[str, dict[str, str]]:
        kind, options = super().content_type(request)
        if kind not in (request.headers.get("content-type") or ""):
            raise Refused
        return kind, options


class NoEscapes(SmallGateway):
    def parse(self, body: bytes) -> Any:
        if b"\\ud8" in body:
            raise Refused
        return super().parse(body)


class Normalised(SmallGateway):
    def text(self, text: str) -> str:
        return unicodedata.normalize("NFC", text)


class Trimmed(SmallGateway):
    def text(self, text: str) -> str:
        return text.strip()


class MixedUp(SmallGateway):
    """Whoever comes second while another is served gets the other's answer."""

    def __init__(self) -> None:
        super().__init__()
        self._others: list[tuple[str, tuple[dict[str, str], bytes]]] = []
        self._lock = threading.Lock()

    def answer(self, understood: Understood) -> tuple[dict[str, str], bytes]:
        own = super().answer(understood)
        with self._lock:
            others = [answer for route, answer in self._others if (route == "speech") == (understood.route == "speech")]
            self._others = [*self._others[-4:], (understood.route, own)]
        return others[0] if others else own


class Crashing(SmallGateway):
    def document(self, body: bytes) -> tuple[dict[str, Any], bytes | None]:
        model = json.loads(body)["model"] if body.startswith(b"{") else ""
        model.lower()
        return super().document(body)


class NoRequestId(SmallGateway):
    def transcript(self, said: dict[str, Any]) -> bytes:
        return json.dumps(said).encode()


class Choosy(SmallGateway):
    def check(self, route: str, fields: dict[str, Any], upload: bytes | None) -> None:
        super().check(route, fields, upload)
        if "instructions" in fields or "prompt" in fields:
            raise Refused


class Lenient(SmallGateway):
    def check(self, route: str, fields: dict[str, Any], upload: bytes | None) -> None:
        super().check(route, {"input": "x", **fields}, upload)


RED: list[tuple[Check, tuple[str, ...], type[SmallGateway]]] = [
    (forms.test_the_order_of_fields_does_not_matter, ("transcriptions",), ModelFirst),
    (forms.test_every_legal_boundary_is_understood, ("translations",), ShortBoundaries),
    (forms.test_what_looks_like_the_boundary_inside_a_part_is_content, ("transcriptions",), TrimmedUploads),
    (forms.test_text_around_the_parts_is_ignored, ("transcriptions",), NoPreamble),
    (forms.test_a_form_with_any_file_name_is_accepted, ("translations",), AsciiNames),
    (forms.test_a_json_body_with_any_file_name_is_accepted, ("transcriptions", "json"), NoPaths),
    (forms.test_recordings_of_any_bytes_arrive_unchanged, ("transcriptions",), UnixLines),
    (http.test_a_body_in_chunks_of_any_size_is_understood, ("speech", "json"), FirstChunkOnly),
    (http.test_a_request_in_pieces_is_understood, ("transcriptions", "multipart"), OneRead),
    (http.test_the_letter_case_of_header_names_does_not_matter, ("speech", "json"), ExactHeaders),
    (http.test_spellings_of_the_media_type_do_not_matter, ("transcriptions", "multipart"), ExactMediaType),
    (meanings.test_spellings_of_the_json_body_do_not_matter, ("speech",), NoEscapes),
    (meanings.test_text_of_any_kind_arrives_unchanged, ("speech", "json"), Normalised),
    (meanings.test_text_of_any_kind_arrives_unchanged, ("translations", "multipart"), Trimmed),
    (meanings.test_both_forms_lead_to_the_same_call, ("transcriptions",), ForgetfulJson),
    (meanings.test_requests_of_all_kinds_at_once_get_their_own_answers, (), MixedUp),
    (schema.test_no_drawn_request_is_answered_with_a_5xx, ("transcriptions", "json"), Crashing),
    (schema.test_every_200_has_the_shape_of_the_schema, ("translations", "multipart"), NoRequestId),
    (schema.test_drawn_requests_that_are_valid_are_served, ("speech", "json"), Choosy),
    (schema.test_drawn_requests_with_one_plain_fault_are_refused, ("speech",), Lenient),
]
NAMES = [f"{check.__name__.removeprefix('test_')}-{fault.__name__}" for check, _, fault in RED]


@pytest.mark.parametrize(("check", "arguments", "fault"), RED, ids=NAMES)
def test_a_check_turns_red_on_its_fault(check: Check, arguments: tuple[str, ...], fault: type[SmallGateway]) -> None:
    """One fault, found at standard effort, with an exchange that shows it."""
    with served(fault(), examples=25) as judging, pytest.raises(Violated) as caught:
        check(judging, *arguments)
    assert all(finding.exchanges for finding in caught.value.findings)


@pytest.mark.parametrize(("check", "arguments"), [entry[:2] for entry in RED], ids=NAMES)
def test_a_check_stays_green_without_a_fault(check: Check, arguments: tuple[str, ...]) -> None:
    """The small gateway keeps the contract in ways of its own: 404 for unknown keys, minimal errors, a lenient provider."""
    with served(SmallGateway(), examples=25, seed=1) as judging:
        check(judging, *arguments)


def test_failures_are_shrunk_to_what_matters() -> None:
    """Of the request that shows a dropped temperature, or a fault in the model, little else is left."""
    with served(Crashing(), examples=25) as judging, pytest.raises(Violated) as caught:
        schema.test_no_drawn_request_is_answered_with_a_5xx(judging, "transcriptions", "json")
    assert min(len(finding.exchanges[-1].request.body) for finding in caught.value.findings) < 40
