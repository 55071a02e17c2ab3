"""File names that the grammar of forms has no place for: taken or refused, and never blamed on the server.

The provider is told to take whatever it is sent, so that a failure is the gateway's own.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import TRANSCRIPT_OPERATIONS, TRANSCRIPTS, ask, model_key
from conformance.drive.scripts import canned, match_of
from conformance.judge.client.statuses import status_is
from conformance.samples.malformed import odd_form, part, raw_part
from conformance.samples.uploads import CONTROL_NAMES, STARRED_NAMES


@each("route, form", TRANSCRIPTS, "{route}.file-name.control")
@pytest.mark.parametrize("kind", CONTROL_NAMES)
def test_control_characters_in_a_file_name_are_taken_or_refused(case: Case, route: str, form: str, kind: str) -> None:
    upload = replace(case.upload(), file_name=CONTROL_NAMES[kind].format(case.marker))
    with case.provider.scripted(match_of(case, route, upload), canned(case, route)):
        exchange = ask(case, route, form, upload=upload)
    because = f"{route} ({form}) with a file named {upload.file_name!a}"
    case.judge(status_is(exchange, case.contract.statuses("taken-or-refused"), because=because))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.file-name.extended")
@pytest.mark.parametrize("kind", STARRED_NAMES)
def test_a_starred_file_name_is_taken_or_refused(case: Case, route: str, kind: str) -> None:
    """RFC 7578 forbids it, clients write it, and readers of forms differ in what they make of it."""
    upload, parameters = case.upload(), STARRED_NAMES[kind].format(case.marker)
    head = f'Content-Disposition: form-data; name="file"; {parameters}\r\nContent-Type: {upload.content_type}'
    model = part("model", model_key(case, route).encode())
    body = odd_form(model + raw_part(head.encode(), upload.data))
    with case.provider.scripted(match_of(case, route, upload), canned(case, route)):
        exchange = case.post(route, body)
    because = f"{route} with a file part that has {parameters}"
    case.judge(status_is(exchange, case.contract.statuses("taken-or-refused"), because=because))
