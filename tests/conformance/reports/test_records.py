"""Findings of a report: both sides of the wire, a curl line that reproduces them, no secret."""

import json
import shlex
from pathlib import Path

import msgspec

from conformance import contracts
from conformance import target as targets
from conformance.coverage import Coverage
from conformance.http.exchange import Answer, Exchange, Finding, Request
from conformance.mock.calls import RecordedCall, ScriptedResponse, SentResponse
from conformance.reports import files
from conformance.reports.ledger import (
    CheckFinished,
    RunFinished,
)
from conformance.reports.records import Evidence
from conformance.reports.report import fold
from conformance.reports.verdicts import Outcome
from tests.conformance.reports.samples import TARGET, TOKEN, events, finding


def test_the_curl_line_names_the_token_by_variable() -> None:
    """It can be pasted into a shell: the words parse, the body is whole."""
    described = Evidence(TARGET, None).describe(finding(b'{"input": "it\'s"}'), "c", "r")

    words = shlex.split(described.curl)

    assert words[:3] == ["curl", "-i", "-X"]
    assert "Authorization: Bearer $GATEWAY_TOKEN" in words
    assert words[-1] == '{"input": "it\'s"}'


def test_a_binary_body_is_kept_beside_the_report(tmp_path: Path) -> None:
    """The curl line names a file that holds exactly what was sent."""
    body = bytes(range(256))
    described = Evidence(TARGET, tmp_path).describe(finding(body), "c", "r")

    path = Path(shlex.split(described.curl)[-1].removeprefix("@"))

    assert path.read_bytes() == body


def test_bytes_that_are_no_text_are_spelled_out(tmp_path: Path) -> None:
    """A header that was sent as raw bytes does not keep the report from being written."""
    request = Request("POST", "http://127.0.0.1:1/v1", (("Authorization", "Bearer caf\udce9"),))
    odd = Finding("got \udce9", "e", "g", (Exchange(request, error="broken \udce9"),))
    described = Evidence(TARGET, tmp_path).describe(odd, "c", "r")
    start, *_ = events()

    files.write(
        fold((start, CheckFinished("a.must", "c", Outcome.FAIL, 0.1, "", (described,)), RunFinished(1.0))), tmp_path
    )

    assert "\\\\udce9" in (tmp_path / "report.json").read_text(encoding="utf-8")


def test_an_answer_that_names_the_token_does_not_bring_it_into_the_coverage() -> None:
    """A gateway may put anything into its Content-Type; letter case makes a secret no less one."""
    token = "Cpeer_Mixed_Case_0123456789"
    target = targets.parse({"base_url": "http://127.0.0.1:1/v1", "token": token}, {})
    coverage = Coverage(target.base_url, contracts.load().document)
    answer = Answer(200, (("Content-Type", f"audio/{token}"),), b"")
    coverage.note(Exchange(Request("POST", f"{target.base_url}/audio/speech"), answer))

    told = json.dumps(msgspec.to_builtins(Evidence(target, None).redacted(coverage.summary())))

    assert "POST /audio/speech responses 200 audio/" in told
    assert token.lower() not in told.lower()


def test_a_finding_has_both_sides_of_the_wire() -> None:
    """The exchange with the gateway and the provider's call, as values; a request without a response says why."""
    request = Request("POST", "http://127.0.0.1:1/v1/audio/speech")
    silent = Finding("no answer", "200", "none", (Exchange(request, None, "no answer within 3 s", 3.14159),))
    (exchange,) = Evidence(TARGET, None).describe(silent, "c", "r").exchanges
    described = Evidence(TARGET, None).describe(finding(), "test_x::test_y", "rerun it", "cases/a-1.json")

    assert (exchange.response, exchange.error, exchange.elapsed_s) == (None, "no answer within 3 s", 3.1416)
    assert (described.check, described.rerun, described.case) == ("test_x::test_y", "rerun it", "cases/a-1.json")
    assert (described.message, described.expected, described.got) == ("wrong status", "status 400", "500 boom")
    (exchange,), (call,) = described.exchanges, described.upstream
    assert (exchange.request.method, exchange.request.body) == ("POST", '{"input": "x"}')
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (500, "boom cpee…redacted")
    assert dict(call.headers) == {"authorization": "Bear…redacted", "accept": "*/*"}


def test_long_texts_of_a_call_are_cut() -> None:
    """A request of many megabytes that reached the provider is no reason for a report of that size."""
    call = RecordedCall(
        position=1,
        method="POST",
        path="/v1/audio/speech",
        fields=(("model", "tts-1"), ("input", "a" * 1_000_000), ("audio", {"data": ["c" * 1_000_000]})),
        model="d" * 1_000_000,
        response=SentResponse(status=200, content_type="text/plain", size=1, sha256="", text="b" * 1_000_000),
    )
    (shown_call,) = Evidence(TARGET, None).describe(Finding("m", "e", "g", upstream=(call,)), "c", "r").upstream

    assert shown_call.fields[0] == ("model", "tts-1")
    assert shown_call.fields[1][1].endswith("… (1000000 characters)")
    assert len(str(msgspec.to_builtins(shown_call))) < 20_000


def test_a_finding_says_what_the_mock_was_told_to_do() -> None:
    """With it the curl line shows the same again; secrets in it are replaced too."""
    scripted = ScriptedResponse({"marker": "mark1z"}, {"status": 502, "body": {"text": TOKEN}}, None)
    described = Evidence(TARGET, None).describe(Finding("m", "e", "g", script=(scripted,)), "c", "r")

    (shown_script,) = described.script
    assert (shown_script.match, shown_script.act["status"], shown_script.times) == ({"marker": "mark1z"}, 502, None)
    assert TOKEN not in str(shown_script.act)


def test_a_script_with_a_long_body_is_kept_once_beside_the_report(tmp_path: Path) -> None:
    """Two findings of one long script are no reason for a report of twice its size; what the file holds can be posted."""
    long = ScriptedResponse({"marker": "mark1z"}, {"status": 200, "body": {"text": f"{TOKEN} {'words ' * 50_000}"}}, 2)
    short = ScriptedResponse({"marker": "mark1z"}, {"delay_s": 3}, None)
    evidence = Evidence(TARGET, tmp_path)
    both = [evidence.describe(Finding("m", "e", "g", script=(long, short)), "c", "r") for _ in range(2)]

    (file,) = tmp_path.iterdir()
    whole = json.loads(file.read_text("utf-8"))
    assert whole["match"] == {"marker": "mark1z"}
    assert whole["times"] == 2
    assert whole["act"]["body"]["text"].endswith("words " * 50_000)
    assert TOKEN not in file.read_text("utf-8")
    for described in both:
        assert described.script[1] == short
        cut = described.script[0].act["body"]["text"]
        assert "words words" in cut
        assert str(file) in cut
        assert len(cut) < 1000


def test_a_script_is_not_kept_without_a_folder() -> None:
    long = ScriptedResponse({}, {"body": {"text": "words " * 50_000}}, None)
    (shown,) = Evidence(TARGET, None).describe(Finding("m", "e", "g", script=(long,)), "c", "r").script

    assert shown.act["body"]["text"].endswith("… (300000 characters)")


def test_a_finding_without_an_exchange_has_no_curl_line() -> None:
    """There is nothing to send again."""
    assert Evidence(TARGET, None).describe(Finding("m", "e", "g"), "c", "r").curl == ""


def test_a_body_is_not_kept_without_a_folder() -> None:
    """The curl line names the file all the same, so that the line of two runs is the same."""
    described = Evidence(TARGET, None).describe(finding(bytes(range(256))), "c", "r")

    assert shlex.split(described.curl)[-1].endswith(".bin")
