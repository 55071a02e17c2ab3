"""Real engines on this machine, behind the adapter `local`: synthesis, recognition, and the codecs between them.

The engines come with the extra `local` and carry their models: nothing is fetched, at install time or later.
"""

from reference_server.upstreams.local_engines.recognition import Recognition, Recognizer
from reference_server.upstreams.local_engines.synthesis import LANGUAGES, Synthesizer
from reference_server.upstreams.local_engines.transcripts import rendered

__all__ = ["LANGUAGES", "Recognition", "Recognizer", "Synthesizer", "rendered"]
