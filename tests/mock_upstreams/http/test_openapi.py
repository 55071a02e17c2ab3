"""The document of the control API lists what there is, is valid, and its examples work as they stand."""

import httpx
import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mock_upstreams.acts import Act
from mock_upstreams.control.api import control_app
from mock_upstreams.control.examples import RELEASES, SCRIPTS
from mock_upstreams.control.openapi import openapi_document
from tests.mock_upstreams.http.running import bench

DOCUMENT = openapi_document("1")
OPERATIONS = {
    (method.upper(), path): operation for path, item in DOCUMENT["paths"].items() for method, operation in item.items()
}


def resolved(schema):
    return {**schema, "components": DOCUMENT["components"]}


def test_it_is_valid_and_served_without_a_token(mock):
    """By the rules of OpenAPI 3.1."""
    served = httpx.get(f"{mock.base_url}/_mock/openapi.json", trust_env=False)
    assert served.status_code == 200
    OpenAPIV31SpecValidator(served.json()).validate()
    assert served.json()["paths"] == DOCUMENT["paths"]


def test_it_lists_every_route():
    """Each route that is served, with its methods, and none beside."""
    served = set()
    for route in control_app(None).routes:
        path = route.path_format
        served |= {(method, path) for method in route.methods if method not in {"OPTIONS", "HEAD"}}
    assert set(OPERATIONS) == served


def test_every_parameter_of_a_path_is_described():
    """And has an example."""
    for (_, path), operation in OPERATIONS.items():
        in_path = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert all("example" in one and one["description"] for one in operation["parameters"] if one["in"] == "path")


def test_the_examples_show_every_field_of_an_act():
    """So that each act can be copied from the document."""
    shown = {name for example in SCRIPTS.values() for name in example["value"]["act"]}
    assert shown == set(Act.__struct_fields__)


WITH_BODY = {key: operation for key, operation in OPERATIONS.items() if "requestBody" in operation}
EXAMPLES = [
    pytest.param(key, name, id=f"{key[1]}-{name}")
    for key, operation in WITH_BODY.items()
    for name in operation["requestBody"]["content"]["application/json"]["examples"]
]


@pytest.fixture(scope="module")
def own():
    """A mock whose state nobody else needs."""
    with bench() as one:
        yield one


@pytest.mark.parametrize(("key", "name"), EXAMPLES)
def test_examples_of_bodies_work(own, key, name):
    """Sent as they stand, they get the documented status and document, and fit their own schema."""
    method, path = key
    media = OPERATIONS[key]["requestBody"]["content"]["application/json"]
    value = media["examples"][name]["value"]
    jsonschema.Draft202012Validator(resolved(media["schema"])).validate(value)
    own.control.put("/gates/checkout").raise_for_status()
    answer = own.control.request(method, path.removeprefix("/_mock").format(name="checkout"), json=value)
    check(OPERATIONS[key], answer)


PLAIN = [key for key in OPERATIONS if key not in WITH_BODY]


@pytest.mark.parametrize("key", PLAIN, ids=" ".join)
def test_requests_without_a_body_work(own, key):
    """With the examples of their parameters, on a mock that has a script, a gate and a call with an upload."""
    method, path = key
    own.control.put("/gates/checkout").raise_for_status()
    script = own.script({"status": 500}, {"marker": "nobody"})["id"]
    own.transcribe(own.synthesize().content)
    position = own.control.get("/journal/position").json()["position"]
    values = {"name": "checkout", "script": script, "position": position}
    check(OPERATIONS[key], own.control.request(method, path.removeprefix("/_mock").format(**values)))


def check(operation, answer):
    """The answer has the documented status, media type and document."""
    assert str(answer.status_code) in operation["responses"], answer.text
    content = operation["responses"][str(answer.status_code)]["content"]
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in content
    if media_type == "application/json":
        jsonschema.Draft202012Validator(resolved(content[media_type]["schema"])).validate(answer.json())


QUERIES = {
    "/_mock/scripts": ({"unused": "true"},),
    "/_mock/gates/{name}": ({"waiting_at_least": "0", "wait_s": "0.1"},),
    "/_mock/journal": (
        {"marker": "x", "any_case": "true", "sha256": "ab", "or_sha256": "ab", "operation": "speech", "since": "0"},
        {
            "model": "tts-1",
            "deployment": "d",
            "face": "azure",
            "state": "answered",
            "unexpected": "false",
            "at_least": "0",
            "wait_s": "1",
        },
    ),
}


@pytest.mark.parametrize("path", QUERIES)
def test_every_parameter_of_a_query_is_listed_and_taken(own, path):
    """All that the document names, and no other."""
    listed = {one["name"] for one in OPERATIONS["GET", path]["parameters"] if one["in"] == "query"}
    assert listed == set().union(*QUERIES[path])
    own.control.put("/gates/checkout").raise_for_status()
    for query in QUERIES[path]:
        answer = own.control.get(path.removeprefix("/_mock").format(name="checkout"), params=query)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", RELEASES)
def test_refusals_fit_their_schema(own, name):
    """A gate that is not there, whatever is to be released."""
    operation = OPERATIONS["POST", "/_mock/gates/{name}/release"]
    answer = own.control.post("/gates/nowhere/release", json=RELEASES[name]["value"])
    assert answer.status_code == 404
    schema = operation["responses"]["4XX"]["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator(resolved(schema)).validate(answer.json())
