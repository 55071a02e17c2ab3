"""Answers of speech: what the bytes are, whether they are whole, and whether their label agrees.

Judged by the bytes first: what a label promises counts for nothing until the bytes keep it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from conformance.audio import FORMATS, format_of_media_type, identify, judge_audio, media_types
from conformance.http.exchange import Answer, Exchange, Finding
from conformance.mock.calls import RecordedCall


def label_of(answer: Answer) -> str | None:
    """The format that the Content-Type names; None where it names none of the six."""
    return format_of_media_type(answer.header("content-type") or "")


def format_of(answer: Answer) -> str | None:
    """The format that the bytes have; pcm, which has no mark of its own, is taken at its label's word."""
    found = identify(answer.body)
    if found in FORMATS:
        return found
    return "pcm" if found == "unknown" and label_of(answer) == "pcm" else None


def is_audio(exchange: Exchange, wanted: str, *, because: str) -> Finding | None:
    """The body is a whole, decodable stream of the format `wanted`, lasting longer than nothing (rulings: audio bytes)."""
    problems = judge_audio(exchange.answer.body, wanted).problems if exchange.answer else (exchange.got,)
    if not problems:
        return None
    return Finding(
        f"{because}: not a whole stream of {wanted}", f"decodable {wanted}", "; ".join(problems), (exchange,)
    )


def carries_audio(exchange: Exchange, *, because: str) -> Finding | None:
    """The body looks like one of the six formats: for checks of other things, which leave its wholeness to others."""
    found = format_of(exchange.answer) if exchange.answer else None
    if found is not None:
        return None
    return Finding(f"{because}: no audio", f"one of {', '.join(FORMATS)}", _described(exchange), (exchange,))


def is_some_audio(exchange: Exchange, *, because: str) -> Finding | None:
    """The body is a whole stream of whichever of the six formats it has."""
    found = format_of(exchange.answer) if exchange.answer else None
    return is_audio(exchange, found, because=because) if found else carries_audio(exchange, because=because)


def label_agrees(exchange: Exchange, *, because: str, general: Sequence[str] = ()) -> Finding | None:
    """The Content-Type is a name of the format that the bytes have (rulings: Content-Type of speech).

    `general` are the media types that the contract allows for any format.
    """
    if exchange.answer is None:
        return Finding(f"{because}: no answer", "audio with its media type", exchange.got, (exchange,))
    if exchange.answer.media_type in general:
        return None
    label, found = label_of(exchange.answer), format_of(exchange.answer)
    if label is not None and label == found:
        return None
    expected = f"Content-Type {' or '.join(media_types(found))}, as the bytes are {found}" if found else "audio"
    return Finding(f"{because}: Content-Type and bytes disagree", expected, _described(exchange), (exchange,))


def label_names(exchange: Exchange, wanted: str, *, because: str, general: Sequence[str] = ()) -> Finding | None:
    """The Content-Type is one of the names of `wanted`: for checks that know by other means what the bytes are.

    `general` are the media types that the contract allows for any format.
    """
    answer = exchange.answer
    if answer is not None and (label_of(answer) == wanted or answer.media_type in general):
        return None
    expected = f"Content-Type {' or '.join(media_types(wanted))}"
    return Finding(f"{because}: wrong media type", expected, _described(exchange), (exchange,))


def same_format(exchange: Exchange, bare: Exchange, *, because: str) -> Finding | None:
    """The answer has the format that the same request has without a response_format."""
    default = format_of(bare.answer) if bare.answer else None
    found = format_of(exchange.answer) if exchange.answer else None
    if default is not None and found == default:
        return None
    return Finding(
        f"{because}: not ignored",
        f"{default or 'audio'}, the format that comes when none is asked",
        _described(exchange),
        (bare, exchange),
    )


def same_bytes(exchange: Exchange, calls: Sequence[RecordedCall]) -> Finding | None:
    """The client got exactly the bytes that the provider sent, in one of its answers."""
    body = exchange.answer.body if exchange.answer else b""
    sent = [call.response for call in calls if call.response]
    if any(answer.sha256 == hashlib.sha256(body).hexdigest() for answer in sent):
        return None
    expected = " or ".join(f"{answer}" for answer in sent)
    got = f"{len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()[:16]}"
    return Finding(
        "the audio is not what the provider sent", expected or "the provider's bytes", got, (exchange,), tuple(calls)
    )


def is_honestly_other(exchange: Exchange, wanted: str) -> bool:
    """Whether it was served with whole audio of another format than `wanted`, rightly labelled."""
    answer = exchange.answer
    if answer is None or not exchange.is_success or label_agrees(exchange, because="") is not None:
        return False
    return format_of(answer) != wanted and is_some_audio(exchange, because="") is None


def _described(exchange: Exchange) -> str:
    answer = exchange.answer
    if answer is None:
        return exchange.got
    kind = identify(answer.body)
    what = "" if kind == "unknown" else f", bytes that are {kind}"
    return f"{answer.status} with Content-Type {answer.header('content-type')!r}{what}: {exchange.got}"
