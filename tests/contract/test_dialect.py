"""The contract openai-audio-2026-11: its page, its table of clauses, its catalogue and its OpenAPI document agree."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from conformance import contracts
from conformance.contracts import Level
from conformance.contracts.pages import sections, texts
from conformance.contracts.yaml_files import read_yaml
from tests.contract.table import ROOT

CONTRACT = contracts.load("openai-audio-2026-11")
PAGE = ROOT / "docs" / "contract" / "openai-audio-2026-11.md"
LINK = str(PAGE.relative_to(ROOT))
_FOLDER = ROOT / "conformance" / "contracts" / "openai_audio_2026_11"
CLAUSES: list[dict[str, Any]] = read_yaml(_FOLDER / "clauses.yaml")
# Sources that OpenAI itself documents, and what needs no document; a captured answer alone carries no MUST.
MAY_BE_MUST = {"S", "K", "G", "T", "H"}
_ROW = re.compile(
    r'^\| <a id="(?P<anchor>[^"]+)"></a>.* \| (?P<level>MUST|SHOULD) \| (?P<sources>[A-Z, ]+) \|$', re.MULTILINE
)


def rows() -> dict[str, tuple[str, set[str]]]:
    """Level and sources of every clause that states them."""
    found = _ROW.finditer(PAGE.read_text(encoding="utf-8"))
    return {f"{LINK}#{row['anchor']}": (row["level"], set(row["sources"].split(", "))) for row in found}


def test_the_table_lists_the_page_as_it_stands() -> None:
    """Whoever edits a clause has to look at what rests on it, and writes the new sha256 into clauses.yaml."""
    written = {
        f"{LINK}#{anchor}": hashlib.sha256(text.encode()).hexdigest()
        for anchor, text in texts(PAGE.read_text(encoding="utf-8"))
    }
    assert {each["link"]: each["sha256"] for each in CLAUSES} == written
    assert len({each["id"] for each in CLAUSES}) == len(CLAUSES)


def test_every_requirement_rests_on_a_clause_of_the_page() -> None:
    """The link leads to an anchor, and the section is the heading above it."""
    headings = {f"{LINK}#{anchor}": title for anchor, title in sections(PAGE.read_text(encoding="utf-8")).items()}
    assert [each.id for each in CONTRACT.catalogue if headings.get(each.link) != each.section] == []


def test_every_clause_is_judged_or_says_why_not() -> None:
    """By a requirement that links to it; a clause that is judged gives no reason why it is not."""
    linked = {each.link for each in CONTRACT.catalogue}
    reasons = ("untestable", "planned")
    assert [each["id"] for each in CLAUSES if (each["link"] in linked) == any(name in each for name in reasons)] == []


def test_no_requirement_is_stricter_than_its_clause() -> None:
    """What the clause calls SHOULD is none of the MUSTs."""
    levels = rows()
    strict = [each for each in CONTRACT.catalogue if each.level is Level.MUST]
    assert [each.id for each in strict if levels[each.link][0] != "MUST"] == []
    assert {each.link for each in CONTRACT.catalogue} <= set(levels)


def test_no_must_rests_on_what_was_only_observed() -> None:
    """A captured answer shows what somebody got once, not what everybody is promised."""
    assert [link for link, (level, sources) in rows().items() if level == "MUST" and not sources & MAY_BE_MUST] == []


def test_the_document_is_valid_openapi() -> None:
    """And its examples of requests are valid by its own schemas."""
    document = CONTRACT.document.load()
    OpenAPIV31SpecValidator(document).validate()
    for path in (operation.path for operation in CONTRACT.operations.values()):
        for content in document["paths"][path]["post"]["requestBody"]["content"].values():
            schema = {"components": document["components"], "allOf": [content["schema"]]}
            for example in content["examples"].values():
                Draft202012Validator(schema).validate(example["value"])


def test_every_row_with_a_level_is_read() -> None:
    """The pattern that reads levels finds all rows that have one."""
    text = PAGE.read_text(encoding="utf-8")
    assert len(rows()) == len(re.findall(r"\| (?:MUST|SHOULD) \| [A-Z, ]+ \|$", text, re.MULTILINE)) > 80
