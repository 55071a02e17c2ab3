"""Gateways and servers from public registries, each in a folder of its own and in the version that is named."""

from __future__ import annotations

import shutil
import subprocess
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CACHE = Path("~/.cache/audio-gateway-benchmarks").expanduser()
_INSTALL_S = 900


class NotInstalledError(Exception):
    """A package that could not be installed; the message says why."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package of a registry in one version, with what it needs beside it, each as `NAME==VERSION` or `NAME@VERSION`."""

    registry: Literal["PyPI", "npm"]
    name: str
    version: str
    extras: str = ""
    beside: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def folder(self, cache: Path) -> Path:
        """Where it is installed."""
        return cache / f"{self.name.replace('/', '-').lstrip('@')}-{self.version}"

    def install(self, cache: Path) -> Path:
        """Installs it where it is not yet; its folder. Raises NotInstalledError.

        What failed half way leaves no folder that looks whole.
        """
        folder = self.folder(cache)
        done = folder / "installed"
        if not done.exists() or done.read_text("utf-8") != repr(self):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for command in self._commands(folder):
                _run(command)
            done.write_text(repr(self), "utf-8")
        return folder

    def _commands(self, folder: Path) -> list[Sequence[str]]:
        if self.registry == "npm":
            if not (npm := shutil.which("npm")):
                raise NotInstalledError("no npm here; it comes with Node.js")
            wanted = [f"{self.name}@{self.version}", *self.beside]
            return [[npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), *wanted]]
        venv.create(folder, with_pip=True)
        wanted = [f"{self.name}{self.extras}=={self.version}", *self.beside]
        return [[str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *wanted]]


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_S)  # noqa: S603 - our own
    except subprocess.CalledProcessError as error:
        raise NotInstalledError("\n".join(error.stderr.strip().splitlines()[-3:]) or str(error)) from error
    except subprocess.TimeoutExpired as error:
        raise NotInstalledError(f"installing took longer than {_INSTALL_S} s") from error
