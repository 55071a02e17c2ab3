"""Takes the port before any worker starts: `--port 0` is one port for all, and a port in use is an error at once."""

from __future__ import annotations

import socket
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


class PortTaken(Exception):
    """The address cannot be had: taken, not ours, or not allowed."""

    def __init__(self, address: Address, reason: str) -> None:
        super().__init__(f"Cannot listen on {address.host} port {address.port}: {reason}. Choose another with --port.")


def accepts(address: Address) -> bool:
    """Whether a connection is taken there now."""
    try:
        with socket.create_connection((address.host, address.port), timeout=1):
            return True
    except OSError:
        return False


def reserve(host: str, port: int) -> tuple[socket.socket, Address]:
    """Takes a port (0: any free one) and keeps it for the workers, who bind it again. Raises PortTaken.

    The socket does not listen, so no connection is ever given to it; it is held so that no one else takes the port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # Workers share the port by SO_REUSEPORT, which would also share it with a stranger: ask without it first.
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
            found = port or probe.getsockname()[1]
        held = socket.socket(family)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, found))
    except (OSError, OverflowError) as error:
        raise PortTaken(Address(host, port), getattr(error, "strerror", None) or str(error)) from None
    return held, Address(host, found)
