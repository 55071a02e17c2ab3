"""An engine that does what its text says, to see what its process may do and what becomes of it."""

import os
import signal
import socket
import time
from pathlib import Path

from reference_server.refusals import Reason
from reference_server.upstreams.local_engines import Audio, CannotServe, SynthesisCall


class Toy:
    """`greeting` comes back for the text `greet`."""

    def __init__(self, greeting: str = "") -> None:
        self._greeting = greeting

    def answer(self, call: SynthesisCall) -> Audio:
        act, _, what = call.text.partition(" ")
        return Audio(str(getattr(self, f"_{act}")(what)).encode())

    def _greet(self, _: str) -> str:
        return self._greeting

    def _pid(self, _: str) -> int:
        return os.getpid()

    def _folder(self, _: str) -> str:
        return str(Path.cwd())

    def _environment(self, _: str) -> str:
        return " ".join(os.environ)

    def _write(self, path: str) -> int:
        return Path(path).write_bytes(b"overwritten")

    def _fill(self, path: str) -> int:
        return Path(path).write_bytes(bytes(8 * 1024 * 1024))

    def _read(self, path: str) -> str:
        return Path(path).read_text()

    def _remove(self, path: str) -> None:
        Path(path).unlink()

    def _connect(self, port: str) -> None:
        socket.create_connection(("127.0.0.1", int(port)), 5).close()

    def _allocate(self, mebibytes: str) -> int:
        return len(bytearray(int(mebibytes) * 1024 * 1024))

    def _print(self, text: str) -> None:
        os.write(1, text.encode())

    def _refuse(self, _: str) -> None:
        raise CannotServe(Reason.INPUT_UNSPEAKABLE)

    def _hang(self, _: str) -> None:
        time.sleep(600)

    def _crash(self, _: str) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)
