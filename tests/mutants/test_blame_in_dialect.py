"""A gateway of the dialect with one fault is accused of that fault, and not of what only comes of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.servers import CHECKOUT

pytestmark = [pytest.mark.slow(about_s=30), pytest.mark.timeout(600)]

_FORM_BY_JSON = ("robustness.transcriptions.headers-odd", "robustness.transcriptions.query-odd")
_OF_STREAMS = ("streams.transcriptions.*", "metering.transcriptions.stream*")
# In a process of its own, because the gateways of a judgement are killed with connections open.
_JUDGE = """
import json, logging, sys
from dataclasses import replace
from tests.mutants.conditions import AS_FORM, AS_JSON, SERVED, header, on, sent
from tests.mutants.dialect.streams import DIALECT
from tests.mutants.edge import answers
from tests.mutants.judging import judge, shared_mock
from tests.mutants.recipes import replies

logging.disable(logging.CRITICAL)
here = on("transcriptions")
whole = lambda _, answer: answer.with_body(json.dumps({"text": answer.body.decode()}).encode(), "application/json")
short = header("content-type", lambda value: len(value.partition("boundary=")[2].strip('"')) < 27)
faults = {
    "streams-as-json": answers(whole, here & sent("stream") & SERVED),
    "json-500": replies(500, here & AS_JSON),
    "short-boundary-500": replies(500, here & AS_FORM & short),
}
name, *judged = sys.argv[1:]
with shared_mock() as mock:
    found = judge(replace(faults[name], contract=DIALECT), mock, judged, "standard")
print(json.dumps([found.accused, found.verdicts]))
"""


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("streams-as-json", "streams.transcriptions.events", _OF_STREAMS),
        ("json-500", "http.transcriptions.content-type-other", _FORM_BY_JSON),
        (
            "short-boundary-500",
            "generated.transcriptions.boundaries",
            ("generated.transcriptions.upload", "generated.transcriptions.look-alikes"),
        ),
    ],
)
def test_a_fault_is_told_once(name: str, right: str, wrong: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", _JUDGE, name, right, *wrong]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=500, check=True)
    accused, verdicts = json.loads(done.stdout)
    assert accused == [right], verdicts
