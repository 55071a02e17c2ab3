"""Multipart forms of one meaning: boundaries, quoting, what stands around the parts, spellings of a file's name."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from conformance.http.bodies import Body, Upload, escape_file_name

Part = tuple[str, str | Upload]

# RFC 2046, 5.1.1, without the space, which few parsers know.
_BOUNDARY_CHARACTERS = string.digits + string.ascii_letters + "'()+_,-./:=?"
_TOKEN = frozenset(string.digits + string.ascii_letters + "!#$%&'*+-.^_`|~")
_LONGEST_BOUNDARY = 70


@dataclass(frozen=True, slots=True)
class Layout:
    """How a form is laid out. `quoted` asks for quotes around the boundary; one that is no token always has them."""

    boundary: str = "conformance-generated-boundary"
    quoted: bool = False
    preamble: bytes = b""
    epilogue: bytes = b""
    name_style: str = "whatwg"

    @property
    def content_type(self) -> str:
        quotes = '"' if self.quoted or not set(self.boundary) <= _TOKEN else ""
        return f"multipart/form-data; boundary={quotes}{self.boundary}{quotes}"


def boundaries() -> st.SearchStrategy[str]:
    """1 to 70 legal characters; dashes in number, at either end, are what parsers stumble over."""
    dashes = st.tuples(st.integers(0, 60), st.text("ab-", min_size=1, max_size=10)).map(
        lambda drawn: "-" * drawn[0] + drawn[1]
    )
    free = st.text(_BOUNDARY_CHARACTERS, min_size=1, max_size=_LONGEST_BOUNDARY)
    return st.one_of(
        free, dashes, st.text(_BOUNDARY_CHARACTERS, min_size=_LONGEST_BOUNDARY, max_size=_LONGEST_BOUNDARY)
    )


def assemble(parts: Iterable[Part], layout: Layout) -> Body:
    """The form's bytes and its Content-Type."""
    delimiter = b"--" + layout.boundary.encode()
    lines = [layout.preamble] if layout.preamble else []
    for name, value in parts:
        lines += [delimiter, _head(name, value, layout.name_style), b"", _data(value)]
    lines += [delimiter + b"--", layout.epilogue]
    return Body(b"\r\n".join(lines), layout.content_type)


def is_unambiguous(parts: Iterable[Part], layout: Layout) -> bool:
    """No line inside a part begins like a delimiter, whichever line ends a parser goes by."""
    delimiter = b"--" + layout.boundary.encode()
    inside = [b"\n" + _data(value).replace(b"\r", b"\n") for _, value in parts]
    around = [b"\n" + text.replace(b"\r", b"\n") for text in (layout.preamble, layout.epilogue)]
    return not any(b"\n" + delimiter in data for data in (*inside, *around))


def look_alikes(boundary: str) -> tuple[bytes, ...]:
    """What is nearly a delimiter of this boundary, and none."""
    edge = boundary.encode()
    almost = (
        b"\r\n--" + edge[:-1],
        b"\r\n-" + edge,
        b"x--" + edge,
        b"x--" + edge + b"--",
        b"\r\n --" + edge,
        b"\n--" + edge[:-1],
        edge,
    )
    endings = (b"\r\n", b"\r", b"\n", b"-", b"\r\n-", b"\r\n--", b"--\r\n")
    return (*almost, *endings)


def _head(name: str, value: str | Upload, style: str) -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"'
    if isinstance(value, Upload):
        head += NAME_STYLES[style](value.file_name) if value.file_name is not None else ""
        head += f"\r\nContent-Type: {value.content_type}" if value.content_type else ""
    return head.encode()


def _data(value: str | Upload) -> bytes:
    return value.data if isinstance(value, Upload) else value.encode()


def _escaped(name: str) -> str:
    """As browsers do, and without a backslash that would hide the closing quote."""
    escaped = escape_file_name(name)
    return escaped + "_" if escaped.endswith("\\") else escaped


def _quoted_pairs(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


# How clients write a file's name: browsers, curl and the official SDKs; older curl and Python.
NAME_STYLES: Mapping[str, Callable[[str], str]] = {
    "whatwg": lambda name: f'; filename="{_escaped(name)}"',
    "backslash": lambda name: f'; filename="{_quoted_pairs(name)}"',
}
