"""Malformed and edge-case requests: a client's fault that the gateway can see is never a server error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import (
    OMIT,
    OPERATIONS,
    OPERATIONS_AND_ENCODINGS,
    TRANSCRIPT_OPERATIONS,
    ask,
    valid_fields,
    with_header,
    with_model,
)
from conformance.errors import Blocked
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.statuses import status_is
from conformance.samples.malformed import (
    FORM_PARTS,
    FRAMINGS,
    JSON_MEMBERS,
    WHOLE_FORM,
    WHOLE_JSON,
    file_part,
    odd_form,
    odd_framing,
    odd_json,
    part,
    transcript_members,
)


@each("route", OPERATIONS, "robustness.{route}.json-odd")
@pytest.mark.parametrize("kind", JSON_MEMBERS)
def test_odd_json_without_required_fields_is_the_clients_fault(case: Case, route: str, kind: str) -> None:
    """Model and input, or audio, are missing, so nothing may be served either."""
    exchange = case.post(route, odd_json(kind, {}))
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("client-fault"),
            because=f"{route}: odd JSON without its required fields ({kind})",
        )
    )


@each("route", OPERATIONS, "robustness.{route}.json-odd-whole")
@pytest.mark.parametrize("kind", WHOLE_JSON)
def test_odd_json_is_no_server_error(case: Case, route: str, kind: str) -> None:
    takes_text = case.contract.operations[route].takes_text
    fields = valid_fields(case, route) if takes_text else transcript_members(case.transcription_model, case.upload())
    if kind == "long-voice":
        fields.pop("voice", None)
    exchange = case.post(route, odd_json(kind, fields))
    case.judge(_own_failure(case, exchange, because=f"{route}: a valid request with odd JSON ({kind})"))


@each("route", TRANSCRIPT_OPERATIONS, "robustness.{route}.form-odd")
@pytest.mark.parametrize("kind", FORM_PARTS)
def test_an_odd_form_without_a_model_is_the_clients_fault(case: Case, route: str, kind: str) -> None:
    exchange = case.post(route, odd_form(FORM_PARTS[kind] + file_part(case.upload())))
    case.judge(
        status_is(
            exchange, case.contract.statuses("client-fault"), because=f"{route}: an odd form without a model ({kind})"
        )
    )


@each("route", TRANSCRIPT_OPERATIONS, "robustness.{route}.form-odd-whole")
@pytest.mark.parametrize("kind", WHOLE_FORM)
def test_an_odd_form_is_no_server_error(case: Case, route: str, kind: str) -> None:
    model = part("model", case.transcription_model.encode())
    exchange = case.post(route, odd_form(model + FORM_PARTS[kind] + file_part(case.upload())))
    case.judge(_own_failure(case, exchange, because=f"{route}: a valid form with something odd ({kind})"))


@each("route", TRANSCRIPT_OPERATIONS, "robustness.{route}.form-odd-whole")
def test_a_long_file_name_is_no_server_error(case: Case, route: str) -> None:
    upload = replace(case.upload(), file_name=f"{case.marker}{'-take' * 100}.wav")
    exchange = ask(case, route, upload=upload)
    case.judge(
        _own_failure(case, exchange, because=f"{route}: a file name of {len(upload.file_name or '')} characters")
    )


@each("route", TRANSCRIPT_OPERATIONS, "robustness.{route}.form-framing")
@pytest.mark.parametrize("kind", FRAMINGS)
def test_an_oddly_framed_form_without_a_model_is_the_clients_fault(case: Case, route: str, kind: str) -> None:
    exchange = case.post(route, odd_framing(kind, case.upload()))
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("client-fault"),
            because=f"{route}: a form without a model, oddly framed ({kind})",
        )
    )


# Model names that no gateway knows, of a kind that look-ups, logs and paths are known to fail on.
_ODD_MODELS = {
    "long": "m" * 100_000,
    "nul": "tts\x001",
    "path": "../../../etc/passwd",
    "format-string": "%s%n{0}{model}${jndi:x}",
    "not-ascii": "m\u00f6d\u00e9l-\u6a21\u578b-\U0001f600",
    "white-space": " \t\r\n ",
    "line-break": "tts-1\r\nX-Injected: 1",
}


@each("route, form", OPERATIONS_AND_ENCODINGS, "robustness.{route}.model-name")
@pytest.mark.parametrize("kind", _ODD_MODELS)
def test_an_odd_model_name_is_the_clients_fault(case: Case, route: str, form: str, kind: str) -> None:
    exchange = case.send(with_model(case, route, form, _ODD_MODELS[kind]))
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("unknown-model"),
            because=f"{route} ({form}) with an odd, unknown model name ({kind})",
        )
    )


# Headers that are not part of the contract; none of them is a reason to fail.
_ODD_HEADERS = {
    "content-encoding-false": ("Content-Encoding", "gzip"),
    "content-encoding-unknown": ("Content-Encoding", "no-such-coding"),
    "accept-nonsense": ("Accept", ";;q=,/"),
    "accept-other": ("Accept", "image/png"),
    "accept-encoding-nonsense": ("Accept-Encoding", "no-such-coding;q=oops"),
    "accept-language-nonsense": ("Accept-Language", ";;;"),
    "range": ("Range", "bytes=5-1"),
    "if-match": ("If-Match", '"no-such-tag"'),
    "cookie-nonsense": ("Cookie", "=;=;"),
    "forwarded-nonsense": ("X-Forwarded-For", "not an address, , ;"),
    "request-id-long": ("X-Request-Id", "r" * 2000),
    "traceparent-nonsense": ("traceparent", "00-zz-zz-01"),
    "not-ascii": ("X-Odd", "gr\u00fc\u00dfe"),
}


@each("route", OPERATIONS, "robustness.{route}.headers-odd")
@pytest.mark.parametrize("kind", _ODD_HEADERS)
def test_an_odd_header_is_no_server_error(case: Case, route: str, kind: str) -> None:
    """The model is missing, so that nothing reaches the provider whatever the header does."""
    request = with_model(case, route, case.contract.operations[route].other_encoding, OMIT)
    exchange = _through(case.send(with_header(request, *_ODD_HEADERS[kind])))
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("not-server-error"),
            because=f"{route} without a model and with an odd header ({kind})",
        )
    )


@each("route", OPERATIONS, "robustness.{route}.query-odd")
@pytest.mark.parametrize("query", ["%ff%fe", "a=%zz&&=&;", "model=tts-1&model=", "x" * 3000])
def test_an_odd_query_string_is_no_server_error(case: Case, route: str, query: str) -> None:
    request = with_model(case, route, case.contract.operations[route].other_encoding, OMIT)
    exchange = _through(case.send(replace(request, url=f"{request.url}?{query}")))
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("not-server-error"),
            because=f"{route} without a model and with an odd query string",
        )
    )


def _through(exchange: Exchange) -> Exchange:
    """The exchange, unless the HTTP server in front kept the request from the gateway: that is not judged."""
    if exchange.answer is None:
        raise Blocked("the request did not get through to the gateway", exchange)
    return exchange


def _own_failure(case: Case, exchange: Exchange, *, because: str) -> Finding | None:
    """A server error, unless the provider was asked and refused: then the gateway may answer as for that."""
    finding = status_is(exchange, case.contract.statuses("not-server-error"), because=because)
    if (
        finding
        and exchange.status in case.contract.statuses("provider-refusal")
        and any(call.response and call.response.is_error for call in case.calls())
    ):
        return None
    return finding
