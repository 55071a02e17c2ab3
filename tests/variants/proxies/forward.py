"""A forward proxy, as stands between a company's network and the rest: a real program on a port of loopback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.variants.proxies.ports import free_port


@contextmanager
def forward_proxy(login: str = "") -> Iterator[str]:
    """Runs it until the block ends; yields its URL, with the `USER:PASSWORD` that it asks for where there is one."""
    port = free_port()
    listen = f"http://127.0.0.1:{port}" + (f"#{login}" if login else "")
    command = [sys.executable, "-u", "-m", "pproxy", "-l", listen]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            assert "Serving on" in process.stdout.readline()
            yield f"http://{f'{login}@' if login else ''}127.0.0.1:{port}"
        finally:
            process.terminate()
