"""A violation is kept as a file, without secrets, and a replay of it tells fixed from failing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.errors import UsageError
from conformance.http.exchange import Answer, Exchange, Finding, Request
from conformance.runner import kept_cases
from conformance.runner.kept_cases import TOKEN as PLACEHOLDER
from conformance.runner.kept_cases import Keeper
from conformance.target import Target
from conformance.target.model import Budget, LimitedTokens
from tests.conformance.fake_gateway import TOKEN, Behaviour, Reply, authorised, fake_gateway

URL = "http://gateway.example/api/client/v1"
TARGET = Target(base_url=URL, token=TOKEN, limited_tokens=LimitedTokens(budget=Budget(token="cpeer_spent_0123")))
BODY = b"\x00\xff binary \r\n"


def exchange(url: str = f"{URL}/audio/speech", body: bytes = BODY, token: str = TOKEN) -> Exchange:
    request = Request("POST", url, (("Authorization", f"Bearer {token}"), ("X-Odd", "\udcff")), body)
    return Exchange(request, Answer(500, (), b"broken"))


def finding(*exchanges: Exchange, statuses: tuple[int, ...] = (200,)) -> Finding:
    return Finding(f"refused {TOKEN}", "status 200", "500 broken", exchanges, statuses=statuses)


def keeper(folder: Path | None) -> Keeper:
    return Keeper(TARGET, folder, seed=7, effort="quick")


def test_a_case_holds_the_request_byte_by_byte_and_no_secret(tmp_path: Path) -> None:
    """What is read back and pointed at a gateway is what was sent, with that gateway's own token."""
    file = Path(keeper(tmp_path).keep("speech.x", "check", finding(exchange())))

    assert TOKEN not in file.read_text()
    case = kept_cases.load(file)
    assert (case.judged_by, case.statuses, case.status, case.seed, case.effort) == ("status", (200,), 500, 7, "quick")
    assert case.request is not None
    other = Target(base_url="http://other.example/v1/", token="cpeer_other")
    sent = case.request.for_target(other)
    assert (sent.url, sent.body) == ("http://other.example/v1/audio/speech", BODY)
    assert sent.header("authorization") == "Bearer cpeer_other"
    assert PLACEHOLDER in file.read_text()


@pytest.mark.parametrize(
    "kept",
    [
        finding(),
        finding(exchange(), statuses=()),
        finding(exchange(body=f"x{TOKEN}".encode())),
        finding(exchange(token="cpeer_spent_0123")),
        finding(exchange(url=f"{URL}/audio/speech?token={TOKEN}")),
        finding(exchange(url="http://elsewhere.example/")),
    ],
    ids=["no-exchange", "a-relation", "secret-in-body", "another-token", "secret-in-url", "elsewhere"],
)
def test_what_one_request_cannot_show_is_judged_by_a_rerun(tmp_path: Path, kept: Finding) -> None:
    """A relation, a secret that may not be kept, a request to somewhere else: the requirement's checks run again."""
    file = Path(keeper(tmp_path).keep("speech.x", "check", kept))
    assert kept_cases.load(file).judged_by == "rerun"
    assert TOKEN not in file.read_text()
    assert "cpeer_spent" not in file.read_text()


def test_cases_are_numbered_within_a_run(tmp_path: Path) -> None:
    """Two findings of one requirement are two files; without a report folder there are none."""
    keeping = keeper(tmp_path)
    names = [Path(keeping.keep("speech.x", "check", finding(exchange()))).name for _ in range(2)]
    assert names == ["speech.x-1.json", "speech.x-2.json"]
    assert keeper(None).keep("speech.x", "check", finding(exchange())) == ""


@pytest.mark.parametrize("text", ["{}", "no json", '{"format": 9}'])
def test_what_is_no_case_is_named(tmp_path: Path, text: str) -> None:
    """A wrong file ends with a sentence that names it, and status 2."""
    file = tmp_path / "case.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=r"case\.json"):
        kept_cases.load(file)


@contextmanager
def kept_failure(tmp_path: Path, behave: Behaviour, requirement: str) -> Iterator[Path]:
    with fake_gateway(behave) as (url, _):
        status = main(
            ["run", "--base-url", url, "--token", TOKEN, "--select", requirement, "--report-dir", str(tmp_path)]
        )
    assert status == 1
    report = json.loads((tmp_path / "report.json").read_text())
    yield Path(report["requirements"][0]["findings"][0]["case"])


def replay(file: Path, behave: Behaviour) -> int:
    with fake_gateway(behave) as (url, _):
        return main(["replay", str(file), "--base-url", url, "--token", TOKEN])


@pytest.mark.slow
def test_a_kept_request_is_sent_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The status alone decides: fixed, still failing in the same way, or failing in another."""

    with kept_failure(
        tmp_path, lambda seen: Reply(500) if seen.body else authorised(seen), "generated.speech.never-5xx"
    ) as file:
        assert kept_cases.load(file).judged_by == "status"
        assert replay(file, lambda _: Reply(400)) == 0
        assert "fixed: 400" in capsys.readouterr().out
        assert replay(file, lambda _: Reply(500)) == 1
        assert "still failing: 500" in capsys.readouterr().out
        assert replay(file, lambda _: Reply(502)) == 1
        assert "changed, and failing: 502" in capsys.readouterr().out


def test_a_relation_is_run_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A check whose finding one request cannot show runs anew; nobody there is status 3."""
    with kept_failure(tmp_path, lambda _: Reply(), "authentication.speech.missing") as file:
        assert kept_cases.load(file).judged_by == "rerun"
        assert replay(file, authorised) == 0
        assert "fixed" in capsys.readouterr().out
        assert replay(file, lambda _: Reply()) == 1
        assert "still failing" in capsys.readouterr().out
    assert main(["replay", str(file), "--base-url", "http://127.0.0.1:9/v1", "--token", TOKEN]) == 3
