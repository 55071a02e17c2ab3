"""Action, component, examples and container files: well formed by their linters, and their steps do what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance import target
from reference_server import config

ROOT = Path(__file__).resolve().parents[2]
ACTION = ROOT / "action.yml"
TEMPLATE = ROOT / "templates" / "audio-conformance.yml"
NOTHING_LISTENS = "http://127.0.0.1:1/v1"
SCHEMAS = {
    "action.yml": ("vendor.github-actions",),
    ".github/workflows/checks.yml": ("vendor.github-workflows",),
    ".github/workflows/publish.yml": ("vendor.github-workflows",),
    "examples/ci/github-judge.yml": ("vendor.github-workflows",),
    "examples/ci/github-canary.yml": ("vendor.github-workflows",),
    "examples/ci/gitlab-judge.yml": ("vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
    "docker/compose.yaml": ("vendor.compose-spec",),
}


def tool(name: str) -> str:
    """The path of a linter. Skips where it is not installed."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.mark.parametrize("name", list(SCHEMAS))
def test_each_file_is_what_its_reader_takes(name: str) -> None:
    """By the published schemas, without asking the network."""
    schema, *options = SCHEMAS[name]
    program = pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed").main
    runner = pytest.importorskip("click.testing").CliRunner()
    done = runner.invoke(program, ["--builtin-schema", schema, *options, str(ROOT / name)])
    assert done.exit_code == 0, done.output


def test_the_dockerfile_has_nothing_that_its_linter_minds() -> None:
    done = subprocess.run(
        [tool("hadolint"), str(ROOT / "docker" / "Dockerfile")], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == ""
    assert done.returncode == 0


@pytest.mark.parametrize("name", [name for name, (schema, *_) in SCHEMAS.items() if schema.endswith("workflows")])
def test_each_workflow_has_nothing_that_its_linter_minds(name: str, tmp_path: Path) -> None:
    """Expressions, permissions, shell, and the inputs of our own action, whose place the checkout's copy takes."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    text = re.sub(r"uses: OWNER/audio-gateway-conformance@\S+", "uses: ./", (ROOT / name).read_text())
    (folder / "linted.yml").write_text(text)
    shutil.copy(ACTION, tmp_path)
    (tmp_path / ".git").mkdir()

    done = subprocess.run(
        [tool("actionlint"), "-shellcheck", tool("shellcheck")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["ci/judge.sh", "docker/lock.sh", ".ci/run"])
def test_each_script_has_nothing_that_its_linter_minds(name: str) -> None:
    done = subprocess.run(
        [tool("shellcheck"), str(ROOT / name)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == ""


def test_only_the_job_that_publishes_can_and_only_after_the_others() -> None:
    """Its identity is what the registry trusts: no other job has it, and no secret is read anywhere."""
    text = (ROOT / ".github" / "workflows" / "publish.yml").read_text()
    workflow = yaml.safe_load(text)
    jobs = workflow["jobs"]

    assert workflow["permissions"] == {"contents": "read"}
    assert {name for name, job in jobs.items() if "permissions" in job} == {"publish"}
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert jobs["publish"]["environment"] == "release"
    assert set(jobs["publish"]["needs"]) == {"build", "try"}
    assert "secrets." not in text


def test_no_script_has_an_input_written_into_it() -> None:
    """An input is somebody's text: it comes by the environment, where no shell reads it as code."""
    steps = yaml.safe_load(ACTION.read_text())["runs"]["steps"]
    scripts = [step["run"] for step in steps if "run" in step]
    *_, job = [document for document in yaml.safe_load_all(TEMPLATE.read_text()) if document]
    (commands,) = [value["script"] for value in job.values()]

    assert scripts
    assert not [script for script in scripts if "${{" in script]
    assert not [command for command in commands if "$[[" in command]


def test_the_reports_are_kept_whatever_the_verdict() -> None:
    """The step that uploads them runs after a failure, too."""
    *_, last = yaml.safe_load(ACTION.read_text())["runs"]["steps"]

    assert last["if"].startswith("always()")
    assert last["uses"].startswith("actions/upload-artifact@")


def judged(tmp_path: Path, **inputs: str) -> tuple[int, dict[str, str], str]:
    """Runs the action's own script as a runner would: its exit status, its outputs, what it printed."""
    command = tmp_path / "bin" / "audio-conformance"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m conformance "$@"\n')
    command.chmod(0o755)
    outputs = tmp_path / "outputs"
    environment = {
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "GITHUB_OUTPUT": str(outputs),
        "GATEWAY_TOKEN": "cpeer_of_the_job",
        **inputs,
    }
    done = subprocess.run(
        ["bash", str(ROOT / "ci" / "judge.sh")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    told = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    return done.returncode, told, done.stdout + done.stderr


@pytest.mark.slow
def test_the_script_passes_the_exit_status_on_and_says_what_came_of_it(tmp_path: Path) -> None:
    """Also where nothing answers, with inputs that a shell would trip over."""
    status, outputs, printed = judged(
        tmp_path,
        INPUT_BASE_URL=NOTHING_LISTENS,
        INPUT_SELECT="speech.format.*\nhttp.*",
        INPUT_REPORT_DIR="reports of $(touch owned)",
    )

    assert status == 3, printed
    assert outputs["verdict"] == "undecided"
    assert json.loads(outputs["counts"])["blocked"] > 5
    assert outputs["causes"] == "0"
    assert (tmp_path / outputs["report-dir"] / "report.html").exists()
    assert not (tmp_path / "owned").exists()
    assert "cpeer_of_the_job" not in printed


@pytest.mark.slow
def test_the_script_tells_wrong_arguments_from_a_verdict(tmp_path: Path) -> None:
    """No report, so no verdict: the status is that of wrong usage."""
    status, outputs, _ = judged(tmp_path, INPUT_TARGET="none.yaml")

    assert status == 2
    assert set(outputs) == {"report-dir"}


def test_the_files_of_the_compose_file_are_read_by_whom_they_are_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Configuration and target are valid, and speak of the same token and port."""
    settings: Any = config.load(ROOT / "docker" / "gateway.yaml")
    declared = target.load(ROOT / "docker" / "target.yaml", {"MOCK_CONTROL_TOKEN": "t"})
    port = re.search(r"--port\", \"(\d+)\"", (ROOT / "docker" / "Dockerfile").read_text())

    assert declared.token in str([token.token for token in settings.tokens])
    assert port
    assert f":{port.group(1)}/" in declared.base_url


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"INPUT_BASE_URL": "http://x/v1"}, ["run", "target.yaml"]),
        (
            {"INPUT_TARGET": "my $(x).yaml", "INPUT_BASELINE": "known.yaml"},
            ["my $(x).yaml", "--baseline", "known.yaml"],
        ),
        ({"INPUT_TARGET": "t.yaml", "INPUT_SELECT": "speech.*"}, ["--select", "speech.*"]),
    ],
)
def test_the_component_hands_its_inputs_on(tmp_path: Path, inputs: dict[str, str], words: list[str]) -> None:
    """Each as one word, whatever is in it, by the shell that the runner has."""
    judge = tmp_path / ".judge" / "bin" / "audio-conformance"
    judge.parent.mkdir(parents=True)
    judge.write_text('#!/bin/sh\nfor word in "$@"; do echo "$word"; done\nexit 1\n')
    judge.chmod(0o755)
    *_, job = [document for document in yaml.safe_load_all(TEMPLATE.read_text()) if document]
    (commands,) = [value["script"] for value in job.values()]
    defaults = dict.fromkeys(("INPUT_TARGET", "INPUT_BASE_URL", "INPUT_SELECT", "INPUT_BASELINE"), "")
    environment = {"PATH": os.environ["PATH"], **defaults, "INPUT_EFFORT": "quick", **inputs}

    done = subprocess.run(
        ["sh", "-c", commands[-1]],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    said = done.stdout.splitlines()
    assert done.returncode == 1
    assert [word for word in words if word not in said] == []
    assert (tmp_path / "target.yaml").exists() == ("INPUT_TARGET" not in inputs)
