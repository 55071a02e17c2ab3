"""Where a gateway is, and what every connection to it needs: TLS, a proxy, and the headers that let a client in.

All connections of the suite, pooled or bare, are opened here, so that a deployed gateway is reached in one way.
"""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from conformance.http import tls
from conformance.http.exchange import Headers, Request
from conformance.target import Target

_PORTS = {"http": 80, "https": 443}
_MOST_HEAD = 64 * 1024
_LOOK_S = 10.0


class ProxyRefused(ConnectionError):
    """The proxy does not let through to the gateway. `status` is what it answered, 0 where it spoke no HTTP."""

    def __init__(self, proxy: str, status: int, phrase: str) -> None:
        answered = f"{status} {phrase}".strip() if status else "no HTTP"
        super().__init__(f"the proxy {proxy} answers CONNECT with {answered}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Proxy:
    """A forward proxy. `authorization` is the value of its Proxy-Authorization, empty where it asks for none."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A gateway's base URL and the way there. `headers` go with every request that has none of that name.

    Through a proxy, a gateway with TLS is reached by CONNECT, and one without by absolute-form requests (RFC 9112, 3.2.2).
    """

    base_url: str
    headers: Headers = field(default=(), repr=False)
    context: ssl.SSLContext | None = None
    proxy: Proxy | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def port(self) -> int:
        url = urlsplit(self.base_url)
        return url.port or _PORTS[url.scheme]

    @property
    def is_tls(self) -> bool:
        return urlsplit(self.base_url).scheme == "https"

    @property
    def forwards(self) -> bool:
        """Whether requests go to a proxy that reads them, rather than to the gateway or through a tunnel."""
        return self.proxy is not None and not self.is_tls

    @property
    def added_headers(self) -> Headers:
        """What each request is given on its way, besides what the check sends."""
        if self.forwards and self.proxy and self.proxy.authorization:
            return (*self.headers, ("Proxy-Authorization", self.proxy.authorization))
        return self.headers

    def missing_headers(self, request: Request) -> Headers:
        """Those of the added headers that a request does not have itself."""
        given = {name.lower() for name, _ in request.headers}
        return tuple((name, value) for name, value in self.added_headers if name.lower() not in given)

    @property
    def first_hop(self) -> tuple[str, int]:
        """The host and port that connections are made to."""
        return (self.proxy.host, self.proxy.port) if self.proxy else (self.host, self.port)

    def tunnel(self, send: Callable[[bytes], object], receive: Callable[[int], bytes]) -> None:
        """Have the proxy connect to the gateway, on a connection just made. Raises ProxyRefused."""
        if self.proxy is None or self.forwards:
            return
        send(_connect(self.host, self.port, self.proxy.authorization))
        head = bytearray()
        # Byte by byte: what follows the head belongs to TLS.
        while not head.endswith(b"\r\n\r\n") and len(head) < _MOST_HEAD and (data := receive(1)):
            head += data
        status, phrase = _status(bytes(head))
        if status // 100 != 2:
            raise ProxyRefused(str(self.proxy), status, phrase)

    def open_socket(self, timeout_s: float) -> socket.socket:
        """A connection to the gateway, through its proxy and in TLS where it has them. Raises OSError."""
        opened = socket.create_connection(self.first_hop, timeout_s)
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.tunnel(opened.sendall, opened.recv)
            if not self.is_tls:
                return opened
            return (self.context or tls.default_context()).wrap_socket(opened, server_hostname=self.host)
        except BaseException:
            opened.close()
            raise

    def tls_version(self) -> str | None:
        """The version of TLS that a connection speaks; None where it speaks none, or cannot be made."""
        try:
            with self.open_socket(_LOOK_S) as opened:
                return opened.version() if isinstance(opened, ssl.SSLSocket) else None
        except OSError:
            return None


def endpoint_of(target: Target) -> Endpoint:
    """The way to a target's gateway. Raises TargetError where a certificate or key cannot be used."""
    return Endpoint(
        target.base_url.rstrip("/"),
        tuple(target.headers.items()),
        tls.context_of(target.tls) if target.tls or target.base_url.startswith("https:") else None,
        _proxy(target.proxy) if target.proxy else None,
    )


def _proxy(declared: str) -> Proxy:
    url = urlsplit(declared)
    login = f"{unquote(url.username or '')}:{unquote(url.password or '')}".encode()
    authorization = f"Basic {b64encode(login).decode()}" if url.username is not None else ""
    return Proxy(url.hostname or "", url.port or 80, authorization)


def _connect(host: str, port: int, authorization: str) -> bytes:
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    lines += [f"Proxy-Authorization: {authorization}"] if authorization else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _status(head: bytes) -> tuple[int, str]:
    """The status and its phrase; status 0 where the answer is no HTTP."""
    version, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    code, _, phrase = rest.partition(" ")
    return (int(code), phrase) if version.startswith("HTTP/") and code.isascii() and code.isdigit() else (0, "")
