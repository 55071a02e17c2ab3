"""The process that an engine runs in: `python -P -m reference_server.upstreams.local_engines.worker ENGINE FOLDER OPTIONS`.

Calls come in on standard input, replies go out on standard output. The process is confined before the engine is loaded;
what the engine itself prints goes nowhere.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import msgspec

from reference_server.upstreams.local_engines.confinement import confine, end_with_parent
from reference_server.upstreams.local_engines.messages import (
    LENGTH,
    Call,
    CannotServe,
    Failed,
    Ready,
    Refused,
    Reply,
    framed,
)

Answer = Callable[[Any], Reply]


def main(engine: str, folder: str, options: str) -> None:
    """Serves calls until standard input ends."""
    calls, replies = _own_streams()
    end_with_parent()
    chosen = json.loads(options)
    readable = [Path(path) for path in chosen.pop("readable")]
    confined = confine(Path(folder), chosen.pop("memory_bytes"), readable)
    answer = _load(engine, chosen)
    _send(replies, Ready(confined))
    while (body := _read(calls)) is not None:
        _send(replies, _reply(answer, body))


def _own_streams() -> tuple[IO[bytes], IO[bytes]]:
    """The two pipes, moved to where no library's print can reach them."""
    calls, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return calls, replies


def _load(engine: str, options: dict[str, Any]) -> Answer:
    """Imports the engine here, where the process is confined already: its modules run native code."""
    module, _, name = engine.partition(":")
    answer: Answer = getattr(import_module(module), name)(**options).answer
    return answer


def _reply(answer: Answer, body: bytes) -> Reply:
    try:
        return answer(msgspec.msgpack.decode(body, type=Call))
    except CannotServe as error:
        return Refused(error.reason)
    except Exception as error:  # noqa: BLE001 - whatever an engine raises costs one request
        return Failed(f"{type(error).__name__}: {error}")


def _read(calls: IO[bytes]) -> bytes | None:
    head = calls.read(LENGTH.size)
    return calls.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _send(replies: IO[bytes], message: Any) -> None:
    replies.write(framed(message))
    replies.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
