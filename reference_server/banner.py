"""What a newcomer needs at start: where the server listens, its token and models, and calls that work as they are pasted."""

from __future__ import annotations

import json
import shlex
from urllib.parse import quote

from reference_server import config
from reference_server.config import Settings
from reference_server.contract import CONTRACTS
from reference_server.requests import Operation

_AUDIO = "speech.mp3"
_VARIABLE = "GATEWAY_TOKEN"


def banner(settings: Settings, origins: list[str], token: str | None) -> str:
    """The text to print. The first line is for programs.

    `origins` are where the server listens, the first for the calls; `token` is one that may be shown, None for none.
    """
    routes = config.routes(settings)
    base_urls = [f"{origin}{settings.base_path}" for origin in origins]
    names = ", ".join(each.name for each in settings.tokens)
    lines = [
        f"audio-reference-server listening on {base_urls[0]}",
        *(f"  also            {url}" for url in base_urls[1:]),
        f"  token           {token or f'one of the configuration ({names})'}",
        f"  speech          {', '.join(routes.keys(Operation.SPEECH)) or 'no model'}",
        f"  transcription   {', '.join(routes.keys(Operation.TRANSCRIPTION)) or 'no model'}",
        f"  translation     {', '.join(routes.keys(Operation.TRANSLATION)) or 'no model'}",
        *_extras(settings, origins[0], token),
        "  try",
    ]
    if token is None:
        lines.append(f"    export {_VARIABLE}=...   # the token of one of: {names}")
    lines += [f"    {call}" for call in _calls(settings, base_urls[0], token)]
    return "\n".join([*lines, *_failing_on_demand(settings, origins[0])])


def _extras(settings: Settings, origin: str, token: str | None) -> list[str]:
    """The page, with the token behind a `#`, which a browser sends to nobody; and the mock's control API."""
    control_token = _control_token(settings)
    lines = [f"  playground      {origin}/{'' if token is None else f'#token={quote(token)}'}"]
    control = f"  mock control    {origin}/_mock/openapi.json   token {control_token}"
    return [*(lines if settings.playground else []), *([] if control_token is None else [control])]


def _failing_on_demand(settings: Settings, origin: str) -> list[str]:
    control_token = _control_token(settings)
    if control_token is None:
        return []
    act = shlex.quote(json.dumps({"act": {"status": 503}}))
    call = f'curl {origin}/_mock/scripts -H "Authorization: Bearer {control_token}" -d {act}'
    return ["  let the provider fail, once", f"    {call}"]


def _control_token(settings: Settings) -> str | None:
    found = (each.get("control_token") for each in settings.providers.values() if each.get("kind") == "mock")
    return next((token for token in found if token is not None), None)


def _calls(settings: Settings, base_url: str, token: str | None) -> list[str]:
    """A curl line for each operation that has a model. An error is shown, and never saved as audio."""
    routes = config.routes(settings)
    bearer = f'-H "Authorization: Bearer {token or f"${_VARIABLE}"}"'
    calls = []
    for operation, path in CONTRACTS[settings.contract].paths.items():
        keys = routes.keys(operation)
        if keys:
            arguments = _speech(keys[0]) if operation is Operation.SPEECH else _transcript(keys[0])
            calls.append(f"curl {base_url}{path} {bearer} {arguments}")
    return calls


def _speech(model: str) -> str:
    body = shlex.quote(json.dumps({"model": model, "input": "Hello world"}, ensure_ascii=False))
    # With --fail nothing is written for an error, and curl tells its status.
    return f'--fail --silent --show-error -H "Content-Type: application/json" -d {body} --output {_AUDIO}'


def _transcript(model: str) -> str:
    return f"--fail-with-body --silent --show-error -F {shlex.quote(f'model={model}')} -F file=@{_AUDIO}"
