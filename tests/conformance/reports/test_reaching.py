"""How a gateway is reached can be shown and pasted, and no secret of it is."""

from __future__ import annotations

import json

from conformance import target as targets
from conformance.http.exchange import Answer, Exchange, Finding, Request
from conformance.reports.reaching import curl_options, described
from conformance.reports.records import Evidence
from conformance.reports.redaction import describe

ACCESS, PASSWORD = "access-5f2c9e", "pass%20word"
TARGET = targets.parse(
    {
        "base_url": "https://gateway.example/v1",
        "token": "cpeer_test_0123456789",
        "headers": {"X-Access-Key": ACCESS, "X-Env": "qa"},
        "tls": {"ca_file": "ca.pem", "client_cert": "client.pem", "client_key": "client.key"},
        "proxy": f"http://ann:{PASSWORD}@127.0.0.1:3128",
    },
    {},
)


def test_a_described_target_shows_neither_headers_nor_the_proxys_password() -> None:
    """Values that are too short to be found in other texts are replaced here."""
    shown = describe(TARGET)
    assert shown["headers"] == {"X-Access-Key": "…redacted", "X-Env": "…redacted"}
    assert shown["proxy"] == "http://ann:…redacted@127.0.0.1:3128"
    assert shown["tls"]["ca_file"] == "ca.pem"


def test_the_curl_line_goes_the_same_way_with_secrets_as_variables() -> None:
    """The line can be pasted where the variables are set."""
    request = Request("POST", "https://gateway.example/v1/audio/speech", (), b"{}")
    answer = Answer(400, (("x-echo", ACCESS),), f"no {PASSWORD}, pass word, {ACCESS}".encode())
    found = Evidence(TARGET, None).describe(Finding("m", "e", "g", (Exchange(request, answer),)), "c", "r")
    assert (
        '--proxy http://ann:"$PROXY_PASSWORD"@127.0.0.1:3128 --cacert ca.pem --cert client.pem --key client.key'
        ' -H "X-Access-Key: $X_ACCESS_KEY" -H "X-Env: $X_ENV"'
    ) in found.curl
    shown = json.dumps(str(found), ensure_ascii=False)
    assert not [secret for secret in (ACCESS, PASSWORD, "pass word") if secret in shown]


def test_no_certificate_verified_is_said_by_curl_and_by_doctor() -> None:
    target = targets.parse({"base_url": "https://h/", "token": "t", "tls": {"verify": False}}, {})
    assert curl_options(target) == " --insecure"
    assert described(target, "TLSv1.3") == ("tls: TLSv1.3, and the gateway's certificate is NOT verified",)


def test_doctor_says_what_is_used() -> None:
    assert described(TARGET, "TLSv1.3") == (
        "proxy: http://ann:…redacted@127.0.0.1:3128, by CONNECT",
        "tls: TLSv1.3, and the gateway's certificate is trusted through ca.pem",
        "tls: the client shows client.pem",
        "headers: X-Access-Key, X-Env with every request",
    )
    plain = targets.parse({"base_url": "http://h/", "token": "t"}, {})
    assert described(plain, None) == ()
