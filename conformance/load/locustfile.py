"""A gateway under load, every answer judged. For Locust:

    audio-conformance load TARGET.yaml --headless --users 50 --run-time 10m

Import `GatewayUser` into a locustfile of your own to give it another `wait_time` or other weights.
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

import gevent
from locust import User, events, tag, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import LocalRunner, MasterRunner, WorkerRunner

from conformance import contracts
from conformance import target as targets
from conformance.errors import ConformanceError, TargetError
from conformance.http.client import Gateway
from conformance.http.endpoint import endpoint_of
from conformance.http.limits import retry_after_s
from conformance.load.rows import Accusation, never_served, row
from conformance.load.sending import Client
from conformance.load.turns import Turn, Turns
from conformance.target import Target

_LONGEST_REST_S = 10.0


class GatewayUser(User):
    """One client of the gateway: sends one request after the other, on a connection of its own."""

    target: ClassVar[Target]
    turns: ClassVar[Turns]
    _rest_s: float = 0.0

    def wait_time(self) -> float:
        """Seconds until the next request: as the options say, and as a refusal asked."""
        rest_s, self._rest_s = self._rest_s, 0.0
        return max(rest_s, float(self.environment.parsed_options.pause))

    def on_start(self) -> None:
        """Connects with the first request."""
        self._client = Client(endpoint_of(self.target), self.target)

    def on_stop(self) -> None:
        """Disconnects."""
        self._client.close()

    @tag("speech")
    @task(4)
    def speak(self) -> None:
        """Asks for speech."""
        self._take(self.turns.speech())

    @tag("transcription")
    @task(3)
    def transcribe(self) -> None:
        """Asks for a transcript."""
        self._take(self.turns.transcript("transcriptions"))

    @tag("translation")
    @task(1)
    def translate(self) -> None:
        """Asks for a translation."""
        self._take(self.turns.transcript("translations"))

    @tag("refusal")
    @task(1)
    def be_refused(self) -> None:
        """Comes with a token that nobody has."""
        self._take(self.turns.refusal())

    def _take(self, turn: Turn) -> None:
        started = time.time()
        exchange, resent = self._client.send(turn.request)
        held_off = self.turns.is_held_off(exchange)
        # In a thread of the system's: to decode audio is work, and meanwhile others' times would be taken wrongly.
        judge = self.turns.badly_held_off if held_off else turn.finding
        finding = gevent.get_hub().threadpool.apply(judge, (exchange,))
        if finding is None and not held_off:
            turn.keep(exchange)
        self.environment.events.request.fire(
            request_type=turn.request.method,
            name=row(turn.name, held_off=held_off, resent=resent),
            response_time=exchange.elapsed_s * 1000,
            response_length=len(exchange.answer.body) if exchange.answer else 0,
            exception=finding and Accusation(finding, self.target.secrets()),
            start_time=started,
            context={},
        )
        if held_off and exchange.answer:
            self._rest_s = min(retry_after_s(exchange.answer.header("retry-after")), _LONGEST_REST_S)


@events.init_command_line_parser.add_listener
def add_arguments(parser: LocustArgumentParser, **_: Any) -> None:
    """Adds the suite's own options to Locust's."""
    group = parser.add_argument_group("The gateway", "what the suite has to know of it")
    group.add_argument(
        "--target", metavar="FILE", required=True, help="the target file: what is declared of the gateway"
    )
    group.add_argument("--pause", type=float, default=0.0, metavar="SECONDS", help="of each user, between two requests")
    group.add_argument("--requests", type=int, default=0, metavar="N", help="end the test after about so many")


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Reads the target, once for each process. Ends it with status 2 where that is wrong."""
    options = environment.parsed_options
    assert options is not None
    try:
        target = targets.load(Path(options.target), overrides={"base_url": options.host} if options.host else {})
        contract = contracts.load(target.contract)
        if target.mock_provider and target.mock_provider.listen:
            raise TargetError("mock_provider.listen", "a load test starts no mock.", "Run one, and give control_url.")
        gateway = Gateway(endpoint_of(target), target.token, timeout_s=1.0)
    except ConformanceError as error:
        sys.stderr.write(f"audio-conformance load: {error}\n")
        sys.exit(2)
    GatewayUser.target, GatewayUser.turns = target, Turns(contract, target, gateway)
    environment.host = target.base_url
    if options.requests:
        _end_after(environment, options.requests)


def _end_after(environment: Environment, requests: int) -> None:
    """Counts where all requests are known: in a process that stands alone, and in the master as workers report."""

    def look(**_: Any) -> None:
        if environment.runner is not None and environment.stats.total.num_requests >= requests:
            gevent.spawn(environment.runner.quit)

    if isinstance(environment.runner, MasterRunner):
        environment.events.worker_report.add_listener(look)
    elif isinstance(environment.runner, LocalRunner):
        environment.events.request.add_listener(look)


@events.quitting.add_listener
def conclude(environment: Environment, **_: Any) -> None:
    """Ends with status 1 where an operation was asked for and never served: then the test has shown nothing of it."""
    if isinstance(environment.runner, WorkerRunner):
        return
    rows = environment.stats.entries.values()
    lacking = never_served((each.name, each.num_requests - each.num_failures) for each in rows)
    for name in lacking:
        logging.getLogger(__name__).error("%s: asked for, and never served", name)
    if lacking:
        environment.process_exit_code = 1
