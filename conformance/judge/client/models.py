"""The list of models as OpenAI describes it."""

from __future__ import annotations

import json
from typing import Any

from conformance.http.exchange import Exchange, Finding

_MEMBERS: dict[str, type] = {"id": str, "object": str, "created": int, "owned_by": str}


def lists_models(exchange: Exchange, *, because: str) -> Finding | None:
    """A JSON object under `object: list`, whose `data` are objects with an id."""
    document = exchange.answer.document() if exchange.answer else {}
    data = document.get("data")
    models = data if isinstance(data, list) else [None]
    named = all(isinstance(each, dict) and isinstance(each.get("id"), str) and each["id"] for each in models)
    if document.get("object") == "list" and named:
        return None
    expected = '{"object": "list", "data": [{"id": …}, …]}'
    return Finding(f"{because}: not one", expected, exchange.got, (exchange,))


def model_members(exchange: Exchange, model: Any, *, because: str) -> Finding | None:
    """A model has the four members that are documented."""
    found = model if isinstance(model, dict) else {}
    wrong = [name for name, kind in _MEMBERS.items() if type(found.get(name)) is not kind]
    if not wrong and found.get("object") == "model":
        return None
    message = f"{because}: a model without {', '.join(wrong) or 'object: model'}"
    return Finding(message, ", ".join(_MEMBERS), json.dumps(model)[:200], (exchange,))
