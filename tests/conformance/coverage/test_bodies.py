"""Bodies are read as leniently as the most lenient gateway reads them, and never make the reader stumble."""

import pytest

from conformance.coverage.bodies import media_type, read_form, read_json
from conformance.http.bodies import Body, Upload, json_body, multipart_body
from conformance.http.exchange import Request


def request(body: Body) -> Request:
    return Request("POST", "http://127.0.0.1:1/x", (("Content-Type", body.content_type),), body.data)


def test_the_media_type_is_read_without_its_parameters() -> None:
    """In lower case; empty where there is none."""
    assert media_type(request(Body(b"", "Multipart/Form-Data; boundary=x"))) == "multipart/form-data"
    assert media_type(Request("POST", "http://127.0.0.1:1/x")) == ""


@pytest.mark.parametrize("data", [b"", b"[1]", b'"x"', b"{", b"[" * 100_000])
def test_what_is_no_object_has_no_members(data: bytes) -> None:
    """However deep it is nested."""
    assert read_json(request(Body(data, "application/json"))) is None
    assert read_json(request(json_body({"a": 1}))) == {"a": 1}


def test_the_parts_of_a_form_are_read_by_name_with_repeats_in_order() -> None:
    """A file is a text as well; names with and without quotes."""
    body = multipart_body([("a", "1"), ("file", Upload(b"\xffRIFF")), ("a", "2")])
    bare = Body(b"--x\r\nContent-Disposition: form-data; name=b\r\n\r\n3\r\n--x--", 'multipart/form-data; boundary="x"')

    assert read_form(request(body)) == {"a": ["1", "2"], "file": ["\ufffdRIFF"]}
    assert read_form(request(bare)) == {"b": ["3"]}


@pytest.mark.parametrize(
    "body",
    [Body(b"--x\r\n", "multipart/form-data"), Body(b"nothing of the kind", "multipart/form-data; boundary=x")],
    ids=["no-boundary", "no-delimiter"],
)
def test_what_is_no_form_has_no_parts(body: Body) -> None:
    """It counts as unreadable."""
    assert read_form(request(body)) is None
