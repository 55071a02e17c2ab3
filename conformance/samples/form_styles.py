"""Forms as families of clients write them, and in every spelling that the grammar of forms allows, as data.

All are the same form: RFC 7578 for the parts, RFC 2046 for what is around them, RFC 2045 for parameters. A template of a
part's head has {name}, {file_name}, {media_type} and {size} in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.http.bodies import Body, Upload

_DISPOSITION = 'Content-Disposition: form-data; name="{name}"'
_FILE = _DISPOSITION + '; filename="{file_name}"'
_LINE = "\r\n"


@dataclass(frozen=True, slots=True)
class FormStyle:
    """How a client writes a form: the heads of its parts, its boundary, and how its last line ends."""

    text: str = _DISPOSITION
    file: str = _FILE + _LINE + "Content-Type: {media_type}"
    boundary: str = "conformance-form-style"
    quoted: bool = False
    last_line_end: str = _LINE

    @property
    def content_type(self) -> str:
        quotes = '"' if self.quoted else ""
        return f"multipart/form-data; boundary={quotes}{self.boundary}{quotes}"


def written(parts: Iterable[tuple[str, str | Upload]], style: FormStyle) -> Body:
    """The form in a style."""
    lines: list[bytes] = []
    for name, value in parts:
        lines += [f"--{style.boundary}".encode(), _head(name, value, style), b"", _data(value)]
    lines.append(f"--{style.boundary}--{style.last_line_end}".encode())
    return Body(b"\r\n".join(lines), style.content_type)


def _head(name: str, value: str | Upload, style: FormStyle) -> bytes:
    size = str(len(_data(value)))
    if isinstance(value, Upload):
        given = {"file_name": value.file_name or "", "media_type": value.content_type or ""}
        return style.file.format(name=name, size=size, **given).encode()
    return style.text.format(name=name, size=size).encode()


def _data(value: str | Upload) -> bytes:
    return value.data if isinstance(value, Upload) else value.encode()


_TYPED = "Content-Type: text/plain; charset=utf-8"
_HEX = "4fb5c2a09d7e41b8a3c6f0127d9e58b4"

# What goes over the wire from the clients that most people use; the boundaries are of the same make as theirs.
CLIENTS: Mapping[str, FormStyle] = {
    "dotnet-httpclient": FormStyle(
        text=f"{_TYPED}{_LINE}Content-Disposition: form-data; name={{name}}",
        file="Content-Type: {media_type}" + _LINE + "Content-Disposition: form-data; name={name}; filename={file_name}",
        boundary="b0a7c1d2-5b1e-4c55-9a0e-3f6f0c9d8e77",
        quoted=True,
    ),
    "curl": FormStyle(boundary="------------------------d74496d66958873e"),
    "python-requests": FormStyle(file=_FILE, boundary=_HEX),
    "python-aiohttp": FormStyle(
        text=f"{_TYPED}{_LINE}{_DISPOSITION}", file="Content-Type: {media_type}" + _LINE + _FILE, boundary=_HEX
    ),
    "node-undici": FormStyle(boundary="----formdata-undici-042891577340", last_line_end=""),
    "node-form-data": FormStyle(boundary=f"--------------------------{'7' * 24}"),
    "go-mime-multipart": FormStyle(
        file=_FILE + _LINE + "Content-Type: application/octet-stream", boundary=_HEX[:30] * 2
    ),
    "java-okhttp": FormStyle(
        text=f"{_DISPOSITION}{_LINE}Content-Length: {{size}}",
        file=_FILE + _LINE + "Content-Type: {media_type}" + _LINE + "Content-Length: {size}",
        boundary="0f8fad5b-d9cb-469f-a165-70867728950e",
    ),
    "java-spring": FormStyle(
        text=f"{_DISPOSITION}{_LINE}Content-Type: text/plain;charset=UTF-8{_LINE}Content-Length: {{size}}",
        file=_FILE + _LINE + "Content-Type: {media_type}" + _LINE + "Content-Length: {size}",
        boundary="Yx_8jG3nQhVw-5sKzT0aLr7BcDf",
    ),
    "browser-webkit": FormStyle(boundary="----WebKitFormBoundary7MA4YWxkTrZu0gW"),
    "browser-gecko": FormStyle(boundary="----geckoformboundaryc23b1a5e6f0d4e9798a1b2c3d4e5f607"),
    "browser-gecko-old": FormStyle(boundary=f"---------------------------{'9051914041544843365972754266'}"),
}

# Parameters as tokens, in part or all of them: RFC 2045 makes them equal to quoted ones.
TOKENS: Mapping[str, FormStyle] = {
    "all": FormStyle(
        text="Content-Disposition: form-data; name={name}",
        file="Content-Disposition: form-data; name={name}; filename={file_name}" + _LINE + "Content-Type: {media_type}",
    ),
    "names": FormStyle(
        text="Content-Disposition: form-data; name={name}",
        file='Content-Disposition: form-data; name={name}; filename="{file_name}"'
        + _LINE
        + "Content-Type: {media_type}",
    ),
    "file-names": FormStyle(file=_DISPOSITION + "; filename={file_name}" + _LINE + "Content-Type: {media_type}"),
}

# Orders and spellings that mean nothing: of headers, of parameters, of letters, of blanks.
SPELLINGS: Mapping[str, FormStyle] = {
    "type-first": FormStyle(
        text=f"Content-Type: text/plain{_LINE}{_DISPOSITION}", file="Content-Type: {media_type}" + _LINE + _FILE
    ),
    "file-name-first": FormStyle(
        file='Content-Disposition: form-data; filename="{file_name}"; name="{name}"'
        + _LINE
        + "Content-Type: {media_type}"
    ),
    "lower-case": FormStyle(
        text='content-disposition: form-data; name="{name}"',
        file='content-disposition: form-data; name="{name}"; filename="{file_name}"'
        + _LINE
        + "content-type: {media_type}",
    ),
    "upper-case": FormStyle(
        text='CONTENT-DISPOSITION: FORM-DATA; NAME="{name}"',
        file='CONTENT-DISPOSITION: FORM-DATA; NAME="{name}"; FILENAME="{file_name}"'
        + _LINE
        + "CONTENT-TYPE: {media_type}",
    ),
    "no-blanks": FormStyle(
        text='Content-Disposition:form-data;name="{name}"',
        file='Content-Disposition:form-data;name="{name}";filename="{file_name}"' + _LINE + "Content-Type:{media_type}",
    ),
    "many-blanks": FormStyle(
        text='Content-Disposition:   form-data;  name="{name}" ',
        file='Content-Disposition:  form-data;   name="{name}";   filename="{file_name}" '
        + _LINE
        + "Content-Type:  {media_type} ",
    ),
}

# Headers of a part that say nothing which the form does not; those that are not its own a reader ignores (RFC 7578, 4.8).
PART_HEADERS: Mapping[str, FormStyle] = {
    "charset": FormStyle(text=f"{_DISPOSITION}{_LINE}{_TYPED}"),
    "charset-quoted": FormStyle(text=f'{_DISPOSITION}{_LINE}Content-Type: text/plain; charset="UTF-8"'),
    "plain-type": FormStyle(text=f"{_DISPOSITION}{_LINE}Content-Type: text/plain"),
    "lengths": FormStyle(
        text=f"{_DISPOSITION}{_LINE}Content-Length: {{size}}",
        file=_FILE + _LINE + "Content-Type: {media_type}" + _LINE + "Content-Length: {size}",
    ),
    "others": FormStyle(
        text=f"{_DISPOSITION}{_LINE}X-Part: 1{_LINE}Content-Language: en",
        file=_FILE + _LINE + "Content-ID: <recording@client.example>" + _LINE + "Content-Type: {media_type}",
    ),
}

# Deprecated in forms, harmless in what they say, and sent by older clients all the same.
TRANSFER_ENCODINGS: Mapping[str, FormStyle] = {
    "apache-httpclient": FormStyle(
        text=f"{_DISPOSITION}{_LINE}{_TYPED}{_LINE}Content-Transfer-Encoding: 8bit",
        file=_FILE + _LINE + "Content-Type: {media_type}" + _LINE + "Content-Transfer-Encoding: binary",
        boundary="Zx2kPq-7rT_vB9nM4sLwY6hJd8gFc0aQe",
    ),
    "ruby-multipart-post": FormStyle(
        file=_FILE
        + _LINE
        + "Content-Length: {size}"
        + _LINE
        + "Content-Type: {media_type}"
        + _LINE
        + "Content-Transfer-Encoding: binary",
        boundary="-----------RubyMultipartPost-2f8c",
    ),
}
