"""Content-Type and Content-Disposition in the spellings of real clients."""

import pytest

from reference_server.decoding.header_values import names, parse

NAMES = {
    "plain": ('form-data; name="file"; filename="a.wav"', "a.wav"),
    "bare": ("form-data; name=file; filename=a.wav", "a.wav"),
    "upper case": ('Form-Data; NAME="file"; FILENAME="a.wav"', "a.wav"),
    "no blanks": ('form-data;name="file";filename="a.wav"', "a.wav"),
    "raw UTF-8": ('form-data; name="file"; filename="Привет 👋.wav"', "Привет 👋.wav"),
    "semicolon inside": ('form-data; name="file"; filename="a;b=c.wav"', "a;b=c.wav"),
    "percent quote, as browsers write it": ('form-data; name="file"; filename="a%22b.wav"', 'a"b.wav'),
    "percent newline": ('form-data; name="file"; filename="a%0D%0Ab.wav"', "a\r\nb.wav"),
    "other percent signs stay": ('form-data; name="file"; filename="100%25.wav"', "100%25.wav"),
    "escaped quote, as older curl writes it": (r'form-data; name="file"; filename="a\"b.wav"', 'a"b.wav'),
    "doubled backslash, as httpx writes it": (r'form-data; name="file"; filename="a\\b.wav"', r"a\b.wav"),
    "single backslash, as browsers write it": (r'form-data; name="file"; filename="C:\b.wav"', r"C:\b.wav"),
    "backslash at the end": ('form-data; name="file"; filename="a\\"', "a\\"),
    "RFC 5987": ('form-data; name="file"; filename="x"; filename*=UTF-8\'\'na%C3%AFve.wav', "naïve.wav"),
    "RFC 5987 alone": ("form-data; name=\"file\"; filename*=utf-8'en'a.wav", "a.wav"),
    "RFC 5987 in Latin-1": ("form-data; name=\"file\"; filename*=iso-8859-1'en'na%EFve.wav", "naïve.wav"),
    "RFC 5987 that is broken": ('form-data; name="file"; filename="x"; filename*=utf-8\'\'%ff', "x"),
    "RFC 5987 in a charset of Python's": (
        'form-data; name="file"; filename="x"; filename*=unicode_escape\'\'%5Cud8',
        "x",
    ),
    "empty": ('form-data; name="file"; filename=""', ""),
    "none": ('form-data; name="file"', None),
    "path": ('form-data; name="file"; filename="../../etc/passwd"', "../../etc/passwd"),
}


@pytest.mark.parametrize(("value", "expected"), NAMES.values(), ids=NAMES.keys())
def test_a_file_name_is_read_as_it_was_meant(value: str, expected: str | None) -> None:
    """Whatever the client's way of quoting, the part keeps its name and the file its own."""
    assert names(value) == ("form-data", "file", expected)


@pytest.mark.parametrize(
    ("value", "head", "boundary"),
    [
        ("multipart/form-data; boundary=abc", "multipart/form-data", "abc"),
        ('Multipart/Form-Data; charset=utf-8; Boundary="a;b c"', "multipart/form-data", "a;b c"),
        ("multipart/form-data; boundary=----=_Part_1; charset=utf-8", "multipart/form-data", "----=_Part_1"),
        ("multipart/form-data; boundary=(a/b:c)", "multipart/form-data", "(a/b:c)"),
        ("multipart/form-data", "multipart/form-data", None),
        ("application/json;charset=UTF-8", "application/json", None),
        ("", "", None),
    ],
)
def test_a_content_type_is_split(value: str, head: str, boundary: str | None) -> None:
    """The head in lower case, the boundary exactly."""
    found, parameters = parse(value)
    assert (found, parameters.get("boundary")) == (head, boundary)
