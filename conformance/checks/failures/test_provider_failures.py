"""Provider failures: whatever the provider does, the client gets an honest error, in time, and the next request is served.

Every fault is scripted to last for the case's calls, so that a gateway which tries again is judged alike.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from conformance.drive.calls import ask_marked, marked_request
from conformance.drive.case import Case
from conformance.drive.locks import SharedLock
from conformance.drive.marks import decides, each, early, exclusive
from conformance.drive.requests import OPERATIONS, OPERATIONS_AND_ENCODINGS, TRANSCRIPTS
from conformance.drive.scripts import match_of
from conformance.errors import Blocked, NotVerified
from conformance.http.exchange import Exchange, Finding, WireExchange
from conformance.http.raw import converse
from conformance.judge.client.disclosure import no_server_path, no_stack_trace
from conformance.judge.client.errors import enveloped
from conformance.judge.client.speech import same_bytes
from conformance.judge.client.statuses import status_is
from conformance.judge.client.transcripts import text_is_providers
from conformance.judge.failures import failed, in_time, refused
from conformance.mock.control import PlayedScript
from conformance.samples.provider_faults import (
    ERRORS,
    LIMITS,
    REFUSALS,
    SPILLING,
    TEXTLESS,
    TRANSPORT,
    Act,
    Faults,
    failing,
)

# Between the gateway's decision and the suite's clock stands a busy machine, and a second of waiting for the close.
_GRACE_S = 2.5
# Pieces in bytes and seconds between them: audio is a thousand times as long as a transcript.
_DRIP_OF_AUDIO = {"chunk": 2000, "interval_s": 0.1}
_DRIP_OF_TRANSCRIPT = {"chunk": 8, "interval_s": 0.1}
_FAILING = [
    (route, form, kind, variant)
    for route, form in OPERATIONS_AND_ENCODINGS
    for kind, variants in failing(audio=(route, form) not in TRANSCRIPTS).items()
    for variant in variants
]


def _silence(case: Case) -> SharedLock:
    """Held by the checks of the run that leave the provider silent: side by side, or one that is tried again."""
    return case.shared.get(SharedLock)


def _faults(case: Case, route: str) -> Faults:
    return failing(audio=case.contract.operations[route].gives_audio)


def _play(case: Case, route: str, form: str, act: Act, face: str = "openai", **fields: str) -> WireExchange:
    """A valid request whose provider does what the script says. Raises Blocked where the script was not used."""
    with case.provider.scripted(match_of(case, route), act) as played:
        result = converse(case.gateway, marked_request(case, route, form, face=face, **fields), provoked=True)
    _met(case, result.exchange, played)
    return result


def _met(case: Case, exchange: Exchange, played: PlayedScript) -> None:
    if not played.used:
        raise Blocked("the provider's scripted fault was met by no call of this case", exchange)
    if exchange.timed_out and case.target.timeout_s is None:
        raise NotVerified("declare timeout_s: by when a failing provider must have been answered for", exchange)


def _limited(case: Case, route: str, form: str, act: Act, face: str = "openai") -> WireExchange:
    """The same for a provider that limits: the refusal is then what is judged, and not waited for."""
    with case.provider.scripted(match_of(case, route), act) as played:
        result = converse(case.gateway, marked_request(case, route, form, face=face), limited=True, provoked=True)
    _met(case, result.exchange, played)
    return result


@each("route, form, kind, variant", _FAILING, "failures.{route}.{kind}")
def test_a_failing_provider_is_an_error(case: Case, route: str, form: str, kind: str, variant: str) -> None:
    result = _play(case, route, form, _faults(case, route)[kind][variant])
    case.judge(
        failed(
            result,
            case.contract.statuses("provider-failure"),
            because=f"{route} ({form}) while the provider fails (fault: {kind}, {variant})",
        )
    )


@decides("errors.envelope.provider-failure")
@pytest.mark.parametrize(("route", "form"), OPERATIONS_AND_ENCODINGS)
def test_the_error_for_a_failing_provider_is_json_with_a_message(case: Case, route: str, form: str) -> None:
    """The provider's own words are in no envelope, so that one which is only passed on shows."""
    exchange = _play(case, route, form, ERRORS["status-502"]["html"]).exchange
    if not exchange.is_error:
        raise Blocked(f"a failing provider is no error here: {exchange.got}", exchange)
    case.judge(
        enveloped(
            exchange, case.contract.names.error, because=f"{route} ({form}) with a provider that answers with a page"
        )
    )


@decides("failures.speech.truncated")
@pytest.mark.parametrize("wanted", ["wav", "pcm", "opus"])
def test_cut_audio_of_any_format_is_no_success(case: Case, wanted: str) -> None:
    result = _play(case, "speech", "json", TRANSPORT["truncated"]["half"], response_format=wanted)
    case.judge(
        failed(
            result,
            case.contract.statuses("provider-failure"),
            because=f"speech in {wanted} that the provider cuts short",
        )
    )


@each("route, form", TRANSCRIPTS, "failures.{route}.wrong-media-type")
@pytest.mark.parametrize("wanted", ["text", "srt", "verbose_json"])
def test_a_page_is_no_transcript_in_any_format(case: Case, route: str, form: str, wanted: str) -> None:
    result = _play(case, route, form, TRANSPORT["wrong-media-type"]["html"], response_format=wanted)
    case.judge(
        failed(
            result,
            case.contract.statuses("provider-failure"),
            because=f"{route} ({form}) in {wanted} with a provider that sends a page",
        )
    )


@each("route, form", OPERATIONS_AND_ENCODINGS, "failures.{route}.refusal")
@pytest.mark.parametrize("variant", REFUSALS["refusal"])
def test_what_the_provider_refuses_is_an_error(case: Case, route: str, form: str, variant: str) -> None:
    result = _play(case, route, form, REFUSALS["refusal"][variant])
    case.judge(
        refused(
            result,
            case.contract.statuses("provider-refusal"),
            because=f"{route} ({form}) with a provider that answers {variant}",
        )
    )


@each("route, form", OPERATIONS_AND_ENCODINGS, "failures.{route}.limit")
@pytest.mark.parametrize("variant", LIMITS["limit"])
def test_the_providers_limit_is_an_error(case: Case, route: str, form: str, variant: str) -> None:
    result = _limited(case, route, form, LIMITS["limit"][variant])
    case.judge(
        refused(
            result,
            case.contract.statuses("provider-limit"),
            because=f"{route} ({form}) with a provider that limits ({variant})",
        )
    )


@each("route, form", TRANSCRIPTS, "failures.{route}.no-text")
@pytest.mark.parametrize("variant", TEXTLESS)
def test_an_answer_without_a_text_is_no_transcript(case: Case, route: str, form: str, variant: str) -> None:
    result = _play(case, route, form, TEXTLESS[variant])
    failure = case.contract.statuses("provider-failure")
    case.judge(failed(result, failure, because=f"{route} ({form}) while the provider fails (fault: {variant})"))


@early
@each("route", OPERATIONS, "failures.{route}.silent")
def test_a_silent_provider_is_answered_for_in_time(case: Case, route: str) -> None:
    _silent(case, route, "openai")


@early
@each("route", OPERATIONS, "azure.{route}.silent")
def test_a_silent_azure_is_answered_for_in_time(case: Case, route: str) -> None:
    _silent(case, route, "azure")


def _silent(case: Case, route: str, face: str) -> None:
    """Every form, with silence before the answer and within it, all at the same time: the waiting is paid for once.

    So many silent calls at a time may be too many for a gateway that serves few at a time. Whatever fails is therefore tried
    again with no other silence around, and one that fails again is enough.
    """
    limit = case.target.timeout_s or 0.0
    stall = {"drip": {"chunk": 8, "interval_s": 2 * limit + 30}}
    forms = case.contract.operations[route].encodings

    def one(form: str, act: Act) -> Finding | None:
        result = _play(case.example(), route, form, act, face)
        because = f"{route} ({form}) with a provider that falls silent"
        return in_time(result, limit + _GRACE_S, because=because) or failed(
            result, case.contract.statuses("provider-failure"), because=because
        )

    with case.provider.gate(f"gate-{case.marker}") as gate:
        variants = [(form, act) for form in forms for act in ({"hold": gate.name}, stall)]
        with _silence(case).shared(), ThreadPoolExecutor(len(variants)) as pool:
            findings = list(pool.map(lambda variant: one(*variant), variants))
        for variant, finding in zip(variants, findings, strict=True):
            if finding:
                with _silence(case).exclusive():
                    case.judge(one(*variant))


_SLOW_S = 4.0


@early
@each("route, form", OPERATIONS_AND_ENCODINGS, "failures.{route}.slow")
def test_a_slow_provider_is_no_failure(case: Case, route: str, form: str) -> None:
    """Piece by piece, and whole in about two seconds, as a provider takes for a long text."""
    if case.target.timeout_s is not None and case.target.timeout_s < _SLOW_S:
        raise NotVerified(
            f"declare a timeout_s of {_SLOW_S:g} or more: this one may be over before a slow provider is done"
        )
    # A second attempt decides: on a busy machine a slow provider may be slower than its script says.
    case.judge(_slowly(case.example(), route, form) and _slowly(case.example(), route, form))


def _slowly(case: Case, route: str, form: str) -> Finding | None:
    gives_audio = case.contract.operations[route].gives_audio
    act = {"delay_s": 0.8, "drip": _DRIP_OF_AUDIO if gives_audio else _DRIP_OF_TRANSCRIPT}
    with case.provider.scripted(match_of(case, route), act) as played:
        # In a format of known size: a gateway's default may be ten times as large, and so as slow.
        exchange = ask_marked(case, route, form, **({"response_format": "mp3"} if gives_audio else {}))
    _met(case, exchange, played)
    calls, because = case.calls(), f"{route} ({form}) with a slow provider"
    wrong = status_is(exchange, case.contract.statuses("served"), because=because)
    if wrong:
        return wrong
    if gives_audio:
        return same_bytes(exchange, calls)
    return text_is_providers(exchange, calls[-1], case.contract.transcript(), because=because)


@each("route, form", OPERATIONS_AND_ENCODINGS, "failures.{route}.discreet")
@pytest.mark.parametrize("kind", ["spilling", "reset-before-headers", "truncated", "wrong-media-type", "status-401"])
def test_an_error_for_the_provider_discloses_nothing(case: Case, route: str, form: str, kind: str) -> None:
    """No stack trace, the provider's own included, and no path of the gateway's."""
    act = SPILLING if kind == "spilling" else next(iter(_faults(case, route)[kind].values()))
    exchange = _play(case, route, form, act).exchange
    because = f"{route} ({form}) while the provider fails (fault: {kind})"
    case.judge(
        no_stack_trace(exchange, because=because),
        None if kind == "spilling" else no_server_path(exchange, because=because),
    )


_REST_S = 10.0
_RECOVERED = ("status-503", "reset-before-headers", "reset-mid-body", "truncated", "wrong-media-type")


@exclusive
@each("route, form", OPERATIONS_AND_ENCODINGS, "failures.{route}.recovery")
@pytest.mark.parametrize("kind", _RECOVERED)
def test_the_next_request_is_served(case: Case, route: str, form: str, kind: str) -> None:
    """Judged only if requests were served before; twice, for a second connection may be the one that was spoilt."""
    before = case.example()
    before.succeeded(ask_marked(before, route, form))
    failing_case = case.example()
    _play(failing_case, route, form, next(iter(_faults(case, route)[kind].values())))
    for _ in range(2):
        exchange = _served_again(case, route, form)
        case.judge(
            status_is(
                exchange,
                case.contract.statuses("served"),
                because=f"{route} ({form}), the requests after the provider failed (fault: {kind})",
            )
        )


def _served_again(case: Case, route: str, form: str) -> Exchange:
    """The first response once the gateway no longer rests the provider, which after one fault it may not do for long."""
    deadline = time.monotonic() + _REST_S
    while True:
        exchange = ask_marked(case.example(), route, form)
        if exchange.status not in case.contract.statuses("held-off") or time.monotonic() > deadline:
            return exchange
        time.sleep(_REST_S / 10)


@each("route", OPERATIONS, "azure.{route}.failures")
@pytest.mark.parametrize("kind", [*ERRORS, *TRANSPORT])
def test_a_failing_azure_is_an_error(case: Case, route: str, kind: str) -> None:
    form = case.contract.operations[route].plain_encoding
    result = _play(case, route, form, next(iter(_faults(case, route)[kind].values())), "azure")
    case.judge(
        failed(result, case.contract.statuses("provider-failure"), because=f"{route} while Azure fails (fault: {kind})")
    )


@each("route, variant", product(OPERATIONS, REFUSALS["refusal"]), "azure.{route}.refusals")
def test_what_azure_refuses_is_an_error(case: Case, route: str, variant: str) -> None:
    form = case.contract.operations[route].plain_encoding
    result = _play(case, route, form, REFUSALS["refusal"][variant], "azure")
    case.judge(
        refused(
            result, case.contract.statuses("provider-refusal"), because=f"{route} with an Azure that answers {variant}"
        )
    )


@each("route", OPERATIONS, "azure.{route}.refusals")
def test_azures_limit_is_an_error(case: Case, route: str) -> None:
    form = case.contract.operations[route].plain_encoding
    result = _limited(case, route, form, LIMITS["limit"]["retry-after"], "azure")
    case.judge(refused(result, case.contract.statuses("provider-limit"), because=f"{route} with an Azure that limits"))
