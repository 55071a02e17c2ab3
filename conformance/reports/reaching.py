"""How a gateway is reached, for people: the options of a curl line, and the sentences of `doctor`. No secrets in either."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from conformance.reports.redaction import without_password
from conformance.target import Target

_PASSWORD = "PROXY_PASSWORD"  # noqa: S105 - the name of a variable


def curl_options(target: Target) -> str:
    """What a curl line needs besides the request. Secrets are variables: a header's is named like it, in capitals."""
    return "".join(f" {option}" for option in _curl_options(target))


def _curl_options(target: Target) -> Iterator[str]:
    if target.proxy:
        yield f"--proxy {_proxy(target.proxy)}"
    tls = target.tls
    for option, value in (
        ("--cacert", tls and tls.ca_file),
        ("--cert", tls and tls.client_cert),
        ("--key", tls and tls.client_key),
    ):
        if value:
            yield f"{option} {shlex.quote(value)}"
    if tls and not tls.verify:
        yield "--insecure"
    for name in target.headers:
        yield f'-H "{name}: ${variable_of(name)}"'


def variable_of(header: str) -> str:
    """The variable of a shell that stands for a header's value: `X_ACCESS_KEY` for `X-Access-Key`."""
    return "".join(char if char.isascii() and char.isalnum() else "_" for char in header).upper()


def _proxy(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return shlex.quote(url)
    user, _, host = parts.netloc.rpartition("@")
    shown = urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:@{host}"))
    before, after = shown.split(":@", 1)
    return f'{shlex.quote(f"{before}:")}"${_PASSWORD}"{shlex.quote(f"@{after}")}'


def described(target: Target, tls_version: str | None) -> tuple[str, ...]:
    """Sentences on how the gateway is reached; none where nothing but its URL is used."""
    return tuple(_described(target, tls_version))


def _described(target: Target, tls_version: str | None) -> Iterator[str]:
    if target.proxy:
        how = "CONNECT" if target.base_url.startswith("https:") else "requests in absolute form"
        yield f"proxy: {without_password(target.proxy)}, by {how}"
    if tls_version:
        yield f"tls: {tls_version}, {_trust(target)}"
    if target.tls and target.tls.client_cert:
        yield f"tls: the client shows {target.tls.client_cert}"
    if target.headers:
        yield f"headers: {', '.join(target.headers)} with every request"


def _trust(target: Target) -> str:
    if target.tls and not target.tls.verify:
        return "and the gateway's certificate is NOT verified"
    trusted = target.tls.ca_file if target.tls and target.tls.ca_file else "a public authority"
    return f"and the gateway's certificate is trusted through {trusted}"
