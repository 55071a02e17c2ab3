"""The OpenAPI document of a contract: each reader gets a copy of its own, whole or without what need not be decided."""

from pathlib import Path

import pytest

from conformance import contracts
from conformance.contracts.openapi import Document, resolver, shipped_path

WRITTEN = """
components:
  schemas:
    TakenOrRefused: {}
    Speed: {anyOf: [{type: number}, {$ref: "#/components/schemas/TakenOrRefused"}]}
"""


@pytest.fixture
def document(tmp_path: Path) -> Document:
    file = tmp_path / "openapi.yaml"
    file.write_text(WRITTEN, encoding="utf-8")
    return Document(file)


def test_what_one_reader_changes_no_other_sees(document: Document) -> None:
    """Cases are drawn from a document that is cut to size first."""
    document.load()["components"].clear()

    assert document.load()["components"]["schemas"]["Speed"]


def test_what_is_promised_leaves_out_what_may_be_taken_or_refused(document: Document) -> None:
    """What is valid then must be accepted."""
    assert document.load()["components"]["schemas"]["Speed"]["anyOf"] != [{"type": "number"}]
    assert document.load_promised()["components"]["schemas"]["Speed"] == {"anyOf": [{"type": "number"}]}


def test_references_are_followed_to_their_end() -> None:
    """Also one that leads to another; what is no reference is itself."""
    resolve = resolver({"a": {"$ref": "#/b/c"}, "b": {"c": {"type": "string"}}})

    assert resolve({"$ref": "#/a"}) == {"type": "string"}
    assert resolve({"type": "number"}) == {"type": "number"}
    with pytest.raises(KeyError):
        resolve({"$ref": "#/nowhere"})


def test_the_shipped_document_is_that_of_the_default_contract() -> None:
    """A file that neither checkout nor wheel has is named with both places."""
    assert contracts.load().document.path == shipped_path()
    with pytest.raises(FileNotFoundError, match="no-such-file"):
        shipped_path("no-such-file")
