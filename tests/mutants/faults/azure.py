"""Azure: reached by deployment, in its own way, or not at all."""

from __future__ import annotations

from typing import Any

import httpx
from msgspec.structs import replace

from tests.mutants.behind import on_wire, orders, recordings, way
from tests.mutants.conditions import on, sent, status
from tests.mutants.exchange import ROUTES, TRANSCRIPTS
from tests.mutants.fault import Fault, Mutant, Settings
from tests.mutants.place import AZURE_KEY
from tests.mutants.recipes import replies, restated

_DEPLOYMENTS = {"speech-prod", "whisper-prod"}
_OPERATION = {"speech": "speech", "transcriptions": "transcription", "translations": "translation"}
_KEYS = {"speech": "azure-tts", "transcriptions": "azure-stt", "translations": "azure-stt"}
_WITHOUT = {"speech": "azure-mute", "transcriptions": "azure-deaf", "translations": "azure-deaf"}
_MAPPED = {"speech": "speech-prod", "transcriptions": "whisper-prod", "translations": "whisper-prod"}


def _deployment(route: str, name: str) -> Fault:
    """The key's deployment for this operation is another one."""

    def edit(settings: Settings) -> None:
        settings["models"][_KEYS[route]]["deployments"][_OPERATION[route]] = name

    return Fault(settings=(edit,))


def _lent(route: str) -> Fault:
    """A model without a deployment is served by the other model's."""

    def edit(settings: Settings) -> None:
        settings["models"][_WITHOUT[route]]["deployments"] = {_OPERATION[route]: _MAPPED[route]}

    return Fault(settings=(edit,))


def _served_elsewhere(route: str) -> Fault:
    """A model without a deployment is served by another provider."""

    def edit(settings: Settings) -> None:
        capability = "speech" if route == "speech" else "transcription"
        target = "tts-1" if route == "speech" else "whisper-1"
        settings["models"][_WITHOUT[route]] = {"capability": capability, "provider": "openai", "upstream_model": target}

    return Fault(settings=(edit,))


def _query_lost(request: httpx.Request) -> None:
    if "/deployments/" in request.url.path:
        request.url = request.url.copy_with(query=None)


def _bearer(request: httpx.Request) -> None:
    if "/deployments/" in request.url.path:
        del request.headers["api-key"]
        request.headers["authorization"] = f"Bearer {AZURE_KEY}"


def _slashes(request: httpx.Request) -> None:
    if "/deployments/" in request.url.path:
        request.url = request.url.copy_with(path=f"/{request.url.path}")


def _for(route: str, change: Any) -> Fault:
    def only(request: httpx.Request) -> None:
        if request.url.path.endswith(f"/{route}"):
            change(request)

    return on_wire(only)


def _field_lost(route: str) -> Fault:
    name = "instructions" if route == "speech" else "prompt"
    return orders(lambda order: replace(order, **{name: None}) if order.model in _DEPLOYMENTS else order, route)


def _language_leaked(order: Any) -> Any:
    return replace(order, language=way().asked.get("language") or None) if order.model in _DEPLOYMENTS else order


def _of(route: str) -> list[tuple[str, str, Fault, str]]:
    here = on(route) & sent("model", lambda v: v == _KEYS[route])
    without = on(route) & sent("model", lambda v: v == _WITHOUT[route])
    return [
        ("azure-not-served", "served", replies(500, here), "H2"),
        ("azure-deployment-named-like-the-key", "deployment", _deployment(route, _KEYS[route]), "H2"),
        ("azure-deployment-of-another", "deployment", _deployment(route, "other-prod"), "H2"),
        ("azure-without-api-version", "wire", _for(route, _query_lost), "H3"),
        ("azure-with-a-bearer-key", "wire", _for(route, _bearer), "H1"),
        ("azure-with-a-double-slash", "wire", _for(route, _slashes), "H4"),
        ("azure-field-lost", "fields", _field_lost(route), ""),
        ("no-deployment-a-503", "no-deployment", replies(503, without), "H2"),
        ("no-deployment-served-elsewhere", "no-deployment", _served_elsewhere(route), "H2"),
        ("no-deployment-404", "no-deployment-400", restated(404, without & status(400)), "H2"),
        ("no-deployment-served-by-another", "no-other-deployment", _lent(route), "H2"),
    ]


MUTANTS = (
    *(Mutant(f"{route}-{name}", f"azure.{route}.{kills}", fault, bug) for route in ROUTES for name, kills, fault, bug in _of(route)),
    *(Mutant(f"{route}-azure-upload-one-byte-short", f"azure.{route}.upload", recordings(lambda data: data[:-1], route, of=lambda order: order.model in _DEPLOYMENTS)) for route in TRANSCRIPTS),
    Mutant("translations-azure-language-sent-on", "azure.translations.unused-fields", orders(_language_leaked, "translations")),
)  # fmt: skip
