"""The page on the target file: every key, and what it unlocks, as the plan has it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest

from conformance import contracts, target
from conformance.runner.plan import NEEDS, Preflight
from tests.contract.table import ROOT

_ROW = re.compile(r"^\| `(?P<key>[a-z_.]+)` \|(?P<meaning>[^|]+)\|(?P<unlocks>[^|]*)\|$", re.MULTILINE)
_GLOB = re.compile(r"`(?P<glob>[a-z*-]+\.[a-z0-9.*-]+)`")
_SAID = re.compile(r"declare (?P<keys>[\w.]+(?: or [\w.]+)*)")


def rows() -> dict[str, str]:
    """The keys of the page, each with what stands in its last column."""
    return {row["key"]: row["unlocks"] for row in _ROW.finditer((ROOT / "docs" / "target-file.md").read_text("utf-8"))}


def unlocked() -> dict[str, set[str]]:
    """For each key that a rule of the plan asks to declare, in its own words: the requirements of all contracts."""
    bare, seen = target.parse({"base_url": "http://127.0.0.1:9", "token": "t"}), Preflight({})
    asked = {need: _SAID.match(rule(bare, seen)) for need, rule in NEEDS.items()}
    found: dict[str, set[str]] = defaultdict(set)
    for contract in map(contracts.load, contracts.names()):
        for each in contract.catalogue:
            for need in (*contract.optional_capabilities(each.id), *each.needs):
                if said := asked[need]:
                    found[said["keys"].split(" or ")[0]].add(each.id)
    return found


def keys(schema: Mapping[str, Any], whole: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """The paths of a target file that hold values of their own."""
    for name, each in schema["properties"].items():
        parts = [each, *each.get("anyOf", ())]
        named = next((part["$ref"].rpartition("/")[2] for part in parts if "$ref" in part), None)
        if named:
            yield from keys(whole["$defs"][named], whole, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def test_the_page_has_every_key_and_no_other() -> None:
    """Those of the schema that a target file is read by."""
    schema = target.schema()
    assert set(rows()) == set(keys(schema, schema))


@pytest.mark.parametrize("key", sorted(unlocked()))
def test_a_key_unlocks_what_the_page_says(key: str) -> None:
    """Each requirement that needs the key is meant by a glob of its row, and each glob means one."""
    said = rows()
    row = said.get(key) or next(unlocks for each, unlocks in said.items() if each.startswith(f"{key}."))
    globs, ids = _GLOB.findall(row), unlocked()[key]

    assert [each for each in sorted(ids) if not any(fnmatchcase(each, glob) for glob in globs)] == []
    assert [glob for glob in globs if not any(fnmatchcase(each, glob) for each in ids)] == []
