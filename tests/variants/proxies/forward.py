"""A forward proxy, as stands between a company's network and the rest: a real program on a port of loopback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.variants.proxies.ports import free_port

# Its module run as a program, without uvloop: where that is installed, it takes it, and no longer starts.
_PROXY = "import sys; sys.modules['uvloop'] = None; import runpy; runpy.run_module('pproxy', run_name='__main__')"


@contextmanager
def forward_proxy(login: str = "") -> Iterator[str]:
    """Runs it until the block ends; yields its URL, with the `USER:PASSWORD` that it asks for where there is one."""
    port = free_port()
    listen = f"http://127.0.0.1:{port}" + (f"#{login}" if login else "")
    command = [sys.executable, "-u", "-c", _PROXY, "-l", listen]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            assert "Serving on" in process.stdout.readline()
            yield f"http://{f'{login}@' if login else ''}127.0.0.1:{port}"
        finally:
            process.terminate()
