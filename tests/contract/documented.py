"""The commands that the documents show, in blocks and in sentences."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tests.contract.table import ROOT

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "benchmarks/README.md",
    *sorted(page.relative_to(ROOT).as_posix() for page in ROOT.glob("docs/*.md")),
    "docs/contract/openai-audio-2026-11.md",
)
PROGRAMS = {"audio-conformance", "audio-mock-upstreams", "audio-reference-server", "pip", "tox", "pytest", "python"}
_BLOCK = re.compile(r"(?<=\n\n)(?:    [^\n]+\n)+")
_INLINE = re.compile(r"(?<!`)`(?P<code>[^`\n]+)`(?!`)")
_FENCED = re.compile(r"^```python\n(?P<code>.+?)^```", re.MULTILINE | re.DOTALL)
# What a shell has for itself.
_SHELL = {"export", "."}
# Named in a sentence with a hole in it: to be read, not to be typed.
_HOLES = ("…", "...", "*.whl")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page, as a shell would pass its words on."""

    page: str
    words: tuple[str, ...]

    @property
    def program(self) -> str:
        """Its name, without the folder that it stands in."""
        return self.words[0].rpartition("/")[2].removesuffix("3")

    def __str__(self) -> str:
        return f"{self.page}: {shlex.join(self.words)}"


def lines(page: str) -> list[str]:
    """The lines of a page's indented blocks: commands, all of them."""
    blocks = _BLOCK.findall(_text(page))
    return [line.strip() for block in blocks for line in block.splitlines()]


def in_blocks() -> list[Command]:
    """The commands that are there to be copied, each page's once."""
    return list(dict.fromkeys(each for page in PAGES for line in lines(page) for each in _commands(page, line)))


def in_sentences() -> list[Command]:
    """The commands with arguments that a sentence or a table names."""
    found = ((page, code) for page in PAGES for code in _INLINE.findall(_BLOCK.sub("\n", _text(page))))
    named = (each for page, code in found if _is_command(code) for each in _commands(page, code))
    return list(dict.fromkeys(named))


def options() -> set[tuple[str, str]]:
    """Every long option that a page names in code by itself, with the page."""
    found = ((page, code) for page in PAGES for code in _INLINE.findall(_text(page)))
    return {(page, name) for page, code in found for name in re.findall(r"^--[a-z-]+", code)}


def examples(page: str) -> list[str]:
    """The blocks of Python on a page that are tests."""
    return [block for block in blocks_of_python(page) if "def test_" in block]


def blocks_of_python(page: str) -> list[str]:
    """The blocks of Python on a page."""
    return _FENCED.findall(_text(page))


def _text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def _is_command(code: str) -> bool:
    program, _, rest = code.partition(" ")
    return program in PROGRAMS and bool(rest) and not any(hole in code for hole in _HOLES)


def _commands(page: str, line: str) -> Iterator[Command]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;")
    lexer.whitespace_split = True
    words: list[str] = []
    for token in [*lexer, ";"]:
        if token not in {"&&", "|", ";"}:
            words.append(token)
            continue
        if words and words[0] not in _SHELL:
            yield Command(page, tuple(words))
        words = []
