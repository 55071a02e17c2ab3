"""A run of a gateway that is broken in many ways, as its ledger tells it: as many findings as a test asks for."""

from __future__ import annotations

import functools
import math
import struct

from conformance.audio.writing import wav_file
from conformance.contracts.requirements import Level, Requirement
from conformance.http.exchange import Answer, Exchange, Finding, Request
from conformance.mock.calls import RecordedCall, ScriptedResponse, SentResponse
from conformance.reports.latency import latency_of
from conformance.reports.ledger import (
    AudioKept,
    CheckFinished,
    Event,
    LatencyMeasured,
    LeftUndecided,
    RunFinished,
    RunStarted,
    SuiteReport,
)
from conformance.reports.records import Evidence
from conformance.reports.redaction import describe
from conformance.reports.verdicts import Outcome, Verdict
from tests.conformance.reports.samples import TARGET

BASE = "http://127.0.0.1:1/v1/audio"
_PROBLEMS = (
    ("model.type", "status 400", 500, "The gateway failed."),
    ("voice.type", "status 400", 200, ""),
    ("extra-field.survived", "status 200", 422, "extra fields are not permitted"),
    ("unknown-model", "status 400", 404, "no such model 'x'"),
)


def beep(seconds: float = 0.4) -> bytes:
    """A wav of a tone that swells."""
    count = int(16_000 * seconds)
    values = (int(20_000 * n / count * math.sin(n / 6)) for n in range(count))
    return wav_file(struct.pack(f"<{count}h", *values), rate=16_000, bits=16)


def requirement(name: str, level: Level = Level.MUST, section: str = "Statuses") -> Requirement:
    link = "docs/contract/rulings.md#statuses-unknown-model"
    return Requirement(id=name, level=level, section=section, link=link, statement=f"What {name} asks is kept.")


def finding(number: int, *, body: bytes = b"", text: str = "") -> Finding:
    """The `number`-th finding: its problem goes round, its bodies are its own."""
    topic, expected, status, message = _PROBLEMS[number % len(_PROBLEMS)]
    sent = f'{{"model": "tts-1", "input": "mark{number:x}n{number}z {"words " * 40}"}}'.encode()
    headers = (("Authorization", f"Bearer {TARGET.token}"), ("Content-Type", "application/json"))
    request = Request("POST", f"{BASE}/speech", headers, sent)
    received = body or f'{{"error": {{"message": "{message}", "type": "t", "id": "req_{number:012}"}}}}'.encode()
    answer = Answer(status, (("content-type", "application/json"), ("x-note", text)), received)
    call = RecordedCall(
        position=number,
        method="POST",
        path="/v1/audio/speech",
        fields=(("input", f"words {number} {text}"),),
        response=SentResponse(status=200, content_type="audio/mpeg", size=10, sha256="ab" * 32),
    )
    script = (
        ScriptedResponse(
            {"marker": f"m{number}"}, {"status": 503, "body": {"base64": "A" * (9000 if number % 50 == 0 else 90)}}
        ),
    )
    return Finding(
        f"speech with {topic} {number}{text}: wrong status",
        f"{expected}{text}",
        f"{status} {received[:200].decode('utf-8', 'replace')}",
        (Exchange(request, answer, elapsed_s=0.1),),
        (call,),
        script=script,
    )


def audio_finding() -> Finding:
    """A finding about audio that can be heard."""
    request = Request("POST", f"{BASE}/speech", (), b'{"response_format": "mp3"}')
    answer = Answer(200, (("content-type", "audio/mpeg"),), beep())
    problem = "speech with response_format: mp3: Content-Type and bytes disagree"
    return Finding(
        problem,
        "Content-Type audio/wav, as the bytes are wav",
        "Content-Type 'audio/mpeg'",
        (Exchange(request, answer),),
    )


@functools.cache
def broken(count: int = 12, *, body: bytes = b"", text: str = "", each: int = 4) -> tuple[Event, ...]:
    """The ledger of a run with `count` findings, `each` to a requirement, and one recording that is accused."""
    kept: list[Event] = []
    evidence = Evidence(TARGET, None, lambda audio: kept.append(AudioKept(audio)))
    names = [f"speech.{_PROBLEMS[n % len(_PROBLEMS)][0]}-{n}" for n in range(math.ceil(count / each))]
    level = {name: Level.SHOULD if n % 5 == 4 else Level.MUST for n, name in enumerate(names)}
    known = [requirement(name, level[name]) for name in names]
    known += [
        requirement("speech.content-type.mp3", section="Answers"),
        requirement("speech.format.flac", section="Answers"),
    ]
    known += [requirement("limits.rate.speech", section="Statuses")]
    finished = []
    for n, name in enumerate(names):
        found = [finding(n + len(_PROBLEMS) * i, body=body, text=text) for i in range(min(each, count - n * each))]
        told = tuple(
            evidence.describe(one, "test_x::test_y", f"audio-conformance run T --select {name}") for one in found
        )
        finished.append(CheckFinished(name, "test_x::test_y", Outcome.FAIL, 0.1, evidence.text(f"wrong{text}"), told))
    heard = evidence.describe(
        audio_finding(), "test_x::test_z", "audio-conformance run T --select speech.content-type.mp3"
    )
    finished.append(CheckFinished("speech.content-type.mp3", "test_x::test_z", Outcome.FAIL, 0.2, "disagree", (heard,)))
    finished.append(CheckFinished("speech.format.flac", "test_x::test_w", Outcome.PASS, 0.2))
    planned = tuple(each.id for each in known[:-1])
    start = RunStarted(
        SuiteReport("1", "1", 7, "quick"),
        describe(TARGET),
        "2026-01-01T00:00:00+00:00",
        "audio-conformance run T",
        tuple(known),
        planned,
    )
    left = LeftUndecided(
        "limits.rate.speech", Verdict.NOT_VERIFIED, evidence.text(f"declare limited_tokens.rate_limit{text}")
    )
    times = LatencyMeasured((latency_of("speech", [3.0, 5.0, 9.0, 40.0, 41.0, 300.0]),))
    return (start, left, *kept, *finished, times, RunFinished(1.5))
