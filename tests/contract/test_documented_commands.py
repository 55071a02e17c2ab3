"""What the documents tell to type is right: run here, or parsed where it needs a gateway of the reader's own."""

from __future__ import annotations

import argparse
import configparser
import contextlib
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import conformance.cli
import mock_upstreams.cli
import reference_server.cli
import tests.mutants.__main__ as mutants
import tests.variants.__main__ as variants
from conformance import target
from conformance.load import LOCUSTFILE
from reference_server import config
from tests.conformance.fake_gateway import TOKEN, Reply, fake_gateway
from tests.contract import documented
from tests.contract.documented import Command
from tests.contract.table import ROOT
from tests.servers import running_gateway

PARSERS = {
    "audio-conformance": conformance.cli._parser,
    "audio-mock-upstreams": mock_upstreams.cli._parser,
    "audio-reference-server": reference_server.cli._parser,
    "tests.mutants": mutants._parser,
    "tests.variants": variants._parser,
}
# Of other programs, named beside ours.
FOREIGN = {"--pyargs", "--target", "--group"}  # the second is also our own, under pytest
WITHOUT_GATEWAY = {"list", "explain", "schema", "baseline", "diff", "matrix"}
FILLED_IN = {"ID": "speech.format.flac", "GLOB": "speech.*", "FILE": "report/cases/x.json"}
BLOCKS = documented.in_blocks()
ALL = list(dict.fromkeys([*BLOCKS, *documented.in_sentences()]))


def of(*programs: str) -> list[Command]:
    return [each for each in ALL if each.program in programs]


def typed(command: Command) -> list[str]:
    """Its arguments, with what the reader fills in."""
    return [FILLED_IN.get(word, word) for word in command.words[1:]]


def parsed(parser: argparse.ArgumentParser, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    try:
        return parser.parse_args(arguments)
    except SystemExit:
        pytest.fail(capsys.readouterr().err)


@pytest.mark.parametrize("command", of("audio-conformance", "audio-mock-upstreams", "audio-reference-server"), ids=str)
def test_our_programs_take_it(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """By their own parsers, and the files of the checkout that it names can be read."""
    if command.words == ("audio-mock-upstreams", "record"):
        pytest.skip("named in a sentence without the arguments that it wants")
    arguments = parsed(PARSERS[command.program](), typed(command), capsys)

    file = getattr(arguments, "config", None)
    assert not file or (ROOT / file).exists()
    if command.program == "audio-reference-server" and file:
        config.load(ROOT / file)
    for word in command.words:
        if word.startswith("examples/") and getattr(arguments, "target", None):
            target.load(ROOT / word, dict.fromkeys(re.findall(r"\$\{(\w+)", (ROOT / word).read_text()), "x"))


def test_every_option_that_a_page_names_is_one() -> None:
    """Of one of our programs, or one of the few of others."""
    known = FOREIGN | {option for make in PARSERS.values() for option in _options(make())}
    known |= set(re.findall(r'"(--[a-z-]+)"', "".join(path.read_text() for path in ROOT.glob("benchmarks/**/*.py"))))
    known |= _options_of_locust()
    assert len(documented.options()) > 15
    assert sorted((page, name) for page, name in documented.options() if name not in known) == []


@functools.cache
def _options_of_locust() -> set[str]:
    """Those of `audio-conformance load`: Locust's, to which it hands them on, and the suite's own."""
    if find_spec("locust") is None:
        pytest.skip("Locust is not installed: it comes with the extra `load`")
    command = [sys.executable, "-m", "locust", "--help"]  # not imported: it would change this process
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"--[a-z-]+", told + LOCUSTFILE.read_text(encoding="utf-8")))


def test_the_load_test_takes_its_options() -> None:
    known = _options_of_locust()
    commands = [each for each in BLOCKS if each.words[:2] == ("audio-conformance", "load")]
    assert len(commands) > 3
    assert {word for each in commands for word in each.words if word.startswith("--")} <= known


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from action.option_strings
        for each in (action.choices or {}).values() if isinstance(action, argparse._SubParsersAction) else ():
            yield from _options(each)


def test_the_first_steps_of_the_help_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    """Each of its lines, without the remark behind it."""
    parser = PARSERS["audio-conformance"]()
    steps = [line.partition("  (")[0].split() for line in (parser.epilog or "").splitlines()[1:]]

    assert len(steps) == 3
    for step in steps:
        parsed(parser, [word.strip("'") for word in step[1:]], capsys)


@pytest.mark.parametrize("command", of("python"), ids=str)
def test_our_modules_take_it(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """The module is there, and its parser knows the options."""
    flag, module, *arguments = typed(command)
    assert flag == "-m"
    assert find_spec(module) or module == "build"
    if module in PARSERS:
        parsed(PARSERS[module](), arguments, capsys)
    elif module.startswith("benchmarks."):
        file = ROOT / module.replace(".", "/")
        source = (file / "__main__.py" if file.is_dir() else file.with_suffix(".py")).read_text(encoding="utf-8")
        assert [word for word in arguments if word.startswith("--") and f'"{word}"' not in source] == []


@pytest.mark.parametrize("command", of("pip"), ids=str)
def test_what_is_installed_exists(command: Command) -> None:
    """Extras and groups are those of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    words = " ".join(command.words)
    extras = {name for listed in re.findall(r"\[([a-z,]+)\]", words) for name in listed.split(",")}

    assert extras <= set(project["project"]["optional-dependencies"])
    assert set(re.findall(r"--group (\w+)", words)) <= set(project["dependency-groups"])


@pytest.mark.parametrize("command", of("tox", "pytest"), ids=str)
def test_what_is_named_of_the_tests_exists(command: Command) -> None:
    """Environments are those of tox.ini, paths those of the checkout."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(ROOT / "tox.ini")
    environments = {name.removeprefix("testenv:") for name in settings.sections()} | {"NAME"}

    if command.program == "tox" and "-e" in command.words:
        assert command.words[command.words.index("-e") + 1] in environments
    assert [word for word in command.words if word.startswith("tests/") and not (ROOT / word).exists()] == []


def test_no_program_is_unknown_here() -> None:
    """What stands in a block is held by one of the tests of this module."""
    strangers = {each.program for each in BLOCKS} - documented.PROGRAMS - {"curl"}
    assert strangers == set()
    assert len(BLOCKS) > 50


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a reader has it after a first run: of a gateway that lets everybody in."""
    folder = tmp_path_factory.mktemp("reader")
    with fake_gateway(lambda _: Reply()) as (url, _):
        options = ["--select", "authentication.speech.missing", "--report-dir", str(folder / "report"), "-q"]
        assert conformance.cli.main(["run", "--base-url", url, "--token", TOKEN, *options]) == 1
    for name in ("OLD", "NEW", "REPORT"):
        shutil.copytree(folder / "report", folder / name)
    return folder


@pytest.mark.slow(about_s=30)
@pytest.mark.parametrize(
    "command", [each for each in of("audio-conformance") if each.words[1] in WITHOUT_GATEWAY], ids=str
)
def test_what_needs_no_gateway_does_what_it_says(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with 0 and says something, or writes the file that it names."""
    monkeypatch.chdir(folder)

    assert conformance.cli.main(typed(command)) == 0

    written = Path(command.words[command.words.index("--output") + 1]) if "--output" in command.words else None
    assert written.stat().st_size if written else capsys.readouterr().out


@pytest.mark.slow
def test_the_first_run_of_the_first_page_is_conforming(tmp_path: Path) -> None:
    """As it stands there."""
    (command,) = (each for each in BLOCKS if {"--embedded", "--effort"} <= set(each.words))
    done = subprocess.run(
        [sys.executable, "-m", "conformance", *typed(command)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "conforming" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", [each for each in BLOCKS if each.program == "audio-mock-upstreams"], ids=str)
def test_the_mock_starts_as_it_is_told(command: Command) -> None:
    """On another port, which is free."""
    arguments = ["0" if word == "9100" else word for word in typed(command)]
    with printed([sys.executable, "-m", "mock_upstreams", *arguments]) as first:
        assert "http://127.0.0.1:" in first


@contextlib.contextmanager
def printed(command: list[str]) -> Iterator[str]:
    """Starts a program and ends it; inside, the first line that it printed."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        late = threading.Timer(60, process.kill)
        late.start()
        try:
            yield process.stdout.readline() if process.stdout else ""
        finally:
            late.cancel()
            process.terminate()


CURL = shutil.which("curl")


@pytest.mark.slow
@pytest.mark.skipif(CURL is None, reason="no curl on this machine")
def test_the_lines_of_curl_do_what_they_say(tmp_path: Path) -> None:
    """In the order of each page, by a shell, on the reference server: none is refused."""
    (tmp_path / ".curlrc").write_text("fail-with-body\nsilent\nmax-time = 20\n")
    pages = {page: [line for line in documented.lines(page) if line.startswith("curl ")] for page in documented.PAGES}
    token = "control-of-the-documents"
    with running_gateway(environment={"MOCK_CONTROL_TOKEN": token}) as gateway:
        environment = {"ORIGIN": gateway.origin, "MOCK_CONTROL_TOKEN": token, "CURL_HOME": str(tmp_path)}
        for line in (line for lines in pages.values() for line in lines):
            done = subprocess.run(
                ["sh", "-c", line],
                env={**os.environ, **environment},
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
            assert done.returncode == 0, line + done.stdout
            json.loads(done.stdout)
    assert sum(map(len, pages.values())) > 5


CLIENT = """
import openai

class my_client:
    @staticmethod
    def speak(text):
        return openai.OpenAI(max_retries=1).audio.speech.create(model="tts-1", voice="alloy", input=text).content

"""


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in documented.PAGES if documented.examples(page)])
def test_the_examples_for_pytest_pass(page: str, tmp_path: Path) -> None:
    """Under the plug-in, with a client that tries again."""
    pytest.importorskip("openai", reason="openai is not installed")
    tests = documented.examples(page)
    (tmp_path / "test_client.py").write_text(CLIENT + "\n\n".join(tests), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert f"{len(tests)} passed" in done.stdout, done.stdout[-3000:]
