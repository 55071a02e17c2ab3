"""From model key to provider: what the `model` of a request means.

Contract: Provider Notes; rulings, Provider side, "routing" and "Azure".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from msgspec import Struct

from reference_server.errors import NoDeployment, UnknownModel
from reference_server.requests import Operation


@dataclass(frozen=True, slots=True)
class Model:
    """One model key: its provider (a name of the configuration) and the provider's name for it, per operation.

    An operation with an empty target is of this model's capability, yet the provider has no deployment for it.
    """

    key: str
    provider: str
    targets: Mapping[Operation, str]


class Route(Struct, frozen=True):
    """Where one request goes."""

    model_key: str
    provider: str
    target: str


class Routes:
    """All model keys of a gateway."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = MappingProxyType(dict(models))
        self._keys = {
            operation: tuple(model.key for model in self._models.values() if model.targets.get(operation))
            for operation in Operation
        }

    def resolve(self, key: str, operation: Operation) -> Route:
        """Raises UnknownModel for a key that is unknown or of the other capability, NoDeployment."""
        model = self._models.get(key)
        if model is None or operation not in model.targets:
            raise UnknownModel(key, operation.value, self.keys(operation))
        target = model.targets[operation]
        if not target:
            raise NoDeployment(key, operation.value)
        return Route(key, model.provider, target)

    def keys(self, operation: Operation) -> tuple[str, ...]:
        """The model keys that serve `operation`, in the order of the configuration."""
        return self._keys[operation]

    def served(self) -> dict[str, tuple[Operation, ...]]:
        """Every model key with the operations that it serves; one that serves none is left out."""
        served = {
            key: tuple(operation for operation, target in model.targets.items() if target)
            for key, model in self._models.items()
        }
        return {key: operations for key, operations in served.items() if operations}
