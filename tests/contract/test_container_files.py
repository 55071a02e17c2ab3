"""What containers are built from: locked with digests, as pyproject.toml says, and whole as far as no engine is needed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from conformance.mock.launch import running_mock
from tests.servers import running_gateway

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()
LOCKED = ROOT / "docker" / "locked"
EXTRAS = {"suite": ("mock",), "server": ("server", "valkey")}
ENTRY = re.compile(r"^([a-z0-9-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def locked(name: str) -> dict[str, str]:
    """Names and versions of a lock file, all of which have digests and nothing else."""
    text = (LOCKED / f"{name}.txt").read_text()
    assert ENTRY.sub("", text) == ""
    return {match[1]: match[2] for match in ENTRY.finditer(text)}


def declared(*extras: str) -> Iterator[Requirement]:
    """What pyproject.toml asks for with these extras, and with those that they hold."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for text in (
        *project["dependencies"],
        *(each for extra in extras for each in project["optional-dependencies"][extra]),
    ):
        requirement = Requirement(text)
        if requirement.name == project["name"]:
            yield from declared(*requirement.extras)
        else:
            yield requirement


@pytest.mark.parametrize("name", list(EXTRAS))
def test_what_is_locked_is_what_the_project_asks_for(name: str) -> None:
    """`docker/lock.sh` writes it anew after a change of pyproject.toml."""
    found = locked(name)
    wrong = [str(each) for each in declared(*EXTRAS[name]) if not each.specifier.contains(found.get(each.name, "0"))]

    assert wrong == []


def test_what_builds_is_locked_too() -> None:
    assert {"hatchling", "uv"} <= locked("build").keys()


def test_nothing_is_installed_that_is_not_locked() -> None:
    """Neither by pip nor by uv, but for the project's own wheel."""
    installs = re.findall(r"pip install (.*?)(?= &&|\n)", DOCKERFILE.replace("\\\n", ""))

    assert len(installs) == 5
    assert [each for each in installs if "--require-hashes" not in each and "--no-deps" not in each] == []


@pytest.mark.slow
def test_what_is_copied_is_enough_to_build_the_wheel(tmp_path: Path) -> None:
    """The step itself, in a folder that has nothing else."""
    for line in re.findall(r"^COPY (?!--from|docker/)(.+)$", DOCKERFILE, re.MULTILINE):
        *sources, into = line.split()
        for source in sources:
            place = tmp_path / into / Path(source).name if into == "./" else tmp_path / into
            place.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / source).is_dir() else shutil.copy)(ROOT / source, place)
    (step,) = re.findall(r"^RUN (python -m hatchling .+)$", DOCKERFILE, re.MULTILINE)
    command = [sys.executable, *shlex.split(step.replace("/wheels", str(tmp_path / "wheels")))[1:]]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)

    assert len(list((tmp_path / "wheels").glob("*.whl"))) == 1


def health_check(stage: str, port: int) -> int:
    """The status of a stage's health check, asked at this port."""
    (_, text) = DOCKERFILE.split(f"AS {stage}\n")
    (script,) = re.findall(r'CMD \["python", "-c", "(.+?)"\]', text.partition("FROM ")[0])
    script = re.sub(r"\b(8080|9100)\b", str(port), script)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=30, check=False)
    return done.returncode


@pytest.mark.slow
def test_the_health_checks_tell_what_runs_from_what_does_not() -> None:
    """Each asks its own program, at the port that it has here."""
    with running_gateway() as gateway, running_mock("127.0.0.1:0", "t") as mock:
        ports = [int(url.rpartition(":")[2]) for url in (gateway.origin, mock)]
        healthy = [health_check("gateway", ports[0]), health_check("mock", ports[1])]
    gone = [health_check("gateway", ports[0]), health_check("mock", ports[1])]

    assert healthy == [0, 0]
    assert 0 not in gone
