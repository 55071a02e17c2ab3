"""The YAML file: examples that load, and mistakes that are answered with path and hint."""

import hashlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from reference_server import config
from reference_server.app import create_app
from reference_server.requests import Operation
from reference_server.strict_yaml import ConfigError, parse
from tests.servers import CHECKOUT

EXAMPLES = sorted(CHECKOUT.glob("examples/reference-*.yaml"))
GOOD = """
providers:
  mock: {kind: mock}
  cloud: {kind: openai, base_url: "http://127.0.0.1:1/v1"}
  azure: {kind: azure, endpoint: "http://127.0.0.1:1", api_key: k}
models:
  tts: {capability: speech, provider: mock}
  stt: {capability: transcription, provider: mock}
  azure-tts: {capability: speech, provider: azure, deployments: {speech: s}}
tokens:
  - {name: alice, token: cpeer_12345}
limits:
  tokens:
    alice: {requests: {limit: 1, window_s: 60}}
"""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "GATEWAY_TOKEN"):
        monkeypatch.setenv(name, "cpeer_from_environment")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_makes_a_gateway(path: Path) -> None:
    """Each file in examples/ is valid, down to its adapters' options."""
    settings = config.load(path)
    if path.stem == "reference-local":
        pytest.importorskip("faster_whisper", reason="the extra `local` is not installed")
    create_app(settings)


def test_there_is_an_example_for_each_built_in_kind() -> None:
    """None is forgotten."""
    kinds = {config.provider(each, name).kind for each in map(config.load, EXAMPLES) for name in each.providers}
    assert kinds >= {"mock", "openai", "azure"}


def test_the_embedded_configuration_is_whole() -> None:
    """Both capabilities, one token."""
    routes = config.routes(config.default())
    assert routes.keys(Operation.SPEECH) == ("tts-1",)
    assert routes.keys(Operation.TRANSLATION) == ("whisper-1",)


def test_a_token_may_stand_as_its_hash() -> None:
    """The plain token opens what only its hash is written for."""
    digest = hashlib.sha256(b"cpeer_secret").hexdigest()
    settings = config.from_document(parse(GOOD.replace("token: cpeer_12345", f"sha256: {digest}")))
    assert config.tokens(settings).holder("Bearer cpeer_secret") == "alice"


# (what to replace in the good file, by what, the path that the error must name, a piece of its hint)
MISTAKES = {
    "unknown key": ("models:\n", "modells:\n", "modells", "Did you mean `models`?"),
    "unknown key deep down": ("tts: {capability", "tts: {voice: x, capability", "models.tts.voice", "upstream_model"),
    "unknown option": ("base_url:", "url:", "providers.cloud.url", "base_url"),
    "option of the wrong kind": (
        '"http://127.0.0.1:1/v1"',
        "5",
        "providers.cloud.base_url",
        "A number does not fit. Write an address",
    ),
    "no address": ('"http://127.0.0.1:1/v1"', "ftp://x", "providers.cloud.base_url", "starts with http:// or https://"),
    "missing option": (", api_key: k", "", "providers.azure.api_key", "Add it"),
    "unknown kind": ("kind: mock", "kind: mok", "providers.mock.kind", "mock"),
    "no kind": ("{kind: mock}", "{}", "providers.mock.kind", "Add it"),
    "unknown provider": ("speech, provider: mock", "speech, provider: mick", "models.tts.provider", "mock, cloud"),
    "unknown capability": (
        "capability: speech, provider: mock",
        "capability: x, provider: mock",
        "models.tts.capab",
        "`x` does not fit. Write one of speech, transcription.",
    ),
    "azure without deployments": (", deployments: {speech: s}", "", "models.azure-tts.deployments", "{} for none"),
    "deployment of another operation": ("{speech: s}", "{translation: s}", "models.azure-tts.deployments.t", "speech"),
    "short token": ("cpeer_12345", "short", "tokens[0].token", "This text does not fit. Write text of at least 8 char"),
    "secret that is a number": ("cpeer_12345", "12345678", "tokens[0].token", "A number does not fit"),
    "number out of bounds": (
        "window_s: 60",
        "window_s: 0",
        "limits.tokens.alice.requests.window_s",
        "of at least 0.001",
    ),
    "budget of no number": ("{limit: 1, window_s: 60}", "5", "limits.tokens.alice.requests", "Write a mapping"),
    "text for seconds": (
        "kind: mock",
        "kind: mock, timeout_s: fast",
        "providers.mock.timeout_s",
        "a number above 0 and of at",
    ),
    "no tokens": ("tokens:\n  - {name: alice, token: cpeer_12345}\nlimits", "limits", "tokens", "Add"),
    "token and hash": ("token: cpeer_12345", "name2: x", "tokens[0].name2", "token, sha256"),
    "limit for nobody": ("    alice: {req", "    bob: {req", "limits.tokens.bob", "alice"),
    "limit with a wrong key": ("window_s", "window", "limits.tokens.alice.requests.window", "window_s"),
    "two equal keys": ("  stt: {", "  tts: {", "tts", "Keep one"),
    "missing variable": ("cpeer_12345", '"${NO_SUCH_VARIABLE}"', "tokens[0].token", "Set NO_SUCH_VARIABLE"),
    "no mapping": (GOOD, "- a", "", "mapping"),
    "no YAML": (GOOD, "{", "", "not YAML"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_answered_with_path_and_hint(mistake: tuple[str, str, str, str]) -> None:
    """The path is the one in the file, and the message says what is allowed."""
    old, new, path, hint = mistake
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        create_app(config.from_document(parse(GOOD.replace(old, new, 1))))
    assert caught.value.path.startswith(path)
    assert hint in str(caught.value)


@pytest.mark.skipif(find_spec("py_nanotts") is not None, reason="the extra `local` is installed")
def test_a_missing_extra_says_which_to_install() -> None:
    """Not a name of a module that nobody knows."""
    with pytest.raises(ConfigError, match=r"pip install '\.\[local\]'") as caught:
        create_app(config.load(CHECKOUT / "examples" / "reference-local.yaml"))
    assert caught.value.path == "providers.local.kind"


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reference_server", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_ends_with_status_2_and_one_sentence(tmp_path: Path) -> None:
    """File, path and hint on standard error, no trace."""
    file = tmp_path / "gateway.yaml"
    file.write_text(GOOD.replace("kind: mock", "kind: mok"))
    ended = _run("--port", "0", "--config", str(file))
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"audio-reference-server: {file}: providers.mock.kind: ")
    assert "Traceback" not in ended.stderr
    missing = _run("--config", str(tmp_path / "absent.yaml"))
    assert missing.returncode == 2
    assert "absent.yaml" in missing.stderr


def test_several_workers_do_not_count_alone(tmp_path: Path) -> None:
    """Limits in memory with two workers would be counted twice: refused at start, with the hint."""
    file = tmp_path / "gateway.yaml"
    file.write_text(GOOD)
    ended = _run("--port", "0", "--workers", "2", "--config", str(file))
    assert ended.returncode == 2
    assert "limit_store.url" in ended.stderr
