"""`openapi.yaml` is valid, complete, true to its own examples, and accuses no conforming gateway."""

from __future__ import annotations

import base64
import io
import wave
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from conformance.contracts import openapi

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = openapi.Document(openapi.shipped_path()).load()
OPERATIONS = {
    "createSpeech": "/audio/speech",
    "createTranscription": "/audio/transcriptions",
    "createTranslation": "/audio/translations",
}
BOTH_FORMS = {"multipart/form-data", "application/json"}
AUDIO_NAMES = {
    "audio/mpeg", "audio/mp3", "audio/ogg", "audio/opus", "audio/aac", "audio/flac", "audio/x-flac",
    "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/pcm", "audio/L16",
}  # fmt: skip
REQUIRED = {"model": "m", "input": "Hello", "file": "bytes", "audio": {"data": "UklGRg=="}}
REQUEST_SCHEMAS = [
    "SpeechRequest",
    "TranscriptionForm",
    "TranscriptionRequest",
    "TranslationForm",
    "TranslationRequest",
]


def resolved(node: Any) -> Any:
    """Follow a local `$ref`; anything else is its own target."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def operation(path: str) -> dict[str, Any]:
    return DOCUMENT["paths"][path]["post"]


def validator(schema: Any, document: dict[str, Any] = DOCUMENT) -> Draft202012Validator:
    """A validator that finds the document's components, wherever the schema stands in it."""
    return Draft202012Validator({"components": document["components"], "allOf": [schema]})


def named(schema: str, document: dict[str, Any] = DOCUMENT) -> Draft202012Validator:
    return validator({"$ref": f"#/components/schemas/{schema}"}, document)


def media_examples() -> Iterator[Any]:
    """Every example of a body, of requests and of answers."""
    for name, path in OPERATIONS.items():
        bodies = {"request": operation(path)["requestBody"]} | operation(path)["responses"]
        for place, body in bodies.items():
            for media_type, content in resolved(body)["content"].items():
                for title, example in content.get("examples", {}).items():
                    yield pytest.param(content["schema"], example["value"], id=f"{name}-{place}-{media_type}-{title}")


def schema_examples(node: Any = DOCUMENT, place: str = "") -> Iterator[Any]:
    """Every `examples` list that stands inside a schema."""
    if isinstance(node, dict):
        for number, example in enumerate(node["examples"] if isinstance(node.get("examples"), list) else []):
            yield pytest.param(node, example, id=f"{place}-{number}")
        for key, value in node.items():
            yield from schema_examples(value, f"{place}/{key}")


def test_the_document_is_valid_openapi_3_1() -> None:
    """openapi-spec-validator has nothing to say, and the document calls itself 3.1."""
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_there_are_the_three_operations_and_no_more() -> None:
    """Each route has one operation, a POST, under the name that generated clients get."""
    found = {details["operationId"]: path for path, item in DOCUMENT["paths"].items() for details in item.values()}
    assert found == OPERATIONS
    assert all(set(item) == {"post"} for item in DOCUMENT["paths"].values())
    assert [server["url"] for server in DOCUMENT["servers"]] == ["/api/client/v1", "{origin}/api/client/v1"]


@pytest.mark.parametrize("path", OPERATIONS.values())
def test_every_answer_is_described(path: str) -> None:
    """The statuses of the contract and the rulings, each with a request id, each error with an envelope to read."""
    responses = operation(path)["responses"]
    assert set(responses) == {"200", "400", "401", "413", "429", "4XX", "500", "503"}
    for status, response in responses.items():
        assert "X-Request-Id" in resolved(response)["headers"]
        if status != "200":
            content = resolved(response)["content"]
            assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorAnswer"}
            assert content["application/json"]["examples"]
    assert "Retry-After" in resolved(responses["429"])["headers"]


def test_audio_comes_under_every_accepted_name_with_its_headers() -> None:
    """All thirteen media types; Content-Length and X-Request-Id are promised with audio."""
    answer = resolved(operation("/audio/speech")["responses"]["200"])
    assert set(answer["content"]) == AUDIO_NAMES
    assert {name: resolved(header)["required"] for name, header in answer["headers"].items()} == {
        "X-Request-Id": True,
        "Content-Length": True,
    }


@pytest.mark.parametrize("path", ["/audio/transcriptions", "/audio/translations"])
def test_both_forms_are_described_with_examples(path: str) -> None:
    """The upload and the base64 body, each with an example of the least and of the most one can send."""
    content = operation(path)["requestBody"]["content"]
    assert set(content) == BOTH_FORMS
    for body in content.values():
        assert set(body["examples"]) == {"shortest", "everything"}
        documented = resolved(body["schema"])["properties"]
        assert set(body["examples"]["everything"]["value"]) == set(documented)


def test_the_token_is_asked_for_everywhere() -> None:
    """Bearer security holds for the whole document and no operation lifts it."""
    assert DOCUMENT["security"] == [{"bearerAuth": []}]
    scheme = DOCUMENT["components"]["securitySchemes"]["bearerAuth"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert all("security" not in operation(path) for path in OPERATIONS.values())


@pytest.mark.parametrize(("schema", "example"), [*media_examples(), *schema_examples()])
def test_every_example_is_valid(schema: Any, example: Any) -> None:
    """An example that its own schema refuses would teach clients a wrong request."""
    validator(schema).validate(example)


def test_the_examples_carry_a_real_recording() -> None:
    """The file of the form and the data of the JSON body are the same WAV, so examples can be sent as they stand."""
    content = operation("/audio/transcriptions")["requestBody"]["content"]
    form = content["multipart/form-data"]["examples"]["shortest"]["value"]["file"].encode()
    data = base64.b64decode(
        content["application/json"]["examples"]["shortest"]["value"]["audio"]["data"], validate=True
    )
    assert form == data
    with wave.open(io.BytesIO(form)) as recording:
        assert recording.getnframes() > 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"model": "tts-1"},
        {"input": "Hello"},
        {"model": "tts-1", "input": ""},
        {"model": "", "input": "Hello"},
        {"model": "tts-1", "input": 7},
        {"model": None, "input": "Hello"},
        [],
        "Hello",
    ],
)
def test_what_must_be_refused_is_invalid(body: Any) -> None:
    """Required fields missing, null, empty or of another type: the schema says so too."""
    assert not named("SpeechRequest").is_valid(body)


@pytest.mark.parametrize(
    ("schema", "fields"),
    [
        ("SpeechRequest", {"model", "input"}),
        ("TranscriptionForm", {"model", "file"}),
        ("TranscriptionRequest", {"model", "audio"}),
        ("TranslationForm", {"model", "file"}),
        ("TranslationRequest", {"model", "audio"}),
    ],
)
def test_the_required_fields_suffice_and_none_can_be_left_out(schema: str, fields: set[str]) -> None:
    """The two required fields of each body make a valid request together, and neither does alone."""
    body = {field: REQUIRED[field] for field in fields}
    assert named(schema).is_valid(body)
    for field in fields:
        assert not named(schema).is_valid({key: value for key, value in body.items() if key != field})


@pytest.mark.parametrize("wrong", [{}, {"data": ""}, {"data": None}, {"data": 7}, "bytes", None, []])
@pytest.mark.parametrize("schema", ["TranscriptionRequest", "TranslationRequest"])
def test_a_wrong_audio_object_is_invalid(schema: str, wrong: Any) -> None:
    """The `audio` object needs `data`, a non-empty string."""
    assert not named(schema).is_valid({"model": "whisper-1", "audio": wrong})


@pytest.mark.parametrize("value", ["midi", "", "MP3", None, 7, ["mp3"], {}])
def test_an_unlisted_audio_format_is_valid_and_must_be_taken(value: Any) -> None:
    """To ignore an invalid `response_format` is what the contract asks: it is valid, and stays so when narrowed."""
    body = {"model": "tts-1", "input": "Hello", "response_format": value}
    assert named("SpeechRequest").is_valid(body)
    assert named("SpeechRequest", openapi.Document(openapi.shipped_path()).load_promised()).is_valid(body)


OPEN_FIELDS = [
    (name, field)
    for name in REQUEST_SCHEMAS
    for field in DOCUMENT["components"]["schemas"][name]["properties"]
    if field not in {"model", "input", "file", "audio"} and (name, field) != ("SpeechRequest", "response_format")
]


@pytest.mark.parametrize(("schema", "field"), OPEN_FIELDS)
def test_an_optional_field_of_another_kind_is_neither_promised_nor_forbidden(schema: str, field: str) -> None:
    """200 or 400: valid in the contract, so not "must be refused"; invalid when narrowed, so not "must be taken"."""
    body = REQUIRED | {field: {"another": "kind"}}
    assert named(schema).is_valid(body)
    assert not named(schema, openapi.Document(openapi.shipped_path()).load_promised()).is_valid(body)


@pytest.mark.parametrize("schema", REQUEST_SCHEMAS)
def test_unknown_fields_are_valid(schema: str) -> None:
    """A field that nobody documents should be ignored, so it cannot make a request invalid."""
    assert named(schema).is_valid(REQUIRED | {"colour": "green", "language": "en", "stream": False})


@pytest.mark.parametrize(
    "answer",
    [
        {"text": "", "request_id": "1", "usage": {"type": "duration", "seconds": 1}},
        {"text": "Hello", "request_id": "1", "words": None, "task": "transcribe"},
        {"text": "Hello", "request_id": "1", "duration": 1, "segments": [{"start": 0, "end": 1, "tokens": [1]}]},
    ],
)
def test_a_transcript_with_more_members_is_valid(answer: Any) -> None:
    """Gateways may add to a transcript."""
    schema = resolved(operation("/audio/transcriptions")["responses"]["200"])["content"]["application/json"]["schema"]
    assert validator(schema).is_valid(answer)


@pytest.mark.parametrize(
    "answer", [{"text": "Hello"}, {"request_id": "1"}, {"text": "Hello", "request_id": ""}, "Hello"]
)
def test_a_transcript_without_its_two_members_is_invalid(answer: Any) -> None:
    """`text` and a non-empty `request_id`, whatever the format."""
    schema = resolved(operation("/audio/translations")["responses"]["200"])["content"]["application/json"]["schema"]
    assert not validator(schema).is_valid(answer)


@pytest.mark.parametrize("body", [{"error": "no"}, {"detail": "no"}, "no", None])
def test_an_error_in_other_words_is_valid(body: Any) -> None:
    """The envelope is a SHOULD, so the document does not call another body wrong."""
    assert named("ErrorAnswer").is_valid(body)


def test_load_gives_copies_that_share_nothing() -> None:
    """A reader may edit what it loaded without changing what the next one gets."""
    first = openapi.Document(openapi.shipped_path()).load()
    first["paths"]["/audio/transcriptions"]["post"]["responses"].clear()
    assert first["paths"]["/audio/translations"]["post"]["responses"]
    assert openapi.Document(openapi.shipped_path()).load() == DOCUMENT
