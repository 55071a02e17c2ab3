"""Why no gateway answers: the way to it, taken step by step until one fails, in words that name what to change.

A run needs only to know that it got no answer. A person who has just written a target file needs to know whether it was the
proxy, the certificate or the address.
"""

from __future__ import annotations

import re
import socket
import ssl
from dataclasses import dataclass

from conformance.http.connection import Connection
from conformance.http.endpoint import Endpoint, ProxyRefused
from conformance.http.exchange import Request
from conformance.http.raw import serialise

_TIMEOUT_S = 10.0
_HTTP_2_ONLY = "the gateway speaks only HTTP/2, and this suite HTTP/1.1"
_OFFER_HTTP_1 = "Let it offer HTTP/1.1 too, or put a proxy before it that does."
# A frame of settings, or one that says goodbye to what is no HTTP/2: a length of three bytes, then the kind.
_HTTP_2_FRAME = re.compile(rb"\x00\x00.[\x04\x07]", re.DOTALL)
_PROXY_AUTHENTICATION = 407
_OPENSSL_PLACE = re.compile(r"^\[ssl[^]]*\]|\(\s?ssl\.c:\d+\)$")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What stands in the way, as a clause, and what to do about it."""

    reason: str
    hint: str


def diagnose(endpoint: Endpoint, timeout_s: float = _TIMEOUT_S) -> Diagnosis | None:
    """Takes the way to the gateway once. None where nothing stands in it, so that the gateway itself is silent."""
    try:
        with Connection(endpoint, timeout_s) as connection:
            return _ask(connection, endpoint)
    except ProxyRefused as refused:
        return _of_the_proxy(endpoint, refused.status, str(refused))
    except ssl.SSLCertVerificationError as error:
        return _of_the_certificate(endpoint, error)
    except ssl.SSLError as error:
        return _of_the_handshake(endpoint, error)
    except socket.gaierror:
        return Diagnosis(f"the name {endpoint.first_hop[0]} is not known here", _address(endpoint))
    except OSError as error:
        host, port = endpoint.first_hop
        who = "the proxy" if endpoint.proxy else "a gateway"
        return Diagnosis(f"no connection to {who} at {host}:{port} ({error})", _address(endpoint))


def refused_by_proxy(endpoint: Endpoint, status: int | None) -> Diagnosis | None:
    """What an answer to a first request says of the proxy that it came through; None where it says nothing of it."""
    if not endpoint.forwards or status != _PROXY_AUTHENTICATION:
        return None
    return _of_the_proxy(endpoint, status, f"the proxy {endpoint.proxy} answers with {status}")


def _ask(connection: Connection, endpoint: Endpoint) -> Diagnosis | None:
    """Sends one request: a certificate of the client's may be refused only now, and HTTP/2 shows itself in the answer."""
    request = Request("GET", endpoint.base_url)
    connection.send(b"".join(serialise(request, endpoint)))
    wire = connection.read_answer()
    if wire is not None:
        return refused_by_proxy(endpoint, wire.status)
    if _HTTP_2_FRAME.match(connection.said):
        return Diagnosis(_HTTP_2_ONLY, _OFFER_HTTP_1)
    return _of_the_client_certificate(connection.trouble) if isinstance(connection.trouble, ssl.SSLError) else None


def _of_the_proxy(endpoint: Endpoint, status: int, reason: str) -> Diagnosis:
    hint = f"Does it allow connections to {endpoint.host}:{endpoint.port}?"
    if status == _PROXY_AUTHENTICATION:
        hint = "It wants a user and a password: proxy: http://USER:PASSWORD@HOST:PORT."
    elif not status:
        hint = "Is proxy the address of an HTTP proxy?"
    return Diagnosis(reason, hint)


def _of_the_certificate(endpoint: Endpoint, error: ssl.SSLCertVerificationError) -> Diagnosis:
    reason = f"the gateway's certificate is not accepted: {error.verify_message.rstrip('.')}"
    mismatch = "mismatch" in error.verify_message
    hint = (
        f"It is not for {endpoint.host}: use the name that it is for in base_url."
        if mismatch
        else "Name the authority that signed it as tls.ca_file, or take any certificate with tls.verify: false."
    )
    return Diagnosis(reason, hint)


def _of_the_handshake(endpoint: Endpoint, error: ssl.SSLError) -> Diagnosis:
    words = _words(error)
    if "no application protocol" in words:
        return Diagnosis(_HTTP_2_ONLY, _OFFER_HTTP_1)
    if "wrong version number" in words or "record layer" in words:
        return Diagnosis(f"no TLS is spoken at {endpoint.host}:{endpoint.port}", "Should base_url begin with http://?")
    if "alert" in words:
        return _of_the_client_certificate(error)
    return Diagnosis(f"no TLS connection can be made ({words})", "Does it speak TLS 1.2 or newer?")


def _of_the_client_certificate(error: OSError) -> Diagnosis:
    """An alert of the server's after it has shown its own certificate: it wants another one of the client's, or any."""
    return Diagnosis(
        f"the gateway ends TLS with an alert ({_words(error)})",
        "Where it asks for a certificate of the client's, name one that it trusts as tls.client_cert.",
    )


def _words(error: OSError) -> str:
    """The error in small letters, without its place in OpenSSL's code, which spells it in several ways."""
    text = getattr(error, "reason", None) or str(error)
    return _OPENSSL_PLACE.sub("", text.replace("_", " ").lower()).strip()


def _address(endpoint: Endpoint) -> str:
    return "Is proxy right, and is it running?" if endpoint.proxy else "Is it running, and is base_url right?"
