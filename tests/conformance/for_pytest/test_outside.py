"""A project outside this repository uses the fixtures: an environment of its own, with the wheel of this checkout."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.servers import CHECKOUT

pytestmark = pytest.mark.slow(about_s=20)

PROJECT = '''
"""A client's tests, as its author writes them."""

import httpx
import openai
import pytest


def test_the_sdk_speaks_to_the_mock(audio_mock, monkeypatch):
    audio_mock.set_environment(monkeypatch)
    with openai.OpenAI(max_retries=0) as client:
        spoken = client.audio.speech.create(model="tts-1", voice="alloy", input="Hello.", response_format="flac")
        heard = client.audio.transcriptions.create(model="whisper-1", file=("a.flac", spoken.content))
    assert heard.text == "Hello."
    assert [call.operation for call in audio_mock.calls()] == ["speech", "transcription"]


def test_the_sdk_tries_again(audio_mock, monkeypatch):
    audio_mock.set_environment(monkeypatch)
    with audio_mock.scripted({"status": 429, "headers": {"Retry-After": "0"}}, times=1):
        with openai.OpenAI(max_retries=1) as client:
            client.audio.speech.create(model="tts-1", voice="alloy", input="Again.")
    assert len(audio_mock.calls(marker="Again.")) == 2


def test_scripts_are_left_behind(audio_mock):
    audio_mock.control._ask("POST", "/scripts", document={"act": {"status": 500}, "times": None})


def test_and_found_forgotten(audio_mock):
    assert audio_mock.calls() == []
    headers = {"Authorization": f"Bearer {audio_mock.key}"}
    body = {"model": "tts-1", "input": "Hello."}
    assert httpx.post(f"{audio_mock.url}/audio/speech", headers=headers, json=body).status_code == 200


def test_a_gateway_before_a_failing_provider(audio_gateway):
    headers = {"Authorization": f"Bearer {audio_gateway.key}"}
    body = {"model": "tts-1", "input": "Hello."}
    with audio_gateway.scripted({"reset": "mid_body"}):
        assert httpx.post(f"{audio_gateway.url}/audio/speech", headers=headers, json=body).status_code == 500
    assert httpx.post(f"{audio_gateway.url}/audio/speech", headers=headers, json=body).status_code == 200
    assert len(audio_gateway.calls()) == 2
    assert audio_gateway.environment == {"OPENAI_BASE_URL": audio_gateway.url, "OPENAI_API_KEY": audio_gateway.key}
'''
LAZY = """
import sys


def test_nothing_is_loaded_until_it_is_asked_for():
    heavy = {"httpx", "msgspec", "numpy", "av", "litestar", "uvicorn", "granian", "hypothesis", "yaml"}
    assert "conformance.for_pytest" in sys.modules
    assert heavy & set(sys.modules) == set()
    assert [name for name in sys.modules if name.startswith(("conformance.", "mock_upstreams", "reference_server"))] == [
        "conformance.for_pytest"
    ]
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel; what the wheel depends on comes from this one."""
    folder = tmp_path_factory.mktemp("outside")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False)
    scheme = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
    site = Path(sysconfig.get_path("purelib", "venv", scheme))
    zipfile.ZipFile(wheel).extractall(site)
    # Only a folder to look in, and after the wheel: nothing that is installed there as a checkout takes part.
    (site / "dependencies.pth").write_text("\n".join(path for path in sys.path if path.endswith("-packages")))
    return folder / "venv" / "bin" / "python"


def _pytest(python: Path, folder: Path, *arguments: str) -> str:
    hidden = ("PYTHONPATH", "PYTEST_ADDOPTS", "PYTEST_PLUGINS")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [python, "-P", "-m", "pytest", "-q", "-W", "error", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def test_a_project_uses_the_fixtures(python: Path, tmp_path: Path) -> None:
    """Without a line of set-up: the entry point brings them."""
    (tmp_path / "test_client.py").write_text(PROJECT)
    assert "5 passed" in _pytest(python, tmp_path)


def test_who_does_not_use_them_pays_nothing(python: Path, tmp_path: Path) -> None:
    """The plug-in alone is loaded, and it loads nothing."""
    (tmp_path / "test_lazy.py").write_text(LAZY)
    # Other plug-ins of this environment may load what they like.
    assert "1 passed" in _pytest(python, tmp_path, "--disable-plugin-autoload", "-p", "conformance.for_pytest")


def test_the_fixtures_are_documented(python: Path, tmp_path: Path) -> None:
    """`pytest --fixtures` shows them, with a sentence each."""
    (tmp_path / "test_none.py").write_text("def test_none(): pass\n")
    shown = _pytest(python, tmp_path, "--fixtures")
    for name in ("audio_mock", "audio_gateway"):
        assert re.search(rf"^{name} .*\n    A (provider|gateway)", shown, re.MULTILINE), shown[-2000:]
