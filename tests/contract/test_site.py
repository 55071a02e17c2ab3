"""The site of the documents: it is built from the checkout as it is, and reading it fetches nothing from elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from tests.contract.documented import PAGES
from tests.contract.table import ROOT

pytest.importorskip("material", reason="mkdocs-material is not installed: `tox -e docs` has it")
pytestmark = pytest.mark.slow

# Elements whose address a browser fetches by itself; a link to follow is another matter.
FETCHING = {"script": "src", "link": "href", "img": "src", "iframe": "src", "audio": "src", "source": "src"}
NEEDED = ("mkdocs.yml", "README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs", "benchmarks")


class Fetched(HTMLParser):
    """The addresses that a page has fetched by being shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("rel") not in {"canonical", "prev", "next"} and FETCHING.get(tag) in given:
            self.addresses.append(given[FETCHING[tag]] or "")


def build(checkout: Path, site: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("site")
    done = build(ROOT, site)
    assert done.returncode == 0, done.stderr
    return site


def test_every_page_is_there_and_can_be_found(site: Path) -> None:
    """In the folders of the checkout, and by the navigation."""
    named = str(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("nav:")[1]))
    missing = [page for page in PAGES if not (site / _html(page)).exists()]

    assert missing == []
    assert [page for page in PAGES if page not in named] == []
    assert (site / "examples" / "target.yaml").read_bytes() == (ROOT / "examples" / "target.yaml").read_bytes()


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """No font, script, style or picture of another host; nothing for which the theme would load one."""
    pages = sorted(site.rglob("*.html"))
    fetched = {address for page in pages for address in Fetched(page.read_text(encoding="utf-8")).addresses}
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))

    assert any(address.endswith(".css") for address in fetched)
    assert sorted(address for address in fetched if "//" in address) == []
    assert "url(http" not in styles
    assert "url(//" not in styles
    assert not [page for page in pages if 'class="mermaid"' in page.read_text(encoding="utf-8")]


def test_a_link_that_leads_nowhere_ends_the_build(tmp_path: Path) -> None:
    """A page, a file and an anchor that are not there: each is named."""
    checkout = _copy(tmp_path)
    page = checkout / "docs" / "baseline.md"
    page.write_text(page.read_text() + "\n[a](none.md) [b](../examples/none.yaml) [c](contract/rulings.md#none)\n")

    done = build(checkout, tmp_path / "site")

    assert done.returncode == 1
    assert all(name in done.stderr for name in ("none.md", "none.yaml", "#none"))


def _copy(folder: Path) -> Path:
    """As much of the checkout as a site is made of."""
    checkout = folder / "checkout"
    checkout.mkdir()
    for name in (*NEEDED, "examples", "docker", "templates", "action.yml", "openapi.yaml"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, checkout / name)
    return checkout


def _html(page: str) -> str:
    return page.replace("README.md", "index.html").replace(".md", ".html")
