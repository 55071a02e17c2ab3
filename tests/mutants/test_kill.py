"""The suite finds a slice of the mutants, each by the requirement that it names; `python -m tests.mutants` runs them all.

The slice takes each `SLICE`-th mutant, in two processes of their own beside each other: the suite is a pytest run itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import contracts
from tests.mutants.fault import Mutant
from tests.mutants.registry import all_mutants
from tests.servers import CHECKOUT

# 1 runs every mutant; the default takes about forty.
SLICE = int(os.environ.get("MUTANTS_SLICE", "30"))
_RUN_S = 1200
_SIDE_BY_SIDE = 2

pytestmark = [pytest.mark.timeout(_RUN_S), pytest.mark.slow(about_s=45)]


def _chosen() -> tuple[Mutant, ...]:
    return tuple(each for index in range(_SIDE_BY_SIDE) for each in all_mutants()[index :: SLICE * _SIDE_BY_SIDE])


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What the suite said of each mutant of the slice, by the mutant's name."""
    folder = tmp_path_factory.mktemp("matrix")
    runs = [_start(index, folder) for index in range(_SIDE_BY_SIDE)]
    found: dict[str, dict[str, object]] = {}
    for file, process in runs:
        said, _ = process.communicate(timeout=_RUN_S)
        assert file.exists(), f"the matrix was not finished:\n{said[-3000:]}"
        part = json.loads(file.read_text("utf-8"))
        assert part["sound"] == 0, f"the gateway without a fault is accused:\n{said[:3000]}"
        found |= part["mutants"]
    return found


def _start(index: int, folder: Path) -> tuple[Path, subprocess.Popen[str]]:
    file = folder / f"{index}.json"
    command = [
        sys.executable,
        "-m",
        "tests.mutants",
        "--slice",
        f"{index}/{SLICE * _SIDE_BY_SIDE}",
        "--json",
        str(file),
    ]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return file, subprocess.Popen(command, cwd=CHECKOUT, **pipe)


@pytest.mark.parametrize("mutant", _chosen(), ids=lambda mutant: mutant.name)
def test_mutant_dies_by_the_requirement_it_names(mutant: Mutant, matrix: dict[str, dict[str, object]]) -> None:
    """A MUST fails with exit status 1, a SHOULD warns."""
    assert matrix[mutant.name]["killed"], matrix[mutant.name]["line"]


def test_every_must_that_only_the_dialect_has_has_a_mutant() -> None:
    """What it shares with the Audio API is held by that one's mutants: the same check decides it."""
    shared, catalogue = contracts.load().catalogue.by_id, contracts.load("openai-audio-2026-11").catalogue
    named = {each.kills for each in all_mutants("openai-audio-2026-11")}
    # One check decides for both of OpenAI's libraries; that for Node cannot be counted on to be here.
    named |= {each.replace("sdk.python.", "sdk.node.") for each in named}
    untried = [each.id for each in catalogue if each.level == "MUST" and each.id not in named | set(shared)]
    assert not untried, f"MUSTs without a mutant: {', '.join(untried)}"
    assert named <= set(catalogue.by_id)


def test_every_must_has_a_mutant() -> None:
    """No MUST of the catalogue goes untried, and no mutant names a requirement that is not there."""
    catalogue = contracts.load().catalogue
    named = {each.kills for each in all_mutants()}
    untried = [each.id for each in catalogue if each.level == "MUST" and each.id not in named]
    assert not untried, f"MUSTs without a mutant: {', '.join(untried)}"
    assert named <= set(catalogue.by_id)
