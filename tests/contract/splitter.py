"""Cuts the contract's two texts into clauses: a sentence, a table row or a code block each.

`audio-api.txt` is a web page saved as text, where a heading may be glued to the end of the line before it; `rulings.md`
is Markdown. Both come out as `Clause` values, whose digest changes with the wording and not with the line breaks.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = ("audio-api.txt", "rulings.md")

_CHAPTERS = ("Audio API", "Speech (Text-to-Speech)", "Transcriptions", "Translations", "Provider Notes", "Errors")
_SECTIONS = ("Endpoint", "Request", "Response", "Example")
# What the page sets on a line of its own, and the saved text glues to the line before: a heading, the next entry of a
# list (`Name— meaning`), and whatever follows the closing brace of an example.
_GLUED_HEADING = rf"(?<=\S)(?=(?:{'|'.join((*_CHAPTERS[2:], *_SECTIONS))})$)"
_GLUED_ENTRY = r"(?<=[a-z])(?=[A-Z][\w-]+— )"
_GLUED_TO_BRACE = r"(?<=^\})(?=[|A-Z])"
_GLUED = re.compile(f"{_GLUED_HEADING}|{_GLUED_ENTRY}|{_GLUED_TO_BRACE}", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z*`])")
_CODE = ("{", "curl ")
_RULER = re.compile(r"\|?[-|\s:]+\|")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: where it stands (`file: heading`) and its text, whitespace folded."""

    source: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def split(folder: Path) -> list[Clause]:
    """Cut both files of the contract's folder, in reading order."""
    return [clause for name in FILES for clause in split_text(name, (folder / name).read_text(encoding="utf-8"))]


def split_text(name: str, text: str) -> list[Clause]:
    """Cut one file's text; `name` is its file name and decides how headings look."""
    headings = _markdown_headings if name.endswith(".md") else _page_headings
    return [
        Clause(f"{name}: {heading}", " ".join(part.split()))
        for heading, block in headings(text)
        for part in _parts(block)
    ]


def _page_headings(text: str) -> Iterator[tuple[str, list[str]]]:
    chapter, block, heading = "", [], ""
    for line in _paragraphs(_GLUED.sub("\n", text).splitlines()):
        if line in _CHAPTERS or line in _SECTIONS:
            yield heading, block
            chapter = line if line in _CHAPTERS else chapter
            heading, block = (chapter if line in _CHAPTERS else f"{chapter} / {line}"), []
        else:
            block.append(line)
    yield heading, block


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Set a blank line after each line of prose and after each code block: on the page, a line is a paragraph."""
    in_code = False
    for line in lines:
        ends_code = line in _CHAPTERS or line in _SECTIONS or _is_row(line) or line == "}"
        in_code = not ends_code and (in_code or line.startswith(_CODE))
        yield line
        if not in_code and not _is_row(line):
            yield ""


def _markdown_headings(text: str) -> Iterator[tuple[str, list[str]]]:
    heading, block = "", []
    for line in text.splitlines():
        if line.startswith("#"):
            yield heading, block
            heading, block = "introduction" if line.startswith("# ") else line.lstrip("# "), []
        else:
            block.append(line)
    yield heading, block


def _parts(block: list[str]) -> Iterator[str]:
    """Table rows one by one, code blocks whole, prose by the sentence; table heads and rulers say nothing."""
    lines = [line for line, below in pairwise([*block, ""]) if not _is_head(line, below)]
    gathered: list[str] = []
    for line in [*lines, ""]:
        ends_here = not line.strip() or _is_row(line)
        if ends_here and gathered:
            yield from _whole_or_sentences(gathered)
            gathered = []
        if _is_row(line):
            yield line
        elif line.strip():
            gathered.append(line)


def _is_row(line: str) -> bool:
    return line.endswith("|")


def _is_head(line: str, below: str) -> bool:
    return _is_row(line) and any(_RULER.fullmatch(candidate) for candidate in (line, below))


def _whole_or_sentences(lines: list[str]) -> list[str]:
    text = "\n".join(lines)
    return [text] if text.startswith(_CODE) else _SENTENCE_END.split(text)
