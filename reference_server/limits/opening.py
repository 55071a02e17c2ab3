"""Chooses the store that the settings name. The client library is loaded only where it is asked for: it is an extra."""

from importlib import import_module

from reference_server.limits.errors import LimitStoreMisconfigured
from reference_server.limits.memory import MemoryStore
from reference_server.limits.policies import StoreSettings
from reference_server.limits.store import LimitStore


def open_store(settings: StoreSettings | None = None) -> LimitStore:
    """Returns the store of `settings`: Valkey where a `url` is given, else memory. Connects on first use, not here.

    Raises LimitStoreMisconfigured for a URL that cannot be used or when the extra is not installed.
    """
    settings = settings or StoreSettings()
    if settings.url is None:
        return MemoryStore()
    try:
        module = import_module("reference_server.limits.valkey_store")
    except ModuleNotFoundError as error:
        if error.name != "valkey":
            raise
        problem = "`store.url` is set, but the Valkey client is not installed."
        raise LimitStoreMisconfigured(problem, "Install this package with its extra `valkey`.") from error
    store: LimitStore = module.ValkeyStore(settings)
    return store
