"""Does SIGTERM lose any request in flight, and is every new one told 503?

    python -m benchmarks.shutdown_under_load [--held 200] [--times 20] [--workers 1]

Each time: requests held on a gate of the mock provider, SIGTERM, new requests on new connections, the gate released. The
exit status is 1 when a held request gets anything but its own audio, a new one that is answered gets anything but 503, or
the server ends with another status than 0.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from mock_upstreams.server import RunningMock, start
from tests.servers import RunningGateway, running_gateway

_PATIENCE_S = 120.0
_PROBES = 10


def _config(url: str) -> dict[str, object]:
    return {
        "providers": {"cloud": {"kind": "openai", "base_url": f"{url}/v1", "api_key": "k", "timeout_s": 300}},
        "models": {"tts-1": {"capability": "speech", "provider": "cloud"}},
        "tokens": [{"name": "bench", "token": "cpeer_benchmark"}],
        "drain": {"notice_s": 0.5, "deadline_s": 300},
        "log_level": "error",
    }


def _speak(gateway: RunningGateway, text: str) -> str:
    """The status, or the kind of failure where there was no answer."""
    body = {"model": "tts-1", "input": text, "response_format": "pcm"}
    try:
        answer = httpx.post(f"{gateway.base_url}/audio/speech", headers=gateway.headers, json=body, timeout=_PATIENCE_S)
    except httpx.TransportError as error:
        return type(error).__name__
    return str(answer.status_code) if answer.status_code != 200 or answer.content else "empty"


def _once(mock: RunningMock, held: int, workers: int, number: int) -> tuple[Counter[str], Counter[str], int]:
    """What the held requests got, what the new ones got, and the server's exit status."""
    gate, marker = f"gate-{number}", f"held-{number}-"
    authorization = {"Authorization": f"Bearer {mock.control_token}"}
    with (
        httpx.Client(base_url=mock.base_url, headers=authorization, timeout=_PATIENCE_S) as control,
        running_gateway(_config(mock.base_url), workers) as gateway,
        ThreadPoolExecutor(held) as pool,
    ):
        control.put(f"/_mock/gates/{gate}").raise_for_status()
        script = {"match": {"marker": marker}, "times": None, "act": {"hold": gate}}
        control.post("/_mock/scripts", json=script).raise_for_status()
        flying = [pool.submit(_speak, gateway, f"{marker}{each}") for each in range(held)]
        control.get(f"/_mock/gates/{gate}", params={"waiting_at_least": held, "wait_s": 30}).raise_for_status()
        gateway.process.send_signal(signal.SIGTERM)
        _await_drain(gateway)
        new = Counter(_speak(gateway, "new") for _ in range(_PROBES))
        control.post(f"/_mock/gates/{gate}/release", json={"all": True}).raise_for_status()
        done = Counter(each.result() for each in flying)
        return done, new, gateway.process.wait(_PATIENCE_S)


def _await_drain(gateway: RunningGateway) -> None:
    """Returns when readiness was refused so often in a row that every worker must have been among those asked."""
    in_a_row, deadline = 0, time.monotonic() + _PATIENCE_S
    while in_a_row < 2 * _PROBES and time.monotonic() < deadline:
        in_a_row = in_a_row + 1 if httpx.get(f"{gateway.origin}/readyz").status_code == 503 else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Repeats the shutdown and prints the sums."""
    parser = argparse.ArgumentParser(description="Requests in flight across a shutdown.")
    parser.add_argument("--held", type=int, default=200)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args(argv)
    held, new, statuses = Counter[str](), Counter[str](), Counter[int]()
    with start() as mock:
        for number in range(given.times):
            done, told, status = _once(mock, given.held, given.workers, number)
            held, new, statuses = held + done, new + told, statuses + Counter({status: 1})
    print(  # noqa: T201
        f"{given.times} shutdowns with {given.held} in flight: {dict(held)}; new: {dict(new)}; exit: {dict(statuses)}"
    )
    whole = held == {"200": given.held * given.times} and new == {"503": _PROBES * given.times}
    return 0 if whole and set(statuses) == {0} else 1


if __name__ == "__main__":
    sys.exit(main())
