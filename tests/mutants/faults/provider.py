"""What reaches the provider: model, operation, fields, recordings, names, secrets, and calls that should not be."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable
from typing import Any

import httpx
from msgspec.structs import replace

from tests.mutants.behind import Call, Order, calls, names, on_wire, order_fields, orders, recordings, spoken_calls, way
from tests.mutants.conditions import When, on, sent, status
from tests.mutants.edge import answers
from tests.mutants.exchange import FORM, JSON, ROUTES, TRANSCRIPTS, Answer, Asked, error_answer
from tests.mutants.fault import Fault, Mutant, Settings
from tests.mutants.place import AZURE_KEY, PROVIDER_KEY, TOKEN
from tests.mutants.recipes import headed
from tests.mutants.shadow import called_too

_GRANULARITIES = ("timestamp_granularities", "timestamp_granularities[]")


def _lost(_: Any) -> None:
    return None


def _only_in(form: str, fault_of: Callable[[Any], Any], field: str) -> Callable[[Any], Any]:
    """Changes a field of the order for requests of one form only."""

    def change(order: Any) -> Any:
        return replace(order, **{field: fault_of(getattr(order, field))}) if way().asked.media_type == form else order

    return change


def _renamed(key: str, target: str) -> Fault:
    def edit(settings: Settings) -> None:
        settings["models"][key]["upstream_model"] = target

    return Fault(settings=(edit,))


def _path(old: str, new: str) -> Fault:
    def change(request: httpx.Request) -> None:
        if request.url.path.endswith(old):
            request.url = request.url.copy_with(path=request.url.path.replace(old, new))

    return on_wire(change)


def _as_client_spelt(call: dict[str, Any]) -> dict[str, Any]:
    """The response_format as the client wrote it, whatever it is."""
    document = way().asked.document
    return {**call, "response_format": document["response_format"]} if "response_format" in document else call


def _empty_format_too(call: dict[str, Any]) -> dict[str, Any]:
    """A response_format that is left empty is not taken for one that is left out."""
    return {**call, "response_format": ""} if way().asked.document.get("response_format") == "" else call


def _every_field_but(name: str) -> Callable[[Any], Any]:
    """Loses one field when two others are there too."""

    def change(order: Any) -> Any:
        company = [each for each in ("speed", "voice", "language", "prompt", "temperature") if each != name]
        crowded = sum(getattr(order, each, None) is not None for each in company) > 1
        return replace(order, **{name: None}) if crowded else order

    return change


async def _twice(_: str, order: Order, call: Call) -> Any:
    await call(order)
    return await call(order)


def _twice_on(route: str) -> Fault:
    async def around(where: str, order: Order, call: Call) -> Any:
        return await (_twice(where, order, call) if where == route else call(order))

    return calls(around)


def _leaking(field: str) -> Callable[[Any], Any]:
    """Sends on what the client said in a field that is not used."""

    def change(order: Any) -> Any:
        asked = way().asked
        if field == "language":
            return replace(order, language=asked.get("language") or None)
        found = [value for name in _GRANULARITIES for value in asked.all(name)]
        return replace(order, timestamp_granularities=tuple(found))

    return change


def _renamed_in_json(order: Any) -> Any:
    in_json = way().asked.media_type == JSON
    return replace(order, audio=replace(order.audio, file_name="upload.bin")) if in_json else order


def _remembering(*routes: str) -> Fault:
    """What a request does not say is taken from the one before."""
    last: dict[str, Any] = {}

    def change(order: Any) -> Any:
        kept = ("voice", "speed", "instructions", "language", "prompt", "temperature")
        said = {name: getattr(order, name) for name in kept if getattr(order, name, None) is not None}
        filled = {name: value for name, value in last.items() if hasattr(order, name)}
        last.update(said)
        return replace(order, **{**filled, **said})

    return orders(change, *routes)


def _speech() -> list[tuple[str, str, Fault, str]]:
    compose = lambda text: unicodedata.normalize("NFC", text)  # noqa: E731 - one word for a long one
    route = "speech"
    return [
        ("input-shouted", "input", order_fields(route, input=str.upper), ""),
        ("voice-always-alloy", "voice", order_fields(route, voice=lambda _: "alloy"), "D8"),
        ("voice-lost", "voice", order_fields(route, voice=_lost), "D8"),
        ("format-lost-on-the-way", "response-format", order_fields(route, response_format=_lost), "D5"),
        ("format-always-opus", "response-format", order_fields(route, response_format=lambda _: "opus"), "D9"),
        ("speed-lost", "speed", order_fields(route, speed=_lost), ""),
        ("speed-rounded", "speed", order_fields(route, speed=round), ""),
        ("speed-of-one-lost", "speed", order_fields(route, speed=lambda v: None if v == 1 else v), ""),
        ("speed-clamped", "speed", order_fields(route, speed=lambda v: min(max(v, 0.9), 1.1)), "D7"),
        ("instructions-lost", "instructions", order_fields(route, instructions=_lost), "D2"),
        ("instructions-lost-in-company", "all-fields", orders(_every_field_but("instructions"), route), "D2"),
        ("input-cut-at-4000", "long-input", order_fields(route, input=lambda v: v[:4000]), ""),
        ("input-trimmed", "input-exact", order_fields(route, input=str.strip), ""),
        ("input-composed", "input-exact", order_fields(route, input=compose), ""),
        ("input-spaces-collapsed", "input-exact", order_fields(route, input=lambda v: " ".join(v.split(" "))[: len(v)].replace("  ", " ")), ""),
        ("instructions-trimmed", "instructions-exact", order_fields(route, instructions=str.strip), ""),
        ("instructions-composed", "instructions-exact", order_fields(route, instructions=compose), ""),
        ("invalid-format-passed-on", "invalid-format", spoken_calls(_as_client_spelt), "D9"),
        ("empty-format-passed-on", "invalid-format", spoken_calls(_empty_format_too), "D9"),
    ]  # fmt: skip


def _transcripts(route: str) -> list[tuple[str, str, Fault, str]]:
    compose = lambda text: unicodedata.normalize("NFC", text)  # noqa: E731 - one word for a long one
    return [
        ("prompt-lost", "prompt", order_fields(route, prompt=_lost), "D4"),
        ("prompt-lost-in-json", "prompt", orders(_only_in(JSON, _lost, "prompt"), route), "D4"),
        ("prompt-trimmed", "prompt-exact", order_fields(route, prompt=str.strip), ""),
        ("prompt-composed", "prompt-exact", order_fields(route, prompt=compose), ""),
        ("temperature-lost", "temperature", order_fields(route, temperature=_lost), ""),
        ("temperature-rounded", "temperature", order_fields(route, temperature=round), ""),
        ("temperature-zero-lost", "temperature-zero", order_fields(route, temperature=lambda v: v or None), ""),
        ("temperature-zero-lost-in-forms", "temperature-zero", orders(_only_in(FORM, lambda v: v or None, "temperature"), route), ""),
        ("temperature-lost-in-json", "temperature", orders(_only_in(JSON, _lost, "temperature"), route), ""),
        ("json-form-of-another-name", "file-name", orders(_renamed_in_json, route), "C9"),
        ("json-prompt-lost", "forms-alike", orders(_only_in(JSON, _lost, "prompt"), route), "D4"),
        ("json-upload-doubled", "forms-alike", recordings(lambda data: data + data[-2:], route, of=lambda _: way().asked.media_type == JSON), ""),
        ("upload-one-byte-short", "upload", recordings(lambda data: data[:-1], route), "C19"),
        ("upload-with-a-line-end", "upload", recordings(lambda data: data + b"\r\n", route), ""),
        ("json-upload-one-byte-short-behind", "upload", recordings(lambda data: data[:-1], route, of=lambda _: way().asked.media_type == JSON), ""),
        ("upload-stripped", "upload-awkward", recordings(lambda data: data.rstrip(b"\r\n-"), route), ""),
        ("upload-nul-lost", "upload-awkward", recordings(lambda data: data.replace(b"\r\n", b"\n"), route), "C28"),
        ("large-upload-cut", "upload-large", recordings(lambda data: data[: 1024 * 1024], route), "C28"),
        ("file-name-constant", "file-name", names(route, file_name=lambda _: "audio.mp3"), "C4"),
        ("file-name-lost", "file-name", names(route, file_name=lambda _: "blob"), "C2"),
        ("file-name-cut-at-64-bytes", "file-name-odd", names(route, file_name=lambda v: v.encode()[:64].decode(errors="ignore")), ""),
        ("file-name-ascii-only", "file-name-odd", names(route, file_name=lambda v: v.encode("ascii", "ignore").decode() or "x"), "C10"),
        ("media-type-octets", "media-type", names(route, content_type=lambda _: "application/octet-stream"), "C7"),
    ]  # fmt: skip


_ONLY_TRANSCRIPTIONS = (
    ("language-lost", "language", order_fields("transcriptions", language=_lost), "D3"),
    ("language-shouted", "language", order_fields("transcriptions", language=str.upper), ""),
    ("language-lost-in-forms", "language", orders(_only_in(FORM, _lost, "language"), "transcriptions"), "D3"),
    ("granularities-not-sent-on", "granularities", order_fields("transcriptions", timestamp_granularities=lambda _: ()), "B1"),
    ("only-last-granularity-sent-on", "granularities", order_fields("transcriptions", timestamp_granularities=lambda v: v[-1:]), "B2"),
    ("prompt-lost-in-company", "all-fields", orders(_every_field_but("prompt"), "transcriptions"), "D4"),
)  # fmt: skip
_ONLY_TRANSLATIONS = (
    ("language-sent-on", "language", orders(_leaking("language"), "translations"), ""),
    ("granularities-sent-on", "granularities", orders(_leaking("granularities"), "translations"), ""),
)


def _routing(route: str) -> list[tuple[str, str, Fault]]:
    first, second = ("tts-1", "tts-1-hd") if route == "speech" else ("whisper-1", "scribe")
    elsewhere = "gpt-4o-mini-tts" if route == "speech" else "gpt-4o-transcribe"
    other = "transcriptions" if route == "translations" else "translations"
    return [
        ("model-of-another-key", "model", _renamed(first, elsewhere)),
        ("second-model-is-the-first", "second-model", _renamed(second, first)),
        ("key-sent-as-model", "second-model", _renamed(second, second)),
        ("calls-another-operation", "operation", _path(f"/audio/{route}", f"/audio/{other}")),
        ("path-doubled", "operation", _path(f"/audio/{route}", f"/audio/{route}/audio/{route}")),
    ]


def _carried(where: str) -> Callable[[httpx.Request], None]:
    """Takes the client's token along: in place of the key, beside it, or in the query."""

    def change(request: httpx.Request) -> None:
        if where == "query":
            request.url = request.url.copy_add_param("token", TOKEN)
        elif where == "base64":
            request.headers["x-client"] = base64.b64encode(f"client:{TOKEN}".encode()).decode()
        else:
            request.headers[where] = f"Bearer {TOKEN}"

    return change


def _on(routes: tuple[str, ...], change: Callable[[httpx.Request], None], *, azure: bool) -> Fault:
    def only(request: httpx.Request) -> None:
        path = request.url.path
        if path.rpartition("/")[2] in routes and ("/deployments/" in path) == azure:
            change(request)

    return on_wire(only)


def _all_headers(request: httpx.Request) -> None:
    """A plain proxy: whatever the client sent goes along, but what would break the call."""
    own = {"host", "authorization", "content-length", "content-type", "transfer-encoding", "connection"}
    for name, value in way().asked.headers:
        if name not in own:
            request.headers[name] = value


def _repeats_provider(_: Asked, answer: Answer) -> Answer:
    told = way().told[-1].body.decode("utf-8", "replace")
    return error_answer(answer.status, f"The provider said: {told}")


def _behind(*, azure: bool) -> When:
    keys = {"azure-tts", "azure-stt"}
    return sent("model", lambda v: (v in keys) == azure)


def _secrets(route: str) -> list[tuple[str, str, Fault]]:
    found = []
    for azure, key in ((False, PROVIDER_KEY), (True, AZURE_KEY)):
        area = f"azure-{route}" if azure else route
        told = When(lambda _, __: bool(way().told))
        here = on(route) & _behind(azure=azure)
        echoed = answers(_repeats_provider, here & status(400, 429, 500) & told)
        found += [
            (
                f"{area}-token-in-a-header",
                f"secrets.{area}.token",
                _on((route,), _carried("x-client-token"), azure=azure),
            ),
            (f"{area}-token-in-base64", f"secrets.{area}.token", _on((route,), _carried("base64"), azure=azure)),
            (f"{area}-token-in-the-query", f"secrets.{area}.token", _on((route,), _carried("query"), azure=azure)),
            (f"{area}-key-in-a-header", f"secrets.{area}.key", headed("x-upstream-key", key, here & status(200))),
            (
                f"{area}-key-in-errors",
                f"secrets.{area}.key",
                headed("x-upstream-key", key, on(route) & status(400, 401, 500)),
            ),
            (f"{area}-provider-error-repeated", f"secrets.{area}.key-echoed", echoed),
        ]
    found.append(
        (f"{route}-headers-passed-on", f"secrets.{route}.token-repeated", _on((route,), _all_headers, azure=False))
    )
    return found


def _calls(route: str) -> list[tuple[str, str, Fault]]:
    here = on(route)
    return [
        ("provider-called-twice", "one", _twice_on(route)),
        ("called-before-the-400", "bad-request", called_too(here & status(400))),
        ("called-before-the-401", "no-token", called_too(here & status(401))),
        ("called-for-unknown-models", "unknown-model", called_too(here & status(400) & sent("model"))),
    ]


MUTANTS = (
    *(Mutant(f"provider-speech-{name}", f"provider.speech.{kills}", fault, bug) for name, kills, fault, bug in _speech()),
    *(Mutant(f"provider-{route}-fields-of-the-last-request", f"provider.{route}.own-fields", _remembering(route)) for route in ROUTES),
    *(Mutant(f"provider-{route}-{name}", f"provider.{route}.{kills}", fault, bug) for route in TRANSCRIPTS for name, kills, fault, bug in _transcripts(route)),
    *(Mutant(f"provider-transcriptions-{name}", f"provider.transcriptions.{kills}", fault, bug) for name, kills, fault, bug in _ONLY_TRANSCRIPTIONS),
    *(Mutant(f"provider-translations-{name}", f"provider.translations.{kills}", fault, bug) for name, kills, fault, bug in _ONLY_TRANSLATIONS),
    *(Mutant(f"{route}-{name}", f"routing.{route}.{kills}", fault, "H5" if "doubled" in name else "") for route in ROUTES for name, kills, fault in _routing(route)),
    *(Mutant(name, kills, fault) for route in ROUTES for name, kills, fault in _secrets(route)),
    *(Mutant(f"{route}-{name}", f"calls.{route}.{kills}", fault, "I9" if "twice" in name else "") for route in ROUTES for name, kills, fault in _calls(route)),
)  # fmt: skip
