"""Parameters of header values: what is read, and how the work grows on input made to waste it."""

import asyncio

import pytest

from mock_upstreams.serving.bodies import read_body
from mock_upstreams.serving.dispositions import names_of
from mock_upstreams.serving.header_values import Value, parameters
from tests.mock_upstreams.counting import grows_linearly

READ = {
    'form-data; name="file"; filename=a.mp3': {"name": Value("file", True), "filename": Value("a.mp3", False)},
    'form-data; NAME = "a" ;': {"name": Value("a", True)},
    'form-data; name="in"ner; no end"; x="1"': {"name": Value('in"ner; no end', True), "x": Value("1", True)},
    'form-data; name="never closed; x=1': {"name": Value('"never closed', False), "x": Value("1", False)},
    'form-data; name=""; x=': {"name": Value("", True), "x": Value("", False)},
    "multipart/form-data;\tboundary=----=_Part_1": {"boundary": Value("----=_Part_1", False)},
    "form-data; ; =; a; b=c": {"b": Value("c", False)},
    "form-data": {},
}


@pytest.mark.parametrize("header", READ)
def test_parameters(header):
    """Quoted, bare, with quotes inside, never closed; what is no parameter is passed over."""
    assert dict(parameters(header)) == READ[header]


WASTE = {
    "a quoted value that never closes, again and again": '; a=""b',
    "semicolons": ";",
    "quotes": '"',
    "quotes that might close": '" ;',
    "opened values": '; a="',
    "closed and open in turn": '; a="b" c',
    "keys without a value": "; key",
    "white space": " ",
    "white space around separators": " ; \t",
    "white space after a quote": '"    ',
    "equals": "=",
    "backslashes": '\\"',
    "percent": "%2",
}


@pytest.mark.parametrize("kind", WASTE)
@pytest.mark.parametrize("start", ["form-data; name=", 'form-data; name="', "form-data", "form-data; filename*="])
def test_the_scanner_is_linear(kind, start):
    """Four times the header, four times the steps."""
    assert grows_linearly(lambda size: names_of(start + WASTE[kind] * size), 100)


@pytest.mark.parametrize("kind", WASTE)
def test_a_whole_body_is_linear_in_its_headers(kind):
    """The same in a part's header and in a Content-Type, through the parser of the form."""

    def read(size):
        part = "--b\r\nContent-Disposition: form-data; name=" + WASTE[kind] * size + "\r\n\r\nx\r\n--b--\r\n"

        async def piece():
            return part.encode(), False

        asyncio.run(
            read_body(piece, "multipart/form-data; boundary=b; x=" + WASTE[kind] * size, most=10**6, keep_raw=False)
        )

    assert grows_linearly(read, 100)
