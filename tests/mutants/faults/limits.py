"""Limits: not kept, miscounted, told wrongly, or kept only after the money is spent. And bodies that are too large."""

from __future__ import annotations

from typing import Any

from reference_server.asgi import App, Receive, Scope, Send
from tests.mutants.conditions import AS_JSON, CHUNKED, When, asked, header, on, status
from tests.mutants.edge import answers, instead, requests
from tests.mutants.exchange import ROUTES, TRANSCRIPTS, Answer, Asked
from tests.mutants.fault import Fault, Mutant, Settings
from tests.mutants.faults.robustness import sulking
from tests.mutants.place import LIMITED, TOKEN
from tests.mutants.recipes import headed, replies, restated, transcript, upload
from tests.mutants.shadow import called_too


def _holder(name: str) -> When:
    return header("authorization", lambda value: value.endswith(LIMITED[name]))


def _unlimited(name: str, when: When) -> Fault:
    """The token's limits are forgotten."""
    return requests(lambda request: request.with_header("authorization", f"Bearer {TOKEN}"), _holder(name) & when)


def _counted_per_worker() -> Fault:
    """Of three workers each has a count of its own; connections go to them in turn."""
    others = [f"{LIMITED['rate']}_of_worker_{number}" for number in (2, 3)]

    def count_apart(settings: Settings) -> None:
        for other in others:
            settings["tokens"].append({"name": other, "token": other})
            settings["limits"]["tokens"][other] = settings["limits"]["tokens"]["rate"]

    def around(app: App) -> App:
        tokens = [token.encode() for token in (LIMITED["rate"], *others)]
        clients: dict[str, bytes] = {}

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                held = clients.setdefault(str(scope["client"]), tokens[len(clients) % len(tokens)])
                scope = {
                    **scope,
                    "headers": [(name, value.replace(tokens[0], held)) for name, value in scope["headers"]],
                }
            await app(scope, receive, send)

        return wrapped

    return Fault(settings=(count_apart,), around=(around,))


def _limit(token: str, name: str, key: str, value: Any) -> Fault:
    def edit(settings: Settings) -> None:
        settings["limits"]["tokens"][token][name][key] = value

    return Fault(settings=(edit,))


def _forgiving(name: str, refusals: int) -> Fault:
    """Refuses so many times, and then nothing any more."""
    refused = 0

    def spent(request: Asked) -> bool:
        return refused >= refusals

    def count(_: Asked, answer: Answer) -> Answer:
        nonlocal refused
        refused += 1
        return answer

    return answers(count, status(429) & _holder(name)) | _unlimited(name, asked(spent))


def _characters(request: Asked) -> str:
    text = request.get("input")
    return text if isinstance(text, str) else ""


_IN_BYTES = asked(lambda request: len(_characters(request).encode()) > 200 >= len(_characters(request)))
_IN_BASE64 = AS_JSON & asked(lambda request: len(upload(request)) <= 40_000 < len(upload(request)) * 4 // 3 + 3)
_LARGE = 4 * 1024 * 1024


def _of(route: str) -> list[tuple[str, str, Fault, str]]:
    here = on(route)
    return [
        ("rate-not-limited", f"rate.{route}", _unlimited("rate", here), ""),
        ("rate-a-403", f"rate.{route}", restated(403, here & status(429) & _holder("rate")), ""),
        ("budget-not-kept", f"budget.{route}", _unlimited("spent", here), "I2"),
        ("budget-a-402", f"budget.{route}", restated(402, here & status(429) & _holder("spent")), ""),
        ("too-large-500", f"body.{route}", restated(500, here & status(413)), "G16"),
        ("too-large-chunked-500", f"body.{route}", restated(500, here & status(413) & CHUNKED), ""),
        ("too-large-served", f"body.{route}", instead(lambda _: transcript(), here & asked(lambda r: len(r.body) > _LARGE)), ""),
        ("sulks-after-too-large", f"body.{route}-connection", sulking(route, status(413)), ""),
    ]  # fmt: skip


def _of_transcripts(route: str) -> list[tuple[str, str, Fault, str]]:
    here = on(route)
    upload_over = asked(lambda request: len(upload(request)) > 40_000)
    return [
        ("quota-not-kept-in-json", f"per-request.upload-{route}", _unlimited("small", here & AS_JSON), "I2"),
        ("quota-a-413", f"per-request.upload-{route}", restated(413, here & status(429) & upload_over), ""),
        ("half-the-size-refused", f"body.{route}-under", replies(413, here & asked(lambda r: len(r.body) > _LARGE // 2)), "G18"),
    ]  # fmt: skip


_ANY = on(*ROUTES)
_SINGLE = (
    Mutant("rate-one-too-many", "limits.rate.speech", _limit("rate", "requests", "limit", 6)),
    Mutant("rate-counted-per-worker", "limits.rate.speech", _counted_per_worker()),
    Mutant("rate-without-retry-after", "limits.rate.retry-after", headed("retry-after", None, status(429))),
    Mutant("rate-retry-after-in-words", "limits.rate.retry-after", headed("retry-after", "soon", status(429))),
    Mutant("rate-retry-after-zero", "limits.rate.retry-after", headed("retry-after", "0", status(429))),
    Mutant("rate-retry-after-in-milliseconds", "limits.rate.retry-after", headed("retry-after", "57000", status(429))),
    Mutant("rate-counted-after-the-call", "limits.rate.not-forwarded", called_too(_ANY & status(429) & _holder("rate"))),
    Mutant("budget-counted-after-the-call", "limits.budget.not-forwarded", called_too(_ANY & status(429) & _holder("spent")), "I2"),
    Mutant("budget-never-spent", "limits.budget.spend", _limit("spent", "budget", "total", 1_000_000)),
    Mutant("budget-one-too-many", "limits.budget.spend", _limit("spent", "budget", "total", 4)),
    Mutant("budget-forgotten-after-a-refusal", "limits.budget.spend", _forgiving("spent", 1)),
    Mutant("budget-renewed-at-once", "limits.budget.speech", _limit("spent", "budget", "window_s", 0.05)),
    Mutant("quota-one-too-many", "limits.per-request.characters", _limit("small", "per_request", "max_characters", 201)),
    Mutant("quota-of-characters-a-400", "limits.per-request.characters", restated(400, on("speech") & status(429) & _holder("small"))),
    Mutant("quota-one-too-few", "limits.per-request.characters-at-quota", _limit("small", "per_request", "max_characters", 199)),
    Mutant("quota-counted-in-bytes", "limits.per-request.characters-at-quota", replies(429, on("speech") & _holder("small") & _IN_BYTES)),
    Mutant("quota-counted-after-the-call", "limits.per-request.characters-not-forwarded", called_too(on("speech") & status(429) & _holder("small"))),
    Mutant("upload-quota-one-too-many", "limits.per-request.upload-transcriptions", _limit("small", "per_request", "max_upload_bytes", 40_001)),
    Mutant("upload-quota-one-too-few", "limits.per-request.upload-at-quota", _limit("small", "per_request", "max_upload_bytes", 39_999)),
    Mutant("upload-quota-counted-in-base64", "limits.per-request.upload-at-quota", replies(429, on(*TRANSCRIPTS) & _holder("small") & _IN_BASE64)),
    Mutant("upload-quota-counted-after-the-call", "limits.per-request.upload-not-forwarded", called_too(on(*TRANSCRIPTS) & status(429) & _holder("small"))),
)  # fmt: skip

MUTANTS = (
    *_SINGLE,
    *(Mutant(f"{route}-{name}", f"limits.{kills}", fault, bug) for route in ROUTES for name, kills, fault, bug in _of(route)),
    *(Mutant(f"{route}-{name}", f"limits.{kills}", fault, bug) for route in TRANSCRIPTS for name, kills, fault, bug in _of_transcripts(route)),
)  # fmt: skip
