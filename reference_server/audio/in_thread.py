"""Work on a recording in a thread, which nobody closes under its hands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def in_thread(
    function: Callable[Parameters, Result], *arguments: Parameters.args, **options: Parameters.kwargs
) -> Result:
    """What the function returns. Where the caller is cancelled, because its client has gone, the thread ends first.

    A thread cannot be stopped, and whoever is cancelled closes the recording that it reads: FFmpeg then finds a closed file,
    or another one that got its descriptor.
    """
    work = asyncio.ensure_future(asyncio.to_thread(function, *arguments, **options))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise
