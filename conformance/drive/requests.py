"""The one way to make a valid request: whatever a check sends is valid but for what the check says.

A field or an upload given as `OMIT` is left out. Which operations there are, what they take and where they stand is the
contract's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Any, Final

from conformance import contracts
from conformance.contracts import Contract
from conformance.drive.case import Case
from conformance.errors import NotVerified
from conformance.http.bodies import Body, Upload, json_body, transcript_json, transcript_multipart
from conformance.http.exchange import Exchange, Headers, Request

Make = Callable[[Case, str, str], Request]
"""Makes a request of an operation in an encoding."""


class Omit(Enum):
    """The type of `OMIT`."""

    OMIT = "omitted"

    def __str__(self) -> str:
        return self.value


OMIT: Final = Omit.OMIT
"""In place of a value: send none."""


def _in_any_contract(wanted: Callable[[Contract, str], bool]) -> list[tuple[str, str]]:
    """The operations of all contracts that ship, in each of their encodings, once each."""
    known = [contracts.load(name) for name in contracts.names()]
    pairs = (
        (route, encoding)
        for contract in known
        for route, operation in contract.operations.items()
        if wanted(contract, route)
        for encoding in operation.encodings
    )
    return list(dict.fromkeys(pairs))


# What checks are parametrised with. A run leaves out those that its contract lacks.
OPERATIONS_AND_ENCODINGS = _in_any_contract(lambda *_: True)
TRANSCRIPTS = _in_any_contract(lambda contract, route: not contract.operations[route].gives_audio)
OPERATIONS = tuple(dict.fromkeys(route for route, _ in OPERATIONS_AND_ENCODINGS))
TRANSCRIPT_OPERATIONS = tuple(dict.fromkeys(route for route, _ in TRANSCRIPTS))
TRANSCRIPT_ENCODINGS = tuple(dict.fromkeys(form for _, form in TRANSCRIPTS))
IN_JSON = [(route, form) for route, form in OPERATIONS_AND_ENCODINGS if form == "json"]
TRANSCRIPTS_IN_JSON = [(route, form) for route, form in TRANSCRIPTS if form == "json"]


def model_key(case: Case, route: str, face: str = "openai") -> str:
    """The gateway's model key for an operation at one of the provider's faces.

    One whose answers the gateway makes itself, where the requirement is about those. Raises NotVerified where the target
    declares none.
    """
    operation = case.contract.operations[route]
    if transformed := case.transformed_key(route):
        return transformed
    if face == "openai":
        return case.model_keys(operation.capability)[0]
    models = case.target.models
    key = models.azure_speech if operation.capability == "speech" else models.azure_transcription
    if key is None or key == getattr(models.without_deployment, operation.operation):
        raise NotVerified(f"declare an Azure model whose cluster has a deployment for {route}")
    return key


def valid_fields(case: Case, route: str, *, face: str = "openai", **changes: Any) -> dict[str, Any]:
    """The fields of a valid request but for `changes`, without a recording. Raises NotVerified as `model_key` does."""
    operation = case.contract.operations[route]
    fields = {"model": changes["model"] if "model" in changes else model_key(case, route, face)}
    if operation.takes_text:
        fields |= {operation.content_field: case.text, "voice": case.voice}
    return {name: value for name, value in {**fields, **changes}.items() if value is not OMIT}


def valid_body(
    case: Case, route: str, form: str = "", *, face: str = "openai", upload: Upload | Omit | None = None, **changes: Any
) -> Body:
    """The body of a valid request; without `form` in the operation's plain encoding.

    `upload` is sent in place of the case's own recording.
    """
    operation = case.contract.operations[route]
    fields = valid_fields(case, route, face=face, **changes)
    if operation.takes_text:
        return json_body(fields)
    build = transcript_json if (form or operation.plain_encoding) == "json" else transcript_multipart
    return build(None if upload is OMIT else upload or case.upload(), fields)


def valid_request(case: Case, route: str, form: str = "", *, token: str | None = None, **changes: Any) -> Request:
    """A valid request, under another token where one is given; `face`, `upload` and fields as for `valid_body`."""
    return case.request(route, valid_body(case, route, form, **changes), token=token)


def ask(case: Case, route: str, form: str = "", *, limited: bool = False, **changes: Any) -> Exchange:
    """Sends what `valid_request` makes. `limited`: a 429 is taken as it comes, and not waited for."""
    return case.send(valid_request(case, route, form, **changes), limited=limited)


def marker_in_text(case: Case, route: str) -> dict[str, Any]:
    """The field that carries the case's marker in a text: nothing for operations whose content is one already.

    By it the call of a transcript is found even where a gateway spoils the upload and renames it.
    """
    return {} if case.contract.operations[route].takes_text else {"prompt": case.marker}


def with_model(case: Case, route: str, form: str, model: object) -> Request:
    """A request that is valid but for its model."""
    return valid_request(case, route, form, model=model)


def without_content(case: Case, route: str, form: str, **changes: Any) -> Request:
    """A request that is valid but for its content: no text to speak, no recording to hear."""
    operation = case.contract.operations[route]
    lacking = {operation.content_field: OMIT} if operation.takes_text else {"upload": OMIT}
    return valid_request(case, route, form, **{**lacking, **changes})


def with_header(request: Request, name: str, value: str | None) -> Request:
    """The request with another value of a header, or (None) without it."""
    others: Headers = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
    return replace(request, headers=others if value is None else ((name, value), *others))


def with_token(request: Request, token: str) -> Request:
    """The very same request, byte by byte, under another token."""
    return with_header(request, "Authorization", f"Bearer {token}")


def other_token(case: Case, route: str) -> str | None:
    """The token with quotas per request, where one is declared and the case's own request is within them."""
    quotas = case.target.limited_tokens.per_request
    if quotas is None:
        return None
    takes_text = case.contract.operations[route].takes_text
    most = quotas.max_characters if takes_text else quotas.max_upload_bytes
    size = len(case.text) if takes_text else len(case.upload().data)
    return quotas.token if most is None or size <= most else None
