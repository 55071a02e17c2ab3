"""Forms of every layout are read by an independent parser as just the parts that were meant."""

from __future__ import annotations

import io
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from multipart import MultipartParser, parse_options_header

from conformance.generated.forms import NAME_STYLES, Layout, assemble, boundaries, is_unambiguous, look_alikes
from conformance.generated.meaning import recording
from conformance.generated.strategies import contents, file_names, in_case, letter_cases
from conformance.http.bodies import Upload

LAYOUTS = st.builds(Layout, boundary=boundaries(), quoted=st.booleans(), name_style=st.sampled_from(list(NAME_STYLES)))


@settings(max_examples=200, deadline=None)
@given(LAYOUTS, contents(), file_names(tame=False))
def test_a_form_holds_its_parts(layout: Layout, content: bytes, name: str) -> None:
    """Whatever the boundary and the name, text and bytes are read back unchanged."""
    upload = Upload(recording("mark", content), name, "audio/wav")
    parts = [("prompt", "mark"), ("file", upload)]
    if not is_unambiguous(parts, layout):
        return
    body = assemble(parts, layout)
    _, options = parse_options_header(body.content_type)
    read = {part.name: part.raw for part in MultipartParser(io.BytesIO(body.data), options["boundary"])}
    assert read == {"prompt": b"mark", "file": upload.data}
    assert len(options["boundary"]) <= 70


@settings(max_examples=200, deadline=None)
@given(boundaries().filter(lambda boundary: len(boundary) > 2), st.data())
def test_a_look_alike_is_no_delimiter(boundary: str, data: st.DataObject) -> None:
    """Joined in any way, what is let through holds no line that begins like the delimiter."""
    content = b"".join(data.draw(st.lists(st.sampled_from(look_alikes(boundary)), max_size=6)))
    if is_unambiguous([("file", Upload(content))], Layout(boundary=boundary)):
        lines = (b"\n" + content.replace(b"\r", b"\n")).split(b"\n")
        assert not any(line.startswith(b"--" + boundary.encode()) for line in lines)


@given(letter_cases())
def test_letter_case_changes_nothing_else(pattern: tuple[bool, ...]) -> None:
    """A word in another letter case is the same word."""
    assert in_case("Content-Type", pattern).lower() == "content-type"


@settings(max_examples=200, deadline=None)
@given(file_names(tame=False))
def test_no_file_name_has_control_characters(name: str) -> None:
    """They may be refused: those that are sent have a requirement of their own."""
    assert [char for char in name if unicodedata.category(char) == "Cc"] == []


def test_recordings_are_told_apart_and_hold_their_content() -> None:
    """Two markers give two recordings even of the same content, and the content stands in it byte by byte."""
    one, other = recording("mark1", b"\r\n--x"), recording("mark2", b"\r\n--x")
    assert one != other
    assert one.endswith(b"\r\n--x")
