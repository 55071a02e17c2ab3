"""The contract file travels in the wheel, and an installed suite reads it there."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conformance.contracts import openapi
from tests.conformance.fake_gateway import authorised
from tests.conformance.for_pytest.test_judging import judged

pytestmark = pytest.mark.slow(about_s=10)

ROOT = Path(__file__).resolve().parents[2]
PROBE = """
import json, conformance.contracts as contracts
document = contracts.load().document
print(json.dumps([str(document.path), document.raw().hex(), document.load()["openapi"]]))
"""
LINK_PROBE = """
import json, conformance.contracts as contracts
from conformance.contracts.pages import place, text_under
link = contracts.load().catalogue.get("provider.speech.speed").link
print(json.dumps([place(link), text_under(link)]))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    zipfile.ZipFile(wheel).extractall(site)
    return site


def test_the_wheel_carries_the_same_file(installed: Path) -> None:
    """Byte for byte what stands at the top of the checkout."""
    assert (installed / "audio_contract" / "openapi.yaml").read_bytes() == openapi.Document(
        openapi.shipped_path()
    ).raw()


def test_an_installed_suite_loads_it(installed: Path, tmp_path: Path) -> None:
    """With no checkout in sight, the loader finds the wheel's own copy."""
    probe = f"import sys; sys.path.insert(0, {str(installed)!r})\n{PROBE}"
    # -P keeps the working folder off the path, so only the unpacked wheel can answer.
    done = subprocess.run(
        [sys.executable, "-P", "-c", probe], cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60
    )
    place, content, version = json.loads(done.stdout)
    assert Path(place).is_relative_to(installed)
    assert bytes.fromhex(content) == openapi.Document(openapi.shipped_path()).raw()
    assert version.startswith("3.1.")


def test_a_link_leads_to_the_wheels_own_page(installed: Path, tmp_path: Path) -> None:
    """What `explain` prints exists on a machine without a checkout, and so does the row."""
    probe = f"import sys; sys.path.insert(0, {str(installed)!r})\n{LINK_PROBE}"
    done = subprocess.run(
        [sys.executable, "-P", "-c", probe], cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60
    )
    place, text = json.loads(done.stdout)
    page, _, anchor = place.partition("#")
    assert Path(page) == installed / "audio_contract" / "docs" / "contract" / "rulings.md"
    assert f'<a id="{anchor}"></a>' in Path(page).read_text(encoding="utf-8")
    assert text


def test_the_wheels_own_suite_judges_under_pytest(installed: Path, tmp_path: Path) -> None:
    """`pytest --pyargs conformance` finds the package that is installed, and no checkout."""
    wanted = ("--effort", "quick", "-v", "-k", "authentication.speech.missing")
    done = judged(tmp_path, authorised, *wanted, path=str(installed))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "conformance::authentication.speech.missing PASSED" in done.stdout
    assert f"suite of {installed}" in done.stdout


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither checkout nor wheel has the file: the error names both places."""
    monkeypatch.setattr(openapi, "__file__", str(tmp_path / "conformance" / "contracts" / "openapi.py"))
    monkeypatch.setattr(openapi, "_installed", lambda _: None)
    with pytest.raises(FileNotFoundError, match=r"audio_contract/openapi\.yaml"):
        openapi.shipped_path()
