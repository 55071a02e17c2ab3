"""Reads the configuration: a YAML file, strictly checked as a whole before the server starts.

An example for each kind of provider stands in `examples/`. All names in it are checked: a model's provider, a limit's
token and model, a provider's kind and options.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from msgspec import structs

from reference_server import strict_yaml
from reference_server.config.model import ModelSettings, ProviderSettings, Settings, TokenSettings
from reference_server.contract import CONTRACTS
from reference_server.requests import Operation
from reference_server.routing import Model, Routes
from reference_server.strict_yaml import ConfigError
from reference_server.tokens import Tokens, digest
from reference_server.upstreams import builders

DEVELOPMENT_TOKEN = "cpeer_development"  # noqa: S105 - for the embedded default on loopback, printed at start

# Providers that are reached by deployment: a model of theirs must say which, never be taken for one by its name.
_BY_DEPLOYMENT = frozenset({"azure"})
_OPERATIONS = {
    "speech": (Operation.SPEECH,),
    "transcription": (Operation.TRANSCRIPTION, Operation.TRANSLATION),
}


def load(path: Path) -> Settings:
    """Reads a configuration file. Raises ConfigError, which names path and hint."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}.", "Name a readable YAML file.") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "is not UTF-8 text.", "Name a readable YAML file.") from None
    return from_document(strict_yaml.parse(text))


def default(
    token: str = DEVELOPMENT_TOKEN,
    *,
    any_origin: bool = False,
    control_token: str | None = None,
    playground: bool = False,
) -> Settings:
    """The embedded configuration, with one development token.

    With `any_origin`, pages of any origin may call it; with a `control_token`, its mock serves its control API.
    """
    document = strict_yaml.parse(files("reference_server.config").joinpath("default.yaml").read_text("utf-8"))
    if control_token is not None:
        document["providers"]["mock"]["control_token"] = control_token
    cors = {"cors": {"allow_origins": ["*"]}} if any_origin else {}
    tokens = [{"name": "development", "token": token}]
    return from_document({**document, **cors, "playground": playground, "tokens": tokens})


def from_document(document: dict[str, Any]) -> Settings:
    """Checks a parsed file as a whole. Raises ConfigError."""
    settings = strict_yaml.convert(document, Settings)
    if "base_path" not in document:
        settings = structs.replace(settings, base_path=CONTRACTS[settings.contract].base_path)
    for name in settings.providers:
        provider(settings, name)
    for key, model in settings.models.items():
        _check_model(settings, key, model)
    _check_tokens(settings)
    _check_limits(settings)
    return settings


def provider(settings: Settings, name: str) -> ProviderSettings:
    """The settings of one provider. Raises ConfigError."""
    options = dict(settings.providers[name])
    path = f"providers.{name}"
    known = {key: options.pop(key) for key in ("kind", "timeout_s", "hands_on") if key in options}
    found = strict_yaml.convert({**known, "options": options}, ProviderSettings, path)
    if found.kind not in builders():
        raise ConfigError(f"{path}.kind", f"No adapter is named {found.kind!r}.", _allowed(builders()))
    return found


def routes(settings: Settings) -> Routes:
    """The routing table of the configuration."""
    return Routes({key: Model(key, each.provider, _targets(key, each)) for key, each in settings.models.items()})


def tokens(settings: Settings) -> Tokens:
    """The tokens of the configuration, as digests."""
    return Tokens({each.name: _digest(each) for each in settings.tokens})


def _digest(settings: TokenSettings) -> bytes:
    return digest(settings.token) if settings.token is not None else bytes.fromhex(settings.sha256 or "")


def _targets(key: str, model: ModelSettings) -> dict[Operation, str]:
    operations = _OPERATIONS[model.capability]
    if model.deployments is None:
        return dict.fromkeys(operations, model.upstream_model or key)
    return {each: model.deployments.get(each, "") for each in operations}


def _check_model(settings: Settings, key: str, model: ModelSettings) -> None:
    path = f"models.{key}"
    if model.provider not in settings.providers:
        raise ConfigError(f"{path}.provider", f"No provider is named {model.provider!r}.", _allowed(settings.providers))
    by_deployment = provider(settings, model.provider).kind in _BY_DEPLOYMENT
    if by_deployment and model.deployments is None:
        raise ConfigError(f"{path}.deployments", "is missing.", "Name a deployment for each operation, or {} for none.")
    if model.deployments is not None and model.upstream_model is not None:
        raise ConfigError(f"{path}.upstream_model", "stands beside `deployments`.", "Keep one of the two.")
    allowed = _OPERATIONS[model.capability]
    for operation in model.deployments or {}:
        if operation not in allowed:
            wrong = f"{path}.deployments.{operation}"
            raise ConfigError(wrong, f"is not for {model.capability}.", _allowed(allowed))


def _check_tokens(settings: Settings) -> None:
    if not settings.tokens:
        raise ConfigError("tokens", "is missing or empty.", "Add at least one {name: ..., token: cpeer_...}.")
    names: set[str] = set()
    for index, each in enumerate(settings.tokens):
        if (each.token is None) == (each.sha256 is None):
            raise ConfigError(f"tokens[{index}]", "needs one of `token` and `sha256`.", "Write exactly one of them.")
        if each.name in names:
            raise ConfigError(f"tokens[{index}].name", f"{each.name!r} stands twice.", "Give each token its own name.")
        names.add(each.name)


def _check_limits(settings: Settings) -> None:
    named = {"tokens": [each.name for each in settings.tokens], "models": list(settings.models)}
    for group, known in named.items():
        for name in getattr(settings.limits, group):
            if name not in known:
                raise ConfigError(f"limits.{group}.{name}", "is not configured.", _allowed(known))


def _allowed(names: Iterable[str]) -> str:
    return f"Allowed: {', '.join(names)}."
