"""Preflight: is a gateway there, is the token good, do the default model keys work?

What it finds decides what can be planned. It judges nothing: a gateway that answers oddly is judged by the checks.
"""

from __future__ import annotations

from conformance.contracts import Capability, Contract
from conformance.errors import Blocked, GatewayUnreachable, TokenRefused
from conformance.http.client import Gateway
from conformance.http.diagnosis import Diagnosis, diagnose, refused_by_proxy
from conformance.http.exchange import Exchange
from conformance.runner.plan import Preflight
from conformance.runner.probes import Prober
from conformance.target import Target


def run_preflight(contract: Contract, target: Target, gateway: Gateway) -> Preflight:
    """Probes the gateway, then asks for each capability once. Raises GatewayUnreachable or TokenRefused."""
    answered = gateway.probe()
    if answered.answer is None:
        found = diagnose(gateway.endpoint) or Diagnosis(str(answered.error), "Is it running, and is base_url right?")
        raise GatewayUnreachable(f"No gateway answers at {target.base_url}: {found.reason}.", found.hint)
    if refused := refused_by_proxy(gateway.endpoint, answered.status):
        raise GatewayUnreachable(f"The gateway at {target.base_url} is out of reach: {refused.reason}.", refused.hint)
    prober = Prober(contract, target, gateway)
    try:
        exchanges = {capability: prober.ask(route) for capability, route in prober.operations.items()}
    except Blocked as blocked:
        raise GatewayUnreachable(f"The gateway at {target.base_url} is gone: {blocked.reason}.") from blocked
    invalid = contract.statuses("invalid-token")
    if all(exchange.status in invalid for exchange in exchanges.values()):
        raise TokenRefused(
            f"The gateway at {target.base_url} refuses the token ({invalid}), so nothing can be judged.",
            "Give a valid token (--token, or token in the target file).",
        )
    reasons = {capability: _unusable(prober, capability, exchange) for capability, exchange in exchanges.items()}
    reasons |= {capability: _not_shown(prober, capability) for capability in contract.probes}
    return Preflight({capability: reason for capability, reason in reasons.items() if reason})


def _not_shown(prober: Prober, capability: Capability) -> str:
    """Why a capability beside those of the operations cannot be used: it is not declared, and its probe does not show it."""
    if getattr(prober.target.models, capability):
        return ""
    exchange = prober.ask_for(capability)
    if prober.shows(capability, exchange):
        return ""
    default = prober.contract.default_model(capability)
    return f"declare models.{capability}: no key is declared, and `{default}` does not show it ({exchange.got[:200]})"


def _unusable(prober: Prober, capability: Capability, exchange: Exchange) -> str:
    """Why the capability's default model key cannot be used: only where none is declared and the gateway knows it not."""
    declared = getattr(prober.target.models, capability)
    if declared or exchange.status not in prober.contract.statuses("default-model-refused"):
        return ""
    default = prober.case().model_keys(capability)[0]
    return (
        f"declare models.{capability} (or --{capability}-model): "
        f"no key is declared and the gateway refused `{default}` ({exchange.got})"
    )
