"""What the pressure runs share: a provider and a gateway in processes of their own, bare connections, figures."""

from benchmarks.rig.gateways import BASE_PATH, LABELS, config_before
from benchmarks.rig.memory import Memory, megabytes, memory_of, peak_from_now, tree_of
from benchmarks.rig.provider import ControlledProvider, running_provider
from benchmarks.rig.report import Report
from benchmarks.rig.wire import Address, Answer, Connection, ConnectionEnded, request

__all__ = [
    "BASE_PATH",
    "LABELS",
    "Address",
    "Answer",
    "Connection",
    "ConnectionEnded",
    "ControlledProvider",
    "Memory",
    "Report",
    "config_before",
    "megabytes",
    "memory_of",
    "peak_from_now",
    "request",
    "running_provider",
    "tree_of",
]
