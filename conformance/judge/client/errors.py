"""Error answers: an envelope that a client can read."""

from __future__ import annotations

from typing import Any

from conformance.http.exchange import Answer, Exchange, Finding

_MEMBERS = ("message", "type")


def enveloped(exchange: Exchange, member: str, *, because: str) -> Finding | None:
    """The body is JSON, is labelled so, and has `message` and `type` under `member`; more members may stand beside them.

    `member` is the contract's name of the error object, e.g. `error`.
    """
    problem = "no answer" if exchange.answer is None else _problem_of(exchange.answer, member)
    if not problem:
        return None
    expected = (
        f'application/json with {{"{member}": {{{", ".join(f"{name!r}: a non-empty string" for name in _MEMBERS)}}}}}'
    )
    return Finding(f"{because}: {problem}", expected.replace("'", '"'), exchange.got, (exchange,))


def _problem_of(answer: Answer, member: str) -> str:
    if answer.media_type != "application/json" and not answer.media_type.endswith("+json"):
        return f"the error is labelled {answer.media_type or 'nothing'}, not JSON"
    error = answer.document().get(member)
    if not isinstance(error, dict):
        return f"the body has no object under `{member}`"
    return next((f"`{member}.{name}` is no non-empty string" for name in _MEMBERS if not _has(error, name)), "")


def _has(error: dict[str, Any], name: str) -> bool:
    value = error.get(name)
    return isinstance(value, str) and bool(value.strip())


def has_error_object(exchange: Exchange, member: str, *, because: str) -> Finding | None:
    """The error has all of OpenAI's four members: message and type are strings, param and code are strings or null."""
    error = exchange.answer.document().get(member) if exchange.answer else None
    found = error if isinstance(error, dict) else {}
    problems = [name for name in _MEMBERS if not _has(found, name)]
    problems += [name for name in ("param", "code") if name not in found or not isinstance(found[name], str | None)]
    if not problems:
        return None
    expected = f'{{"{member}": {{"message": string, "type": string, "param": string or null, "code": string or null}}}}'
    return Finding(f"{because}: the error lacks {', '.join(problems)}", expected, exchange.got, (exchange,))
