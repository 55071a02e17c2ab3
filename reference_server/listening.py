"""Takes the port before any worker starts: `--port 0` is one port for all, and a port in use is an error at once."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen: an IP address, and the name by which it was asked for."""

    host: str
    port: int
    name: str = ""

    @property
    def origin(self) -> str:
        """The start of every URL there."""
        shown = self.name or self.host
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return ipaddress.ip_address(self.host).is_loopback


class CannotListen(Exception):
    """The address cannot be had: taken, not ours, or not allowed."""

    def __init__(self, host: str, port: int, reason: str, hint: str) -> None:
        super().__init__(f"Cannot listen on {host} port {port}: {reason}. {hint}")
        self.hint = hint


def accepts(address: Address) -> bool:
    """Whether a connection is taken there now."""
    try:
        with socket.create_connection((address.host, address.port), timeout=1):
            return True
    except OSError:
        return False


def addresses(hosts: Sequence[str], port: int) -> list[Address]:
    """Every IP address that the host names mean, the IPv4 ones of a name first. Raises CannotListen."""
    found: dict[str, Address] = {}
    for host in hosts:
        try:
            entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "no such name"
            raise CannotListen(host, port, reason, "Name an address of this machine with --host.") from None
        ordered = sorted({str(entry[4][0]) for entry in entries}, key=lambda each: (":" in each, each))
        for at, ip in enumerate(ordered):
            found.setdefault(ip, Address(ip, port, host if at == 0 and host != ip else ""))
    return list(found.values())


def reserve(hosts: Sequence[str], port: int) -> tuple[ExitStack, list[Address]]:
    """Takes a port (0: any free one) at every address of the hosts, and keeps it for the workers, who bind it again.

    The sockets do not listen, so no connection is ever given to them; they are held so that no one else takes the port.
    Of a name that means several addresses, those that this machine lacks are left out. Raises CannotListen.
    """
    wanted = addresses(hosts, port)
    names = {each.name for each in wanted if each.name}
    with ExitStack() as held:
        taken: list[Address] = []
        for each in wanted:
            # A second address of a name is a gift: a machine without IPv6 still has its `localhost`.
            optional = bool(taken) and each.host not in hosts and bool(names)
            asked = Address(each.host, taken[0].port if taken else port, each.name)
            try:
                taken.append(_reserved(asked, held))
            except CannotListen:
                if not optional:
                    raise
        return held.pop_all(), taken


def _reserved(address: Address, held: ExitStack) -> Address:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        # Workers share the port by SO_REUSEPORT, which would also share it with a stranger: ask without it first.
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address.host, address.port))
            probe.listen(1)
            port = address.port or probe.getsockname()[1]
        holder = held.enter_context(socket.socket(family))
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind((address.host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(address.host, address.port, reason, "Choose another with --port or --host.") from None
    return Address(address.host, port, address.name)
