"""Rows that one contract shares with another: what means the same is written once, and keeps its id.

A catalogue's file may hold, beside requirements of its own, rows that take requirements over from another contract. Such a
row says where they stand in the contract that takes them over, and in what they differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import translate

import msgspec

from conformance.contracts.requirements import Catalogue, Level, Requirement
from conformance.errors import CatalogueError


class SharedRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Requirements that are taken over from the contract `of`.

    `shares` and `excepting` are globs of ids. `section` and `link` lead to the clause that demands them here. `level`
    takes the place of theirs; `needs` stand beside those that they have, but for those `without`. `words` are what a
    statement says otherwise here, such as another status; they go before the words that the contract has for all rows.
    """

    shares: tuple[str, ...]
    of: str
    section: str
    link: str
    excepting: tuple[str, ...] = ()
    level: Level | None = None
    needs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    words: dict[str, str] = {}

    def taken(self, catalogue: Catalogue, words: Mapping[str, str]) -> Iterator[Requirement]:
        """The requirements of the other contract as they read here; `words` are those that the contract has for all rows.

        Raises CatalogueError where a glob or a word fits none of them: a row that says nothing is a mistake.
        """
        fits, excepted = _fitting(self.shares), _fitting(self.excepting)
        shared = [each for each in catalogue if fits(each.id)]
        self._check(catalogue, shared)
        for requirement in shared:
            if not excepted(requirement.id):
                yield self._adapted(requirement, words)

    def _adapted(self, requirement: Requirement, words: Mapping[str, str]) -> Requirement:
        kept = tuple(need for need in requirement.needs if need not in self.without)
        return msgspec.structs.replace(
            requirement,
            level=self.level or requirement.level,
            section=self.section,
            link=self.link,
            statement=_reworded(_reworded(requirement.statement, self.words), words),
            needs=tuple(dict.fromkeys((*kept, *self.needs))),
        )

    def _check(self, catalogue: Catalogue, shared: list[Requirement]) -> None:
        for glob in (*self.shares, *self.excepting):
            if glob not in catalogue.by_id and not any(map(_fitting((glob,)), catalogue.by_id)):
                raise CatalogueError(f"`{glob}` fits no requirement of {self.of}.", "Take the glob out of the row.")
        said = "\n".join(each.statement for each in shared)
        for word in self.words:
            if word not in said:
                raise CatalogueError(f"No statement that {self.shares} fit says `{word}`.", "Take the word out.")


def _fitting(globs: tuple[str, ...]) -> Callable[[str], object]:
    """Tells whether an id fits any of the globs. One pattern for all of them: a catalogue has hundreds of ids."""
    return re.compile("|".join(map(translate, globs)) or r"(?!)").match


def _reworded(statement: str, words: Mapping[str, str]) -> str:
    for theirs, ours in words.items():
        statement = statement.replace(theirs, ours)
    return statement
