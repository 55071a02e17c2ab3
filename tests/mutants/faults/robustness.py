"""Odd requests: what a gateway breaks on that it should refuse or serve, and what it does not recover from."""

from __future__ import annotations

import itertools
import json

from reference_server.asgi import App, Receive, Scope, Send
from tests.mutants.conditions import AS_FORM, AS_JSON, When, asked, lacks, on, sent, status
from tests.mutants.exchange import ABSENT, ROUTES, TRANSCRIPTS, Answer, Asked, asked_of, error_answer
from tests.mutants.fault import Fault, Mutant
from tests.mutants.recipes import replies

_ODD_NAME = sent("model", lambda v: isinstance(v, str) and (len(v) > 200 or not v.isprintable() or not v.isascii()))


def _depth(document: object) -> int:
    depth, level = 0, [document]
    while level and depth < 60:
        depth += 1
        level = [child for each in level for child in _children(each)]
    return depth


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


_DEEP = AS_JSON & asked(lambda request: _depth(request.document) > 10 or request.body.count(b"[") > 50)
_DUPLICATES = AS_JSON & asked(lambda request: _repeats(request.body))
_HUGE_NUMBER = AS_JSON & asked(
    lambda request: (
        b"1e400" in request.body.lower() or b"e308" in request.body.lower() or b"e999" in request.body.lower()
    )
)
_NAN = AS_JSON & asked(lambda request: b"NaN" in request.body or b"Infinity" in request.body)
_NUL = asked(lambda request: b"\\u0000" in request.body or b"\x00" in request.body)
_LONE = AS_JSON & asked(lambda request: b"\\ud8" in request.body.lower() and b"\\ud83d\\ud" not in request.body.lower())
_REPEATED = AS_FORM & asked(lambda request: len({each.name for each in request.parts}) < len(request.parts))
_MANY_PARTS = AS_FORM & asked(lambda request: len(request.parts) > 20)
_ODD_NAMES = AS_FORM & asked(lambda request: any(not each.name.isascii() or not each.name for each in request.parts))
_FILE_NAMES = AS_FORM & asked(
    lambda request: any(
        "/" in (each.file_name or "") or '"' in (each.file_name or "") or "\\" in (each.file_name or "")
        for each in request.parts
    )
)
_NOT_UTF8 = AS_FORM & asked(
    lambda request: any(not each.is_file and not _is_utf8(each.value) for each in request.parts)
)
_PREAMBLE = AS_FORM & asked(lambda request: request.body and not request.body.startswith(b"--"))
_EPILOGUE = AS_FORM & asked(lambda request: request.body and not request.body.rstrip(b"\r\n").endswith(b"--"))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _repeats(body: bytes) -> bool:
    found = False

    def look(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal found
        found = found or len(dict(pairs)) < len(pairs)
        return dict(pairs)

    try:
        json.loads(body, object_pairs_hook=look)
    except (ValueError, RecursionError):
        return False
    return found


_ODD_JSON = _DEEP | _DUPLICATES | _HUGE_NUMBER | _NAN | _NUL | _LONE
_WHOLE = asked(lambda request: isinstance(request.get("model"), str) and request.get("model") not in {"", ABSENT})
_ODD_PARTS = _REPEATED | _MANY_PARTS | _ODD_NAMES | _FILE_NAMES | _NOT_UTF8
_HEADER_ODD = asked(
    lambda request: any(not value.isascii() or len(value) > 2000 for _, value in request.headers)
) | asked(lambda request: len(request.headers) > 30)
_ODD_QUERY = asked(lambda request: bool(request.query))


def sulking(route: str, after: When) -> Fault:
    """Once a request met the condition, the next one of the route is answered 500."""

    def around(app: App) -> App:
        spoilt = itertools.count()
        owed = [0]

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or asked_of(scope, 0).route != route:
                await app(scope, receive, send)
                return
            if owed[0]:
                owed[0] -= 1
                await error_answer(500).send(send)
                return
            await app(scope, receive, _watching(send))

        def _watching(send: Send) -> Send:
            async def watching(message: dict[str, object]) -> None:
                if message["type"] == "http.response.start" and after.holds(
                    _NOBODY, Answer(int(str(message["status"])), ())
                ):
                    next(spoilt)
                    owed[0] = 1
                await send(message)

            return watching

        return wrapped

    return Fault(around=(around,))


_NOBODY = Asked(0, "POST", "", b"", ())


def _of(route: str) -> list[tuple[str, str, Fault, str]]:
    here = on(route)
    return [
        ("odd-json-500", "json-odd", replies(500, here & AS_JSON & (_DEEP | _DUPLICATES | _HUGE_NUMBER | _NUL)), ""),
        ("deep-json-500", "json-odd", replies(500, here & _DEEP), ""),
        ("odd-json-beside-500", "json-odd-whole", replies(500, here & _ODD_JSON & _WHOLE), ""),
        ("odd-model-name-500", "model-name", replies(500, here & _ODD_NAME), ""),
        ("odd-headers-500", "headers-odd", replies(500, here & _HEADER_ODD), ""),
        ("query-500", "query-odd", replies(500, here & _ODD_QUERY), ""),
        ("next-after-a-400-fails", "recovery", sulking(route, status(400)), "C16"),
    ]


def _of_forms(route: str) -> list[tuple[str, str, Fault, str]]:
    here = on(route) & AS_FORM
    return [
        ("odd-parts-500", "form-odd", replies(500, here & _ODD_PARTS & lacks("model")), "C13"),
        ("odd-parts-beside-500", "form-odd-whole", replies(500, here & _ODD_PARTS & sent("model")), "C10"),
        ("preamble-500", "form-framing", replies(500, here & (_PREAMBLE | _EPILOGUE)), "C12"),
    ]


MUTANTS = (
    *(Mutant(f"{route}-{name}", f"robustness.{route}.{kills}", fault, bug) for route in ROUTES for name, kills, fault, bug in _of(route)),
    *(Mutant(f"{route}-{name}", f"robustness.{route}.{kills}", fault, bug) for route in TRANSCRIPTS for name, kills, fault, bug in _of_forms(route)),
)  # fmt: skip
