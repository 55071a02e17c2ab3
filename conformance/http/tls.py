"""TLS as a target declares it: whose certificates are trusted, and which one the client shows."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import NoReturn

import certifi

from conformance.errors import TargetError
from conformance.target import Tls

# The suite speaks HTTP/1.1: a server that has only another protocol says so in the handshake.
_PROTOCOLS = ["http/1.1"]


def default_context() -> ssl.SSLContext:
    """TLS with the certificate authorities that are trusted everywhere; the environment has no say in it."""
    return _spoken(ssl.create_default_context(cafile=certifi.where()))


def context_of(declared: Tls | None) -> ssl.SSLContext:
    """TLS as declared. Raises TargetError, naming the key, where a file cannot be read or holds something else."""
    if declared is None:
        return default_context()
    context = _trusting(declared.ca_file) if declared.ca_file else default_context()
    if declared.client_cert:
        _show_certificate(context, declared.client_cert, declared.client_key or declared.client_cert)
    if not declared.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return _spoken(context)


def _spoken(context: ssl.SSLContext) -> ssl.SSLContext:
    context.set_alpn_protocols(_PROTOCOLS)
    return context


def _trusting(ca_file: str) -> ssl.SSLContext:
    """A context that trusts only the authorities of the file."""
    _readable("tls.ca_file", ca_file)
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError as error:
        raise TargetError(
            "tls.ca_file", f"{ca_file} holds no certificate in PEM.", "It begins with -----BEGIN CERTIFICATE-----."
        ) from error
    if not context.get_ca_certs():
        raise TargetError(
            "tls.ca_file", f"{ca_file} holds no certificate of an authority.", "Name the CA's, not the server's."
        )
    return context


def _show_certificate(context: ssl.SSLContext, certificate: str, key: str) -> None:
    _readable("tls.client_cert", certificate)
    _readable("tls.client_key", key)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise TargetError("tls.client_key", f"{key} is not the key of {certificate}.") from error
        raise TargetError(
            "tls.client_cert",
            f"{certificate} and {key} do not hold a certificate and its private key in PEM, without a password.",
            "Name the key's own file as tls.client_key where they are apart.",
        ) from error


def _no_password() -> str:
    """Asked for where a key is encrypted: none is declared, and nobody sits at a terminal to type one."""
    return ""


def _readable(key: str, path: str) -> None:
    try:
        with Path(path).open("rb"):
            return
    except OSError as error:
        _unreadable(key, path, error)


def _unreadable(key: str, path: str, error: OSError) -> NoReturn:
    raise TargetError(key, f"the file {path} cannot be read: {error.strerror}.") from error
