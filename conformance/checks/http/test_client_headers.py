"""Headers that clients of OpenAI's API send of their own accord: the gateway calls itself compatible with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OPERATIONS, valid_request
from conformance.http.exchange import Headers
from conformance.judge.client.statuses import status_is

# As the official clients send them: the audio is awaited as an octet stream, transcripts always as JSON.
CLIENTS: dict[str, Headers] = {
    "python": (
        ("User-Agent", "OpenAI/Python 3.54.0"),
        ("X-Stainless-Lang", "python"),
        ("X-Stainless-Async", "false"),
        ("x-stainless-retry-count", "0"),
        ("x-stainless-read-timeout", "600"),
    ),
    "node": (("User-Agent", "OpenAI/JS 6.49.0"), ("X-Stainless-Runtime", "node"), ("Accept-Language", "*")),
    "curl": (("User-Agent", "curl/8.14.1"),),
    "browser": (("User-Agent", "Mozilla/5.0"), ("Origin", "https://app.example.com"), ("Sec-Fetch-Mode", "cors")),
}
ACCEPTED = {
    "python": ("application/octet-stream", "application/json"),
    "node": ("application/octet-stream", "application/json"),
    "curl": ("*/*", "*/*"),
    "browser": ("audio/*,*/*;q=0.8", "application/json, text/plain, */*"),
}


@each("route", OPERATIONS, "{route}.client-headers")
@pytest.mark.parametrize("client", CLIENTS)
def test_the_headers_of_known_clients_are_no_obstacle(case: Case, route: str, client: str) -> None:
    request = valid_request(case, route)
    accept = ACCEPTED[client][0 if case.contract.operations[route].gives_audio else 1]
    kept = tuple((name, value) for name, value in request.headers if name != "Accept")
    exchange = case.send(replace(request, headers=(*kept, ("Accept", accept), *CLIENTS[client])))
    case.judge(
        status_is(
            exchange, case.contract.statuses("served"), because=f"{route} with the headers that a {client} client sends"
        )
    )
