"""Ending with the program that started this one."""

from __future__ import annotations

import os
import signal
import threading


def end_with_stdin() -> None:
    """Sends this process a SIGTERM when its standard input ends: whoever holds the other end is gone, however it went."""
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    # Not by sys.stdin, whose lock a forked worker would inherit.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
