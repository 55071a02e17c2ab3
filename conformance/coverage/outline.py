"""An OpenAPI document as coverage points, and which of them one exchange reaches.

Pure: an outline is made of the document alone, and what is reached of an exchange alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.contracts.openapi import resolver
from conformance.coverage.bodies import media_type, read_form, read_json
from conformance.coverage.points import Kind, Point
from conformance.coverage.shapes import Shape, make_shape
from conformance.coverage.traits import Resolve, Schema
from conformance.http.exchange import Answer, Exchange, Request

MOST_READ = 64 * 1024
# Statuses that HTTP means for what is refused before its body is looked at, so that nothing in it has been tried: they are
# those of HTTP itself (RFC 9110, RFC 6585), whatever a contract makes of them.
_UNREAD = frozenset({401, 403, 413, 429, 503})
_MOST_NAME = 120
_METHODS = ("get", "put", "post", "delete", "patch")
_FORM = "multipart/form-data"
_NO_BODY = "left out"
_OTHER_TYPE = "of another media type"
_UNREADABLE = "that is no form or object"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `responses` holds the documented media types by documented status, ranges such as 4XX included."""

    where: str
    bodies: dict[str, Shape]
    responses: dict[str, tuple[str, ...]]

    def points(self) -> Iterator[Point]:
        yield Point(Kind.OPERATIONS, self.where)
        yield from map(self._unusual_body, (_NO_BODY, _OTHER_TYPE, _UNREADABLE))
        for name, shape in self.bodies.items():
            yield self._media_type(name)
            yield from shape.points()
        for status, names in self.responses.items():
            yield self._status(status)
            for name in names:
                yield self._response(status, name)

    def note(self, request: Request, answer: Answer, reached: set[Point]) -> None:
        """Add the points that an exchange reaches."""
        reached.add(Point(Kind.OPERATIONS, self.where))
        if answer.status not in _UNREAD and request.size <= MOST_READ:
            self._note_sent(request, reached)
        status = self._documented_status(answer.status)
        if status:
            reached.add(self._status(status))
            name = self._documented_type(status, answer.media_type)
            if name:
                reached.add(self._response(status, name))

    def undocumented(self, answer: Answer) -> str:
        """What of the answer the contract file does not name; empty where it names all."""
        status = self._documented_status(answer.status)
        if status and self._documented_type(status, answer.media_type):
            return ""
        return f"{self.where} responses {answer.status} {_as_written(answer) if status else ''}".rstrip()

    def _note_sent(self, request: Request, reached: set[Point]) -> None:
        name = media_type(request)
        if not request.body:
            reached.add(self._unusual_body(_NO_BODY))
        elif name not in self.bodies:
            reached.add(self._unusual_body(_OTHER_TYPE))
        else:
            reached.add(self._media_type(name))
            members = read_form(request) if name == _FORM else read_json(request)
            if members is None:
                reached.add(self._unusual_body(_UNREADABLE))
            else:
                self.bodies[name].note(members, reached)

    def _unusual_body(self, label: str) -> Point:
        return Point(Kind.VALUES, f"{self.where} requestBody {label}")

    def _media_type(self, name: str) -> Point:
        return Point(Kind.REQUEST_MEDIA_TYPES, f"{self.where} requestBody {name}")

    def _status(self, status: str) -> Point:
        return Point(Kind.STATUSES, f"{self.where} responses {status}")

    def _response(self, status: str, name: str) -> Point:
        return Point(Kind.RESPONSE_MEDIA_TYPES, f"{self.where} responses {status} {name}")

    def _documented_status(self, status: int) -> str | None:
        names = (str(status), f"{status // 100}XX", "default")
        return next((name for name in names if name in self.responses), None)

    def _documented_type(self, status: str, name: str) -> str | None:
        lowered = {each.lower(): each for each in self.responses[status]}
        return lowered.get(name) or lowered.get("*/*")


def _as_written(answer: Answer) -> str:
    """Neither cut nor in lower case: a secret in it would no longer be known for one, and so not be replaced."""
    name = (answer.header("content-type") or "").partition(";")[0].strip()
    return name if len(name) <= _MOST_NAME else f"and a media type of {len(name)} characters"


@dataclass(frozen=True, slots=True)
class Outline:
    """All operations, by method and path below the base URL. `points` keeps the document's order."""

    operations: dict[tuple[str, str], Operation]
    points: tuple[Point, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = (point for operation in self.operations.values() for point in operation.points())
        object.__setattr__(self, "points", tuple(dict.fromkeys(found)))

    def operation(self, base_url: str, exchange: Exchange) -> Operation | None:
        """The operation that was asked for; None where the URL or the method is none of the contract's."""
        url = exchange.request.url.partition("?")[0]
        if not url.startswith(base_url):
            return None
        return self.operations.get((exchange.request.method, url[len(base_url) :]))


def make_outline(document: Schema) -> Outline:
    """The outline of an OpenAPI 3.1 document whose request bodies hold no schema within itself."""
    resolve = resolver(document)
    operations = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                key = (method.upper(), path)
                operations[key] = _operation(" ".join(key), item[method], resolve)
    return Outline(operations)


def _operation(where: str, operation: Schema, resolve: Resolve) -> Operation:
    content = resolve(operation.get("requestBody", {})).get("content", {})
    bodies = {
        name: make_shape(f"{where} requestBody {name}", entry["schema"], resolve, is_form=name == _FORM)
        for name, entry in content.items()
    }
    responses = {
        str(status): tuple(resolve(response).get("content", {})) for status, response in operation["responses"].items()
    }
    return Operation(where, bodies, responses)
