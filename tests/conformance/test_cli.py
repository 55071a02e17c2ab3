"""The command line as its users meet it: exit statuses, sentences, files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.cli import main
from tests.conformance.conftest import holds_to_the_schema
from tests.conformance.fake_gateway import TOKEN, Reply, Seen, authorised, fake_gateway


def audio_conformance(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conformance", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Exit status and both streams of a command, called in this process: a program takes half a second to load."""
    try:
        status = main([*map(str, arguments)])
    except SystemExit as end:  # argparse's own
        status = int(end.code or 0)
    return status, *capsys.readouterr()


def judged(capsys: pytest.CaptureFixture[str], url: str, *arguments: str | Path) -> tuple[int, str]:
    """Exit status and what a run printed."""
    status, output, _ = printed(capsys, "run", "--base-url", url, "--token", TOKEN, *arguments)
    return status, output


def test_a_conforming_gateway_ends_with_0(tmp_path: Path) -> None:
    """As a process of its own: the verdict is printed last, and the files are written."""
    with fake_gateway() as (url, _):
        where = ("--base-url", url, "--token", TOKEN, "--report-dir", tmp_path)
        done = audio_conformance("run", *where, "--select", "authentication.*")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "conforming" in done.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    holds_to_the_schema(report)
    assert report["verdict"] == "conforming"
    assert report["counts"]["fail"] == 0
    statuses = report["schema_coverage"]["counts"]["statuses"]
    assert 0 < statuses["reached"] < statuses["known"]
    assert f"statuses {statuses['reached']}/{statuses['known']}" in done.stdout
    assert "statuses: POST /audio/speech responses 500" in report["schema_coverage"]["not_reached"]
    assert (tmp_path / "junit.xml").exists()


def test_a_violation_ends_with_1_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """The requirement, what was expected, what came, a curl line and the rerun are all there."""
    with fake_gateway(lambda _: Reply()) as (url, _):
        status, output = judged(capsys, url, "--select", "authentication.speech.missing")

    assert status == 1
    for part in (
        "authentication.speech.missing",
        "expected  status 401",
        "got  200",
        "curl -i",
        "--select 'authentication.speech.missing::test_authentication::",
    ):
        assert part in output


def test_nobody_there_ends_with_3_and_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Port 9 of loopback: nothing answers."""
    status, output = judged(capsys, "http://127.0.0.1:9")

    assert status == 3
    assert "No gateway answers at http://127.0.0.1:9" in output


def test_a_refused_token_ends_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    """A gateway that refuses the valid token cannot be judged."""
    with fake_gateway(lambda _: Reply(401)) as (url, _):
        status, output = judged(capsys, url)

    assert status == 3
    assert "refuses the token" in output


def test_other_model_names_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """With only a URL and a token, a gateway that names its models otherwise is not accused: the mend is said."""

    def behave(seen: Seen) -> Reply:
        reply = authorised(seen)
        return Reply(400, b'{"error": {"message": "no such model", "type": "x"}}') if reply.status == 200 else reply

    with fake_gateway(behave) as (url, _):
        status, output = judged(capsys, url, "--select", "authentication.scheme-case")

    assert status == 4
    assert "declare models.speech (or --speech-model)" in output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("base_url: http://127.0.0.1:9\ntoken: t\nmodles: {}\n", "modles: unknown key. Allowed here: base_url, token"),
        ("base_url: http://127.0.0.1:9\n", "Required here: base_url, token"),
        ("[", "not valid YAML at line"),
    ],
)
def test_a_wrong_target_file_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    """The path in the file and what is allowed are named."""
    file = tmp_path / "target.yaml"
    file.write_text(content)

    status, _, errors = printed(capsys, "run", file)

    assert status == 2
    assert said in errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("run", "--base-url", "http://127.0.0.1:9"),
        ("run", "--base-url", "http://127.0.0.1:9", "--token", "t", "--select", "no.such.*"),
        ("explain", "no.such"),
        ("nonsense",),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Each says what is missing instead of a traceback."""
    status, _, errors = printed(capsys, *arguments)

    assert status == 2
    assert errors.strip()


def test_the_program_says_what_is_missing_without_a_traceback() -> None:
    """As a process of its own."""
    done = audio_conformance("run")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_list_prints_a_requirement_a_line_id_first(capsys: pytest.CaptureFixture[str]) -> None:
    """The count goes to the error stream, so that the list can be piped."""
    _, output, _ = printed(capsys, "list", "--select", "authentication.speech.*")

    ids = [line.split()[0] for line in output.splitlines()]
    assert ids
    assert all(each.startswith("authentication.speech.") for each in ids)


def test_explain_names_the_checks(capsys: pytest.CaptureFixture[str]) -> None:
    """Level, statement, the clause with its link, needs and every check that decides it."""
    _, output, _ = printed(capsys, "explain", "authentication.speech.missing")

    assert "MUST" in output
    assert "docs/contract/rulings.md#statuses-no-valid-token" in output
    assert "no header, other scheme" in output
    assert "test_authentication::test_no_authorization_header_is_refused[speech-json]" in output


def test_a_file_of_tls_that_is_missing_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is sent, and with the key of the target file."""
    file = tmp_path / "target.yaml"
    file.write_text("{base_url: 'https://127.0.0.1:9/v1', token: t, tls: {ca_file: absent.pem}}")

    status, _, errors = printed(capsys, "run", file)

    assert status == 2
    assert f"tls.ca_file: the file {tmp_path / 'absent.pem'} cannot be read" in errors


def test_doctor_ends_with_3_where_the_proxy_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the proxy, not the gateway, and no password."""
    file = tmp_path / "target.yaml"
    file.write_text("{base_url: 'https://gateway.example/v1', token: t, proxy: 'http://ann:s3cret@127.0.0.1:9'}")

    status, output, errors = printed(capsys, "doctor", file)

    assert status == 3
    assert "no connection to the proxy at 127.0.0.1:9" in errors
    assert "s3cret" not in errors + output


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["list"]])
def test_what_is_quickly_told_loads_nothing_that_judges(arguments: list[str]) -> None:
    """Nobody waits for pytest and FFmpeg to read a help page."""
    program = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from conformance.cli import main; main()"
    )
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert not {"pytest", "av", "numpy", "schemathesis", "hypothesis"} & set(done.stdout.splitlines()[-1].split())
