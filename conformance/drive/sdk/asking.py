"""Asks one of the libraries: the one in this process, the other by a program of its own."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import msgspec

from conformance.drive.case import Case
from conformance.drive.sdk.values import Asked, Returned
from conformance.errors import Blocked, NotVerified
from conformance.http.bodies import Upload
from conformance.target.model import Sdks

SdkName = Literal["python", "node"]
_PROGRAM = Path(__file__).parent / "ask.cjs"
_NODE_S = 60.0


def no_sdk(name: SdkName, declared: Sdks) -> str:
    """Why a library cannot be asked; empty where it can."""
    if not getattr(declared, name):
        how = "sdks.python: true" if name == "python" else "sdks.node: a folder whose node_modules has openai"
        return f"declare {how}, where clients use OpenAI's library for it"
    if name == "python":
        return "" if find_spec("openai") else "the package openai is not installed (pip install openai)"
    if shutil.which("node") is None:
        return "there is no node on the path"
    installed = Path(declared.node or "", "node_modules", "openai", "package.json").is_file()
    return "" if installed else f"there is no openai in {declared.node}/node_modules (npm install openai)"


def ask_sdk(case: Case, name: SdkName, asked: Asked, upload: Upload | None = None) -> Returned:
    """Asks a library. Raises NotVerified where it cannot reach the gateway, Blocked where the library itself breaks."""
    if case.target.tls or case.target.proxy:
        raise NotVerified("the libraries are asked without TLS and proxy of the target's own")
    if name == "python":
        from conformance.drive.sdk.python import ask_python  # noqa: PLC0415 - only where it is installed

        return ask_python(case.target, asked, upload)
    return _ask_node(case, asked, upload)


def _ask_node(case: Case, asked: Asked, upload: Upload | None) -> Returned:
    """Runs the program; it reads one question from its input and writes what came."""
    file = upload and {"name": upload.file_name, "data": base64.b64encode(upload.data).decode()}
    target = {"base_url": case.target.base_url, "token": case.target.token, "headers": case.target.headers}
    question = json.dumps({"asked": msgspec.to_builtins(asked), "file": file, "target": target})
    sdks = case.target.sdks
    done = subprocess.run(  # noqa: S603 - our own program
        [shutil.which("node") or "node", str(_PROGRAM), str(sdks.node)],
        input=question,
        capture_output=True,
        text=True,
        timeout=_NODE_S,
        check=False,
    )
    if done.returncode:
        raise Blocked(f"openai-node broke: {done.stderr.strip()[-300:]}")
    return msgspec.json.decode(done.stdout, type=Returned)
