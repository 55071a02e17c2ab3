"""A hook for MkDocs: the site has the folders of the checkout, so that a link leads the same way in both.

The pages are those at the top of the checkout, those below `docs/` and the one of `benchmarks/`; what they link to comes
along: a file as it is, a folder as a list of its files.
"""  # noqa: INP001 - MkDocs loads it by its path

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("*.md", "docs/**/*.md", "benchmarks/*.md")
STYLE = "docs/site/style.css"
_LINK = re.compile(r"\]\((?P<path>[^)#\s]+)(?:#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The files of the site, in place of those below `docs/` alone; what the theme brings stays."""
    pages = [page for pattern in PAGES for page in sorted(ROOT.glob(pattern))]
    linked = {path for page in pages for path in _linked(page)} - set(pages)
    assets = [*sorted(path for path in linked if path.is_file()), ROOT / STYLE]
    taken = [_file(config, path) for path in [*pages, *assets]]
    folders = [_listing(config, path) for path in sorted(linked) if _is_listed(path)]
    return Files([*(each for each in files if not _is_of_docs(each)), *taken, *folders])


def on_page_markdown(markdown: str, **_: object) -> str:
    """A page whose links to folders lead to the page that stands for the folder."""
    return re.sub(r"\]\((?P<folder>[^)#\s:]+)/\)", r"](\g<folder>/README.md)", markdown)


def _linked(page: Path) -> Iterator[Path]:
    for match in _LINK.finditer(page.read_text(encoding="utf-8")):
        path = ROOT / posixpath.normpath(posixpath.join(page.relative_to(ROOT).parent.as_posix(), match["path"]))
        if "://" not in match["path"] and path.exists():
            yield path


def _is_listed(path: Path) -> bool:
    return path.is_dir() and not (path / "README.md").exists()


def _is_of_docs(file: File) -> bool:
    return bool(file.abs_src_path) and Path(str(file.abs_src_path)).is_relative_to(ROOT / "docs")


def _file(config: MkDocsConfig, path: Path) -> File:
    return File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path))


def _listing(config: MkDocsConfig, folder: Path) -> File:
    name = folder.relative_to(ROOT).as_posix()
    files = sorted(path.name for path in folder.iterdir() if path.is_file())
    content = "\n".join([f"# {name}", "", *(f"- `{file}`" for file in files)])
    return File.generated(config, f"{name}/README.md", content=content, inclusion=InclusionLevel.NOT_IN_NAV)
