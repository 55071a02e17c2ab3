"""Real engines on this machine, behind the adapter `local`, each call in a process of its own.

The engines come with the extra `local` and carry their models: nothing is fetched, at install time or later. What runs in
the gateway's process is `pool.py`; `worker.py` is the other side, confined by `confinement.py`.
"""

from reference_server.upstreams.local_engines.messages import (
    Audio,
    CannotServe,
    Document,
    Failed,
    RecognitionCall,
    Refused,
    Reply,
    SynthesisCall,
)
from reference_server.upstreams.local_engines.pool import Engine, Pool

__all__ = [
    "Audio",
    "CannotServe",
    "Document",
    "Engine",
    "Failed",
    "Pool",
    "RecognitionCall",
    "Refused",
    "Reply",
    "SynthesisCall",
]
