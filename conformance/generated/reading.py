"""Reads drawn bodies: the faults that every gateway sees in them, and whether their recording is the suite's own.

Pure functions of contract and bytes. In doubt they find nothing: a body that is neither surely wrong nor surely right is
judged for nothing but the shape of its response.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.audio.samples import tiny_wav
from conformance.contracts import Operation
from conformance.http.bodies import Body

_NAME = re.compile(rb'name="([^"]*)"')
_WHITE = re.compile(r"\s+")
_ABSENT = object()
_UNREADABLE = "unreadable-body"
_MISSING = "missing-field"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the client's that every gateway sees.

    `situation` is what the contract names its statuses by, and `requirement` the plain one that asks for the refusal, with
    `{route}` for the operation.
    """

    what: str
    situation: str
    requirement: str = ""

    def plainer(self, route: str) -> tuple[str, ...]:
        """The plain requirement, where there is one, for a finding of a request that has no other fault."""
        return (self.requirement.format(route=route),) if self.requirement else ()


@dataclass(frozen=True, slots=True)
class FormPart:
    name: bytes
    head: bytes
    data: bytes

    @property
    def is_file(self) -> bool:
        return b"filename" in self.head


def faults(operation: Operation, body: Body, model: str) -> list[Fault]:
    """What is surely wrong with the body: each entry alone obliges a gateway to refuse it.

    Contract: docs/contract/rulings.md, "Statuses". `model` is the key that the gateway knows.
    """
    if body.content_type.startswith("multipart/"):
        return list(_form_faults(parts(body), model))
    value = json_value(body)
    if value is _ABSENT:
        return [Fault("a body that is no JSON", _UNREADABLE)]
    if not isinstance(value, dict):
        return [Fault("JSON that is no object", _UNREADABLE)]
    find = _text_fault if operation.takes_text else _audio_fault
    required = find(value, operation.content_field)
    return [fault for fault in (_model_fault(value, model), required) if fault]


def audio_is_ours(operation: Operation, body: Body) -> bool:
    """Whether the provider would get a recording that it can take, or needs none; it may refuse any other."""
    if operation.takes_text:
        return True
    if body.content_type.startswith("multipart/"):
        files = [part for part in parts(body) if part.name == b"file"]
        return len(files) == 1 and files[0].data == tiny_wav()
    value = json_value(body)
    audio = value.get(operation.content_field) if isinstance(value, dict) else None
    return isinstance(audio, dict) and audio.get("data") == base64.b64encode(tiny_wav()).decode()


def is_plain(operation: Operation, body: Body) -> bool:
    """Whether the body has required members alone, and nothing odd in them: what is wrong with it is its faults.

    What fails only by some member besides, or by an odd text, breaks no plain requirement.
    """
    if body.content_type.startswith("multipart/"):
        names = [part.name for part in parts(body)]
        return set(names) <= {b"model", b"file"} and len(set(names)) == len(names)
    value = json_value(body)
    if not isinstance(value, dict):
        return True
    # Escapes stand for whatever is not plain: quotes, control characters, other scripts, halves of surrogate pairs.
    return set(value) <= {"model", operation.content_field} and "\\" not in json.dumps(value)


def smaller(body: Body) -> Iterator[Body]:
    """The same body without one of its members or parts, each in turn."""
    if body.content_type.startswith("multipart/"):
        yield from _smaller_forms(body)
        return
    value = json_value(body)
    for key in value if isinstance(value, dict) else ():
        rest = {name: item for name, item in value.items() if name != key}
        yield Body(json.dumps(rest, ensure_ascii=False).encode(), body.content_type)


def json_value(body: Body) -> Any:
    try:
        return json.loads(body.data.decode("utf-8"))
    except (ValueError, RecursionError):
        return _ABSENT


def parts(body: Body) -> list[FormPart]:
    """The parts of a form that the suite encoded itself."""
    pieces = _pieces(body)
    found = []
    for piece in pieces:
        head, _, data = piece.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        found.append(FormPart(name[1] if name else b"", head, data))
    return found


def _pieces(body: Body) -> list[bytes]:
    delimiter = b"--" + body.content_type.partition("boundary=")[2].encode()
    inside = (b"\r\n" + body.data).split(b"\r\n" + delimiter)
    return [piece.removeprefix(b"\r\n") for piece in inside[1:] if piece.startswith(b"\r\n")]


def _smaller_forms(body: Body) -> Iterator[Body]:
    pieces = _pieces(body)
    delimiter = b"--" + body.content_type.partition("boundary=")[2].encode()
    for skipped in range(len(pieces)):
        kept = [delimiter + b"\r\n" + piece for number, piece in enumerate(pieces) if number != skipped]
        yield Body(b"\r\n".join([*kept, delimiter + b"--\r\n"]), body.content_type)


def _form_faults(found: list[FormPart], model: str) -> Iterator[Fault]:
    keys = [part for part in found if part.name == b"model"]
    if not any(part.data for part in keys):
        kind = "empty" if keys else "missing"
        yield Fault("model is missing or empty", _MISSING, f"{{route}}.model.{kind}")
    elif len(keys) == 1 and not keys[0].is_file and not _resembles(keys[0].data.decode("utf-8", "replace"), model):
        yield _unknown_model()
    if not any(part.name == b"file" for part in found):
        yield Fault("file is missing", _MISSING, "{route}.file.missing")


def _model_fault(value: dict[str, Any], model: str) -> Fault | None:
    key = value.get("model")
    if isinstance(key, str) and key:
        return None if _resembles(key, model) else _unknown_model()
    return Fault("model is missing, empty or no string", _MISSING, f"{{route}}.model.{_wrong(value, 'model')}")


def _wrong(value: dict[str, Any], name: str) -> str:
    """In what way a required member is wrong, as requirements name it."""
    if name not in value:
        return "missing"
    found = value[name]
    return "null" if found is None else "empty" if found == "" else "type"


def _resembles(key: str, model: str) -> bool:
    """The key, or what a gateway may take for it: in other letters, behind a prefix, with white space around."""
    return key.strip().casefold().endswith(model.casefold())


def _unknown_model() -> Fault:
    return Fault("the model key is not known", "unknown-model", "errors.{route}.unknown-model")


def _text_fault(value: dict[str, Any], name: str) -> Fault | None:
    text = value.get(name)
    if isinstance(text, str) and text:
        return None
    return Fault(f"{name} is missing, empty or no string", _MISSING, f"{{route}}.{name}.{_wrong(value, name)}")


def _audio_fault(value: dict[str, Any], name: str) -> Fault | None:
    audio = value.get(name)
    if not isinstance(audio, dict):
        kind = _wrong(value, name).replace("empty", "type")
        return Fault(f"{name} is missing or no object", _MISSING, f"{{route}}.{name}.{kind}")
    data = audio.get("data")
    if not isinstance(data, str) or not data:
        requirement = f"{{route}}.{name}-data.{_wrong(audio, 'data')}"
        return Fault(f"{name}.data is missing, empty or no string", _MISSING, requirement)
    if _might_be_base64(data):
        return None
    return Fault(f"{name}.data is no base64", "undecodable-audio-data", f"{{route}}.{name}-data.undecodable")


def _might_be_base64(text: str) -> bool:
    """Some reader may decode it: white space, either alphabet, with or without padding."""
    letters = _WHITE.sub("", text).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
