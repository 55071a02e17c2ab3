"""OpenAI's own libraries, through the reference server and through proxies, return what the provider said."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.openai_node import with_openai_node
from tests.servers import CHECKOUT
from tests.variants.proxies import programs
from tests.variants.proxies.programs import Deployment

pytestmark = [pytest.mark.slow(about_s=60), pytest.mark.timeout(300)]

_JUDGED = 7
_BEHIND = ("", "NGINX", "ENVOY")


# In a process of its own, because the gateways of a judgement are killed with connections open.
_JUDGE = """
import json, logging, sys
from tests.mutants.dialect.streams import DIALECT
from tests.mutants.fault import Fault
from tests.mutants.judging import judge, shared_mock
from tests.variants.processes import judge_relay
from tests.variants.proxies import programs

behind, sdks, select = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
logging.disable(logging.CRITICAL)
with shared_mock() as mock:
    if behind:
        deployment = programs.Deployment(getattr(programs, behind), relays=True)
        found = judge_relay(deployment, mock, (select,), "quick", 0, declared={"sdks": sdks})
    else:
        fault = Fault(contract=DIALECT, declared=(lambda target: target.update(sdks=sdks),))
        found = judge(fault, mock, (select,))
print(json.dumps([found.status, found.verdicts, found.reasons]))
"""


def _through(behind: str, sdks: dict[str, object], select: str) -> tuple[int, dict[str, str], dict[str, str]]:
    """Status, verdicts and reasons of the requirements about a library."""
    if behind and (lacks := Deployment(getattr(programs, behind)).lacks):
        pytest.skip(lacks)
    command = [sys.executable, "-c", _JUDGE, behind, json.dumps(sdks), select]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=250, check=True)
    status, verdicts, reasons = json.loads(done.stdout)
    return status, verdicts, reasons


def _assert_sound(found: tuple[int, dict[str, str], dict[str, str]], behind: str) -> None:
    """A proxy has no keys of its own, so that one of them is not judged."""
    status, verdicts, _ = found
    undecided = {name.rpartition(".")[2] for name, verdict in verdicts.items() if verdict != "pass"}
    assert (status, undecided) == (0, {"no-key"} if behind else set())
    assert len(verdicts) == _JUDGED


@pytest.mark.parametrize("behind", _BEHIND)
def test_the_library_for_python(behind: str) -> None:
    """Speech, transcripts in every format, events, errors by their class, ids."""
    _assert_sound(_through(behind, {"python": True}, "sdk.python.*"), behind)


@pytest.mark.parametrize("behind", _BEHIND)
def test_the_library_for_node(behind: str, request: pytest.FixtureRequest) -> None:
    """The same."""
    folder = with_openai_node(request.config)
    _assert_sound(_through(behind, {"node": str(folder)}, "sdk.node.*"), behind)


def test_a_library_that_is_not_there_is_asked_for() -> None:
    """Nothing is judged by it, and the reason says what to install."""
    _, verdicts, reasons = _through("", {"node": "/nowhere"}, "sdk.*")
    assert set(verdicts.values()) == {"not-verified"}
    of_node = [reason for name, reason in reasons.items() if name.startswith("sdk.node.")]
    assert all("no openai in /nowhere" in reason or "no node on the path" in reason for reason in of_node)
