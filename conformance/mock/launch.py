"""The one module that knows the mock provider as code: it starts one in this process when the target asks for it.

Everything else in the suite speaks to the mock over HTTP.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from conformance.errors import ProviderUnreachable
from conformance.target.extras import require


@contextmanager
def running_mock(listen: str, control_token: str) -> Iterator[str]:
    """Starts a mock provider on `host:port` (port 0: any) and yields its URL.

    Raises ProviderUnreachable where it cannot listen there, UsageError where it is not installed.
    """
    require("mock", "A mock provider that this run starts")
    from mock_upstreams.server import start  # noqa: PLC0415 - only a run that asks for the mock pays for loading it

    host, _, port = listen.rpartition(":")
    try:
        mock = start(host=host.strip("[]"), port=int(port), control_token=control_token)
    except OSError as error:
        raise ProviderUnreachable(
            f"The mock provider cannot listen on {listen}: {error}.", "Is the port taken?"
        ) from error
    logger = logging.getLogger("asyncio")
    logger.addFilter(_worth_telling)
    try:
        with mock:
            yield mock.base_url
    finally:
        logger.removeFilter(_worth_telling)


def _worth_telling(record: logging.LogRecord) -> bool:
    """A gateway that goes away while the mock writes is what many checks ask for, and no news for the screen."""
    return record.getMessage() != "socket.send() raised exception."
