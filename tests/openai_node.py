"""OpenAI's library for Node, installed once into pytest's cache; without Node, npm or the registry a test skips."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers import CHECKOUT

MANIFEST = CHECKOUT / "tests" / "mock_upstreams" / "http" / "node" / "package.json"
_INSTALL_S = 60


def with_openai_node(config: pytest.Config) -> Path:
    """A folder whose `node_modules` has the package, in the version that the manifest names."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm or config.cache is None:
        pytest.skip("openai-node cannot be run: there is no node, no npm or no cache of pytest")
    place = Path(config.cache.mkdir("openai-node"))
    installed = place / "node_modules" / "openai" / "package.json"
    wanted = json.loads(MANIFEST.read_text())["dependencies"]["openai"]
    shutil.copy(MANIFEST, place)
    if not installed.exists() or json.loads(installed.read_text())["version"] != wanted:
        _install(npm, place)
    return place


def _install(npm: str, place: Path) -> None:
    command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock"]
    try:
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=_INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"openai-node cannot be installed: npm was not done after {_INSTALL_S} s")
    if done.returncode:
        pytest.skip(f"openai-node cannot be installed: npm says {done.stderr.strip()[-300:]}")
