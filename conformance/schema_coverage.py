"""Which parts of ``openapi.yaml`` a run has exercised: operations, media types, properties, values, statuses.

A report and no requirement: what was not reached was not judged either. Only bodies of up to 64 KiB are looked into, and
names and values of the contract are all that is kept: no text, recording or secret of a request.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from conformance import contract
from conformance.bodies import Body
from conformance.exchange import Exchange, Request
from conformance.generated.reading import json_value, parts

OPERATIONS = "operations"
MEDIA_TYPES = "request media types"
PROPERTIES = "request properties"
VALUES = "values"
STATUSES = "statuses"
KINDS = (OPERATIONS, MEDIA_TYPES, PROPERTIES, VALUES, STATUSES)

# Where a value is whatever a gateway may take or ignore, there is nothing to reach.
_UNDECIDED = frozenset({"#/components/schemas/TakenOrRefused", "#/components/schemas/IgnoredValue"})
_MOST_READ = 64 * 1024
_LEFT_OUT = "left out"

Item = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a request body: whether it may be left out, and the values that the contract names."""

    optional: bool
    values: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """One operation of the contract. ``bodies`` has the properties by media type, nested ones as ``audio.data``."""

    name: str
    bodies: Mapping[str, Mapping[str, Property]]
    statuses: tuple[str, ...]

    def items(self) -> Iterator[Item]:
        """Everything that can be reached of it, as kind and name."""
        yield OPERATIONS, self.name
        for media_type, properties in self.bodies.items():
            yield MEDIA_TYPES, f"{self.name} {media_type}"
            for name, known in properties.items():
                place = f"{self.name} {media_type} {name}"
                yield PROPERTIES, place
                for value in (*known.values, *([_LEFT_OUT] if known.optional else [])):
                    yield VALUES, f"{place}: {value}"
        for status in self.statuses:
            yield STATUSES, f"{self.name} {status}"

    def reached(self, exchange: Exchange) -> Iterator[Item]:
        """What one exchange reaches; names that the contract does not know are among it."""
        yield OPERATIONS, self.name
        yield from self._sent(exchange.request)
        if exchange.answer is not None:
            yield STATUSES, f"{self.name} {self._status(exchange.answer.status)}"

    def _sent(self, request: Request) -> Iterator[Item]:
        content_type = request.header("content-type") or ""
        media_type = content_type.partition(";")[0].strip().lower()
        properties = self.bodies.get(media_type)
        if properties is None:
            return
        yield MEDIA_TYPES, f"{self.name} {media_type}"
        sent = _properties_sent(Body(request.body, content_type), media_type)
        for name, known in properties.items() if sent is not None else ():
            place = f"{self.name} {media_type} {name}"
            found = (sent or {}).get(name)
            if found:
                yield PROPERTIES, place
                yield from ((VALUES, f"{place}: {value}") for value in known.values if value in found)
            elif known.optional:
                yield VALUES, f"{place}: {_LEFT_OUT}"

    def _status(self, status: int) -> str:
        exact, family = str(status), f"{status // 100}XX"
        return family if exact not in self.statuses and family in self.statuses else exact


@dataclass
class Coverage:
    """What one run has reached so far. Safe to use from several threads."""

    _reached: set[Item] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, exchange: Exchange) -> None:
        operation = operations().get(f"{exchange.request.method} {_path(exchange.request.url)}")
        if operation is not None:
            reached = set(operation.reached(exchange))
            with self._lock:
                self._reached |= reached

    def summary(self) -> dict[str, Any]:
        """Plain data: reached and known by kind, what was not reached, and statuses that the contract does not name."""
        known = [item for operation in operations().values() for item in operation.items()]
        with self._lock:
            reached = set(self._reached)
        return {
            "counts": {
                kind: {
                    "reached": sum(item in reached for item in known if item[0] == kind),
                    "known": sum(item[0] == kind for item in known),
                }
                for kind in KINDS
            },
            "not_reached": [f"{kind}: {name}" for kind, name in known if (kind, name) not in reached],
            "undocumented": sorted(name for kind, name in reached - set(known) if kind == STATUSES),
        }


@cache
def operations() -> dict[str, Operation]:
    """The operations of the contract, by method and path."""
    document = contract.load()
    found = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            content = operation["requestBody"]["content"]
            bodies = {media_type: dict(_properties(document, body["schema"])) for media_type, body in content.items()}
            found[name] = Operation(name, bodies, tuple(map(str, operation["responses"])))
    return found


def _path(url: str) -> str:
    """The end of a URL's path, from ``/audio/`` on: what stands before is the gateway's own base."""
    path = url.partition("?")[0]
    start = path.rfind("/audio/")
    return path[start:] if start >= 0 else ""


def _properties(document: dict[str, Any], schema: Any, prefix: str = "") -> Iterator[tuple[str, Property]]:
    whole = _resolved(document, schema)
    for name, value in whole.get("properties", {}).items():
        place = f"{prefix}{name}"
        yield place, Property(name not in whole.get("required", ()), tuple(_values(document, value)))
        yield from _properties(document, value, f"{place}.")


def _values(document: dict[str, Any], schema: Any) -> Iterator[str]:
    """The values that a schema names one by one, through its alternatives and its items."""
    if schema.get("$ref") in _UNDECIDED:
        return
    whole = _resolved(document, schema)
    yield from map(str, whole.get("enum", ()))
    for inner in (*whole.get("anyOf", ()), *([whole["items"]] if "items" in whole else ())):
        yield from _values(document, inner)


def _resolved(document: dict[str, Any], node: Any) -> Any:
    if "$ref" not in node:
        return node
    found: Any = document
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def _properties_sent(body: Body, media_type: str) -> dict[str, set[str]] | None:
    """The properties of a body with their values as text; None for one that is too large, or none of its kind."""
    if len(body.data) > _MOST_READ:
        return None
    found: dict[str, set[str]] = {}
    if media_type.startswith("multipart/"):
        for part in parts(body):
            found.setdefault(part.name.decode("latin-1"), set()).add(part.data[:40].decode("latin-1"))
        return found
    value = json_value(body)
    if not isinstance(value, dict):
        return None
    return {name: set(texts) for name, texts in _members(value)}


def _members(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    for name, item in value.items():
        yield (
            f"{prefix}{name}",
            [each for each in (item if isinstance(item, list) else [item]) if isinstance(each, str)] or [""],
        )
        if isinstance(item, dict) and not prefix:
            yield from _members(item, f"{name}.")
