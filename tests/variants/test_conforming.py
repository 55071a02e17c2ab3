"""A slice of the odd but legal gateways is conforming; `python -m tests.variants --seeds 5` runs them all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import CHECKOUT
from tests.variants.catalogue import VARIANTS, Variant

# 1 runs every variant. The whole suite runs on each: the default takes two.
SLICE = int(os.environ.get("VARIANTS_SLICE", "60"))
_RUN_S = 1200
_SIDE_BY_SIDE = 2

pytestmark = [pytest.mark.timeout(_RUN_S), pytest.mark.slow(about_s=60)]


def _chosen() -> tuple[Variant, ...]:
    return tuple(each for index in range(_SIDE_BY_SIDE) for each in VARIANTS[index :: SLICE * _SIDE_BY_SIDE])


@pytest.fixture(scope="module")
def accusations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the suite accuses each variant of the slice of, by the variant's name."""
    folder = tmp_path_factory.mktemp("variants")
    runs = [_start(index, folder) for index in range(_SIDE_BY_SIDE)]
    found: dict[str, list[str]] = {}
    for file, process in runs:
        said, _ = process.communicate(timeout=_RUN_S)
        assert file.exists(), f"the variants were not finished:\n{said[-3000:]}"
        found |= json.loads(file.read_text("utf-8"))
    return found


def _start(index: int, folder: Path) -> tuple[Path, subprocess.Popen[str]]:
    file = folder / f"{index}.json"
    command = [
        sys.executable,
        "-m",
        "tests.variants",
        "--slice",
        f"{index}/{SLICE * _SIDE_BY_SIDE}",
        "--json",
        str(file),
    ]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return file, subprocess.Popen(command, cwd=CHECKOUT, **pipe)


@pytest.mark.parametrize("variant", _chosen(), ids=lambda variant: variant.name)
def test_variant_is_conforming(variant: Variant, accusations: dict[str, list[str]]) -> None:
    """No MUST accuses it, at one seed, by the whole suite."""
    if variant.behind and variant.behind.lacks:
        pytest.skip(variant.behind.lacks)
    assert accusations[variant.name] == []
