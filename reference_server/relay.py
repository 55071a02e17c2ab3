"""Further addresses of a server that listens on one: connections are passed on to it, byte for byte.

Granian takes one address. What is relayed is for people at their own machine (`localhost` means 127.0.0.1 and ::1), so it
need not be fast.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress

from reference_server.listening import Address

_PIECE_BYTES = 64 * 1024


def start_relays(further: Sequence[Address], to: Address) -> None:
    """Passes connections to `further` on to `to`, in a thread that ends with the process."""
    if further:
        threading.Thread(target=lambda: asyncio.run(_relay(further, to)), name="relay", daemon=True).start()


async def _relay(further: Sequence[Address], to: Address) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            answers, calls = await asyncio.open_connection(to.host, to.port)
            await _both_ways(_piped(reader, calls), _piped(answers, writer))
        writer.close()

    listening = [await asyncio.start_server(connected, each.host, each.port, reuse_port=True) for each in further]
    await asyncio.gather(*(each.serve_forever() for each in listening))


async def _both_ways(*ways: asyncio.Future[None]) -> None:
    """Until either side ends: a client that goes away must be noticed, and a server that closes too."""
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


def _piped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> asyncio.Future[None]:
    async def pipe() -> None:
        try:
            while piece := await reader.read(_PIECE_BYTES):
                writer.write(piece)
                await writer.drain()
        finally:
            writer.close()

    return asyncio.ensure_future(pipe())
