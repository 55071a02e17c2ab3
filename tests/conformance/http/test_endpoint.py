"""Deployed gateways are reached: TLS with an own authority, a client's certificate, a proxy, headers on every connection."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from conformance import target as targets
from conformance.errors import TargetError
from conformance.http.client import SPEECH, Gateway
from conformance.http.diagnosis import diagnose
from conformance.http.endpoint import Endpoint, endpoint_of
from conformance.http.kept import KeptConnection
from conformance.http.raw import converse
from conformance.target import Target, Tls
from tests.conformance.fake_gateway import TOKEN, Seen, fake_gateway
from tests.conformance.http.canned import Canned
from tests.variants.proxies.forward import forward_proxy

ACCESS = "access-5f2c9e"


class Authority:
    """A certificate authority of a test's own, with its files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ca = trustme.CA()
        self.ca_file = str(folder / "ca.pem")
        self._ca.cert_pem.write_to_path(self.ca_file)

    def file(self, name: str) -> str:
        """A certificate for a name, with its key, in one file."""
        path = self.folder / f"{name}.pem"
        self._ca.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(str(path))
        return str(path)

    def server(self, name: str = "localhost", *, asks_client: bool = False) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.file(name))
        if asks_client:
            context.load_verify_locations(self.ca_file)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@contextmanager
def gateway_in_tls(context: ssl.SSLContext, host: str = "localhost") -> Iterator[tuple[str, list[Seen]]]:
    with fake_gateway(tls=context) as (url, seen):
        yield url.replace("http://127.0.0.1", f"https://{host}"), seen


def ways(endpoint: Endpoint) -> dict[str, Callable[[], int | None]]:
    """One request on each kind of connection that the suite makes."""

    def pooled() -> int | None:
        with Gateway(endpoint, TOKEN, timeout_s=5.0) as gateway:
            return gateway.send(gateway.request(SPEECH)).status

    def fresh() -> int | None:
        with Gateway(endpoint, TOKEN, timeout_s=5.0) as gateway:
            return gateway.probe().status

    def bare() -> int | None:
        with Gateway(endpoint, TOKEN, timeout_s=5.0) as gateway:
            return converse(gateway, gateway.request(SPEECH)).exchange.status

    def kept() -> int | None:
        with Gateway(endpoint, TOKEN, timeout_s=5.0) as gateway, KeptConnection(endpoint, 5.0) as connection:
            first, second = (connection.ask(gateway.request(SPEECH)) for _ in range(2))
            assert first.kept
            return second.exchange.status

    return {"pooled": pooled, "fresh": fresh, "bare": bare, "kept": kept}


KINDS = ("pooled", "fresh", "bare", "kept")
SERVED = {"pooled": 200, "fresh": 401, "bare": 200, "kept": 200}


@pytest.mark.parametrize("kind", KINDS)
def test_tls_with_an_own_authority_a_client_certificate_and_headers(authority: Authority, kind: str) -> None:
    """Each kind of connection trusts the authority, shows the certificate, and sends the headers."""
    with gateway_in_tls(authority.server(asks_client=True)) as (url, seen):
        tls = Tls(ca_file=authority.ca_file, client_cert=authority.file("client.example"))
        endpoint = endpoint_of(Target(base_url=url, token=TOKEN, tls=tls, headers={"X-Access-Key": ACCESS}))
        assert ways(endpoint)[kind]() == SERVED[kind]
    assert seen
    assert all(each.headers["x-access-key"] == ACCESS for each in seen)


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_passes_plain_requests_on(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In absolute form, and with the proxy's own password kept from the gateway."""
    monkeypatch.setenv("NO_PROXY", "*")
    with fake_gateway() as (url, seen), forward_proxy(login="ann:s3cret") as proxy:
        endpoint = endpoint_of(Target(base_url=url, token=TOKEN, proxy=proxy, headers={"X-Access-Key": ACCESS}))
        assert endpoint.forwards
        assert ways(endpoint)[kind]() == SERVED[kind]
    assert all(each.headers["x-access-key"] == ACCESS for each in seen)
    assert all("proxy-authorization" not in each.headers for each in seen)


@pytest.mark.parametrize("kind", KINDS)
def test_a_proxy_connects_to_a_gateway_in_tls(authority: Authority, kind: str) -> None:
    """By CONNECT, with the headers inside the tunnel."""
    with gateway_in_tls(authority.server()) as (url, seen), forward_proxy(login="ann:s3cret") as proxy:
        tls = Tls(ca_file=authority.ca_file)
        target = Target(base_url=url, token=TOKEN, proxy=proxy, tls=tls, headers={"X-Access-Key": ACCESS})
        assert ways(endpoint_of(target))[kind]() == SERVED[kind]
    assert all(each.headers["x-access-key"] == ACCESS for each in seen)


@pytest.mark.parametrize("kind", KINDS)
def test_the_environments_proxies_are_not_used(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens at the proxy that the environment names."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with fake_gateway() as (url, _):
        assert ways(endpoint_of(Target(base_url=url, token=TOKEN)))[kind]() == SERVED[kind]


def test_a_header_of_the_requests_own_stays(authority: Authority) -> None:
    """One value, not two: what a check sends goes before."""
    with fake_gateway() as (url, seen):
        endpoint = endpoint_of(Target(base_url=url, token=TOKEN, headers={"accept": "text/x"}))
        with Gateway(endpoint, TOKEN, timeout_s=5.0) as gateway:
            gateway.send(gateway.request(SPEECH))
    assert seen[0].headers["accept"] == "*/*"


def no_way(url: str, **declared: Any) -> tuple[str, str]:
    found = diagnose(endpoint_of(Target(base_url=url, token=TOKEN, **declared)), 5.0)
    assert found is not None
    return found.reason, found.hint


def test_an_unknown_authority_is_named_with_the_key_that_trusts_it(authority: Authority) -> None:
    with gateway_in_tls(authority.server()) as (url, _):
        reason, hint = no_way(url)
    assert "certificate is not accepted: unable to get local issuer" in reason
    assert "tls.ca_file" in hint


def test_a_certificate_for_another_name_is_named(authority: Authority) -> None:
    with gateway_in_tls(authority.server("other.example")) as (url, _):
        reason, hint = no_way(url, tls=Tls(ca_file=authority.ca_file))
    assert "mismatch" in reason
    assert "It is not for localhost" in hint


def test_any_certificate_is_taken_where_the_target_says_so(authority: Authority) -> None:
    with gateway_in_tls(authority.server("other.example")) as (url, _):
        assert diagnose(endpoint_of(Target(base_url=url, token=TOKEN, tls=Tls(verify=False))), 5.0) is None


@pytest.mark.parametrize("shows", ["nothing", "one of another authority"])
def test_a_client_certificate_that_is_refused_is_named(authority: Authority, tmp_path: Path, shows: str) -> None:
    """TLS 1.3 tells it only once the client believes itself connected."""
    (tmp_path / "other").mkdir()
    shown = Authority(tmp_path / "other").file("client.example") if shows != "nothing" else None
    with gateway_in_tls(authority.server(asks_client=True)) as (url, _):
        reason, hint = no_way(url, tls=Tls(ca_file=authority.ca_file, client_cert=shown))
    assert "alert" in reason
    assert "tls.client_cert" in hint


def test_a_gateway_without_tls_is_told_apart(authority: Authority) -> None:
    with fake_gateway() as (url, _):
        reason, hint = no_way(url.replace("http://", "https://"))
    assert "no TLS is spoken" in reason
    assert "http://" in hint


def test_a_proxy_that_wants_a_password_is_named() -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    for scheme in ("http", "https"):
        with Canned(refusal).running() as proxy:
            reason, hint = no_way(f"{scheme}://gateway.example/v1", proxy=proxy.base_url)
        assert "407" in reason
        assert "USER:PASSWORD" in hint


def test_a_proxy_that_forbids_the_gateway_is_named() -> None:
    with Canned(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").running() as proxy:
        reason, hint = no_way("https://gateway.example/v1", proxy=proxy.base_url)
    assert "answers CONNECT with 403 Forbidden" in reason
    assert "gateway.example:443" in hint


def test_a_proxy_that_is_not_there_is_named() -> None:
    reason, hint = no_way("https://gateway.example/v1", proxy="http://127.0.0.1:9")
    assert "the proxy at 127.0.0.1:9" in reason
    assert "Is proxy right" in hint


SETTINGS_OF_HTTP_2 = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"


def test_a_gateway_of_http_2_only_is_named(authority: Authority) -> None:
    """It begins with a frame of its settings, in TLS too where it lets the client offer another protocol."""
    with Canned(SETTINGS_OF_HTTP_2).running() as server:
        plain = no_way(server.base_url)
    with Canned(SETTINGS_OF_HTTP_2, tls=authority.server()).running() as server:
        url = server.base_url.replace("http://127.0.0.1", "https://localhost")
        in_tls = no_way(url, tls=Tls(ca_file=authority.ca_file))
    assert "only HTTP/2" in plain[0]
    assert "only HTTP/2" in in_tls[0]


@pytest.mark.parametrize(
    ("key", "path", "words"),
    [
        ("ca_file", "tls.ca_file", "cannot be read: No such file"),
        ("client_cert", "tls.client_cert", "cannot be read: No such file"),
    ],
)
def test_a_missing_file_is_named(tmp_path: Path, key: str, path: str, words: str) -> None:
    with pytest.raises(TargetError, match=words) as caught:
        endpoint_of(Target(base_url="https://h/", token=TOKEN, tls=Tls(**{key: str(tmp_path / "absent.pem")})))
    assert caught.value.path == path


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("not PEM")
    with pytest.raises(TargetError, match="holds no certificate in PEM"):
        endpoint_of(Target(base_url="https://h/", token=TOKEN, tls=Tls(ca_file=str(file))))
    with pytest.raises(TargetError, match=r"tls\.client_cert"):
        endpoint_of(Target(base_url="https://h/", token=TOKEN, tls=Tls(client_cert=str(file))))


def test_a_key_of_another_certificate_is_named(authority: Authority) -> None:
    tls = Tls(client_cert=authority.file("one.example"), client_key=authority.file("two.example"))
    with pytest.raises(TargetError, match="is not the key of") as caught:
        endpoint_of(Target(base_url="https://h/", token=TOKEN, tls=tls))
    assert caught.value.path == "tls.client_key"


def test_files_are_found_from_the_target_files_folder(authority: Authority, tmp_path: Path) -> None:
    file = tmp_path / "target.yaml"
    file.write_text("{base_url: 'https://h/', token: t, tls: {ca_file: ca.pem}}")
    tls = targets.load(file, {}).tls
    assert tls is not None
    assert tls.ca_file == authority.ca_file
