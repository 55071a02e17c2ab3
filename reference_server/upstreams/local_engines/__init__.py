"""Real engines on this machine, behind the adapter `local`: a voice, an ear, and the audio between them.

The engines come with the extra `local` and carry their models: nothing is fetched, at install time or later.
"""

from reference_server.upstreams.local_engines.ear import Ear, Heard
from reference_server.upstreams.local_engines.transcript_forms import rendered
from reference_server.upstreams.local_engines.voice import LANGUAGES, Voice

__all__ = ["LANGUAGES", "Ear", "Heard", "Voice", "rendered"]
