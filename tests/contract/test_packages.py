"""What is published: the same bytes each time, and a judge that needs nothing of the server's."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from conformance.errors import UsageError
from conformance.target import extras

ROOT = Path(__file__).resolve().parents[2]
SERVERS = ("litestar", "granian", "aiohttp", "uvicorn", "reedsolo", "multipart", "prometheus_client")
ALONE = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from conformance.cli import main
sys.exit(main({command!r}))
"""


def without_servers(*command: str) -> subprocess.CompletedProcess[str]:
    """The suite's command line in a process that has none of the server's packages."""
    program = ALONE.format(names=set(SERVERS), command=list(command))
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.slow
def test_the_judge_alone_needs_no_package_of_the_server() -> None:
    """Every check is loaded to explain one, and none asks for more."""
    done = without_servers("explain", "speech.format.flac")

    assert done.returncode == 0, done.stderr
    assert "test_speech_answer" in done.stdout


def test_what_is_not_installed_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with a traceback."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)

    with pytest.raises(UsageError) as caught:
        extras.require("server", "The embedded reference server")

    assert "needs litestar, granian, aiohttp" in caught.value.message
    assert "audio-gateway-conformance[server]" in caught.value.hint


@pytest.mark.slow
def test_wheel_and_sdist_are_the_same_each_time_and_hold_what_a_report_needs(tmp_path: Path) -> None:
    """Built twice, at other times and in other places."""
    digests = [built(tmp_path / name) for name in ("one", "two")]
    assert digests[0] == digests[1]

    (wheel,), (sdist,) = (list((tmp_path / "one").glob(pattern)) for pattern in ("*.whl", "*.tar.gz"))
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "conformance/reports/html/templates/report.html.j2",
        "conformance/reports/html/templates/style.css",
        "conformance/reports/html/templates/script.js",
        "conformance/py.typed",
        "audio_contract/openapi.yaml",
    } <= names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]
    with tarfile.open(sdist) as archive:
        assert not [name for name in archive.getnames() if ".venv" in name or "__pycache__" in name]


def built(folder: Path) -> dict[str, str]:
    """The digests of what a build makes."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1780000000"}
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=240, env=environment)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
