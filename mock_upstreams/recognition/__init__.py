"""Speech recognition: which words, in which language, at which time of a recording."""

from mock_upstreams.recognition.languages import identify, language_name
from mock_upstreams.recognition.translation import in_english
from mock_upstreams.recognition.utterances import Recognition, Source, Utterance, configured, recognize

__all__ = ["Recognition", "Source", "Utterance", "configured", "identify", "in_english", "language_name", "recognize"]
