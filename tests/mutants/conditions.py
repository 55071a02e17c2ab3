"""When a fault shows: conditions on a request and, where one is there already, on its answer. They combine with & | ~."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.mutants.exchange import ABSENT, FORM, JSON, Answer, Asked


@dataclass(frozen=True, slots=True)
class When:
    """A condition. `holds(asked, answer)`; the answer is None before there is one."""

    holds: Callable[[Asked, Answer | None], bool]

    def __and__(self, other: When) -> When:
        return When(lambda asked, answer: self.holds(asked, answer) and other.holds(asked, answer))

    def __or__(self, other: When) -> When:
        return When(lambda asked, answer: self.holds(asked, answer) or other.holds(asked, answer))

    def __invert__(self) -> When:
        return When(lambda asked, answer: not self.holds(asked, answer))


ALWAYS = When(lambda _, __: True)


def asked(test: Callable[[Asked], Any]) -> When:
    """A condition on the request alone."""
    return When(lambda request, _: bool(test(request)))


def on(*routes: str) -> When:
    """POST to one of the routes."""
    return asked(lambda request: request.method == "POST" and request.route in routes)


def path_of(*routes: str) -> When:
    """Any method on one of the routes."""
    return asked(lambda request: request.route in routes)


def sent(field: str, test: Callable[[Any], Any] = lambda _: True) -> When:
    """The field was sent, and its value passes the test."""
    return asked(lambda request: request.get(field) is not ABSENT and test(request.get(field)))


def lacks(field: str) -> When:
    return asked(lambda request: request.get(field) is ABSENT)


def header(name: str, test: Callable[[str], Any] = lambda _: True) -> When:
    return asked(lambda request: request.header(name) is not None and test(request.header(name) or ""))


def status(*codes: int) -> When:
    """The answer has one of these statuses."""
    return When(lambda _, answer: answer is not None and answer.status in codes)


def audio_of(field: str, test: Callable[[Any], Any] = lambda _: True) -> When:
    """A member of the JSON form's audio object was sent, and its value passes the test."""

    def holds(request: Asked) -> bool:
        audio = request.get("audio")
        return isinstance(audio, dict) and field in audio and bool(test(audio[field]))

    return asked(holds)


def every(nth: int) -> When:
    """Only each nth request of the gateway."""
    return asked(lambda request: request.number % nth == 0)


AS_JSON = asked(lambda request: request.media_type == JSON)
AS_FORM = asked(lambda request: request.media_type == FORM)
CHUNKED = header("transfer-encoding", lambda value: "chunked" in value.lower())
SERVED = status(200)
NO_TOKEN = ~header("authorization")
