"""Real gateways and servers from public registries, each judged by OpenAI's dialect in a network of its own.

    python -m benchmarks.real_gateways [NAME ...] [--results build/real-gateways] [--effort quick] [--contract NAME] [--list]

Each is installed in the version that `benchmarks/peers/catalogue/` names, into a folder of its own below `--cache`; that
alone uses the network. Then it is started in a network namespace that has nothing but a loopback interface, before the mock
where it wants a provider, asked by `doctor`, and judged. Of each there is a folder in `--results`: the target file, what
`doctor` said, the reports, and `figures.json`; of all of them together `matrix.html`, `matrix.md` and a table here. What
cannot be installed or started is named with the reason. No ranking: the versions are those of one day, and each is started
as its documentation says first.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from benchmarks.peers.catalogue import Peer, peers
from benchmarks.peers.installing import CACHE, NotInstalledError
from benchmarks.peers.isolation import lacks, run_isolated
from benchmarks.peers.running import NotStartedError, Running, running, running_mock
from benchmarks.rig.memory import megabytes

_CONTRACT = "openai-audio-2026-11"
_RUN_S = 3600
_MODELS = {
    "speech": ["tts-1", "gpt-4o-mini-tts"],
    "transcription": ["whisper-1", "gpt-4o-transcribe"],
    "speech_stream": ["gpt-4o-mini-tts"],
    "transcription_stream": ["gpt-4o-transcribe"],
    "diarization": ["gpt-4o-transcribe-diarize"],
}


def declared(peer: Running, contract: str, mock: Mapping[str, str] | None) -> dict[str, Any]:
    """The target file of a peer: where it is, and what the catalogue declares of it."""
    own = {"base_url": peer.base_url, "token": peer.token, "contract": contract}
    found: dict[str, Any] = {**own, **({"headers": peer.peer.headers} if peer.peer.headers else {})}
    if mock:
        keys = [key for part in ("speech", "transcription") for key in _MODELS[part]]
        models = {part: keys for part, keys in _MODELS.items() if part not in peer.peer.lacks}
        found |= {"models": models, "expect": {"upstream_models": {key: key for key in keys}}, "mock_provider": mock}
    known = dict(peer.peer.target)
    if contract != _CONTRACT:
        for only_there in ("credentials", "handling"):
            known.pop(only_there, None)
    return found | known


def judge(name: str, peer: Peer, results: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Starts and judges one, in the network that this process has. Raises NotStartedError, NotInstalledError."""
    control = {"control_token": secrets.token_urlsafe(16)}
    with ExitStack() as stack:
        if peer.provider:
            control["control_url"], _ = stack.enter_context(running_mock(control["control_token"], results))
        gateway = stack.enter_context(running(name, peer, control.get("control_url", ""), arguments.cache))
        target = results / "target.yaml"
        document = declared(gateway, arguments.contract, control if peer.provider else None)
        target.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
        plain = results / "plain.yaml"
        plain.write_text(
            yaml.safe_dump({key: document[key] for key in ("base_url", "token", "headers") if key in document})
        )
        _ask(["doctor", str(plain)], results / "doctor-plain.txt")
        _ask(["doctor", str(target)], results / "doctor.txt")
        command = ["run", str(target), "--effort", arguments.effort, "--seed", str(arguments.seed)]
        figures = _ask([*command, *peer.run, "--report-dir", str(results)], results / "console.txt")
        return figures | {"started_s": round(gateway.started_s, 2)}


def _ask(command: Sequence[str], output: Path) -> dict[str, Any]:
    """Runs the suite's command line; its status, times and peak memory."""
    began = time.monotonic()
    with output.open("wb") as said:
        suite = [sys.executable, "-m", "conformance", *command]
        process = subprocess.Popen(suite, stdout=said, stderr=subprocess.STDOUT)  # noqa: S603 - ours
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return {
        "status": process.returncode,
        "wall_s": round(time.monotonic() - began, 1),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "suite_peak": usage.ru_maxrss * 1024,
    }


def inside(name: str, arguments: argparse.Namespace) -> int:
    """What runs in the network of one peer: judges it, and writes the figures, or why there are none."""
    results = arguments.results / name
    try:
        figures = judge(name, peers()[name], results, arguments)
    except (NotStartedError, NotInstalledError) as error:
        figures = {"reason": str(error)}
    (results / "figures.json").write_text(json.dumps(figures, indent=1), "utf-8")
    return 0


def judged(name: str, peer: Peer, arguments: argparse.Namespace) -> dict[str, Any]:
    """Installs one and has it judged in a network of its own; its figures."""
    results = arguments.results / name
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    try:
        if peer.package:
            peer.package.install(arguments.cache)
    except NotInstalledError as error:
        return {"reason": str(error)}
    options = ["--results", str(arguments.results), "--cache", str(arguments.cache), "--effort", arguments.effort]
    options += ["--contract", arguments.contract, "--seed", str(arguments.seed)]
    command = [sys.executable, "-m", "benchmarks.real_gateways", *options, "--inside", name]
    if status := run_isolated(command, _RUN_S):
        return {"reason": f"judging it ended with status {status}"}
    figures: dict[str, Any] = json.loads((results / "figures.json").read_text("utf-8"))
    return figures


def verdicts(folder: Path) -> str:
    """How many requirements there are of each verdict, and how many causes."""
    report = json.loads((folder / "report.json").read_text("utf-8"))
    counts: dict[str, int] = {}
    for requirement in report["requirements"]:
        counts[requirement["verdict"]] = counts.get(requirement["verdict"], 0) + 1
    shown = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    return f"{shown}; {len(report['causes'])} causes"


def line(found: Mapping[str, Any], folder: Path) -> str:
    """What came of one, in a line."""
    if "reason" in found:
        return f"not judged: {found['reason']}"
    if not (folder / "report.json").exists():
        return f"not judged: {(folder / 'console.txt').read_text('utf-8').strip()[-300:]}"
    times = f"{found['wall_s']} s, {found['cpu_s']} s CPU, suite {megabytes(found['suite_peak'])}"
    return f"{verdicts(folder)}; {times}; started in {found['started_s']} s"


def judge_all(chosen: Mapping[str, Peer], arguments: argparse.Namespace) -> None:
    """Judges one after the other, prints a line for each, and writes the matrix of those that have a report."""
    ran = []
    for name, peer in chosen.items():
        folder = arguments.results / name
        _say(f"{name:<24}{line(judged(name, peer, arguments), folder)}")
        if (folder / "report.json").exists():
            ran.append(str(folder))
    for option, file in (("--html", "matrix.html"), ("--markdown", "matrix.md")):
        if ran:
            _ask(["matrix", option, *ran], arguments.results / file)


def main() -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.real_gateways",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones (default: all)")
    parser.add_argument("--results", type=Path, default=Path("build/real-gateways"), help="where the reports go")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the packages are installed")
    parser.add_argument("--effort", default="quick")
    parser.add_argument("--contract", default=_CONTRACT)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--list", action="store_true", help="print which there are, and no more")
    parser.add_argument("--inside", metavar="NAME", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        return inside(arguments.inside, arguments)
    known = {name: peer for name, peer in peers().items() if peer.judged}
    if unknown := set(arguments.names) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if arguments.list:
        for name, peer in known.items():
            _say(f"{name:<24}{peer.package or 'of this checkout'}")
        return 0
    if missing := lacks():
        parser.exit(3, f"{missing}\n")
    judge_all({name: known[name] for name in arguments.names or known}, arguments)
    return 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command speaks


if __name__ == "__main__":
    sys.exit(main())
