"""From bytes to one frozen request value, from either encoding.

Contract: Speech, Transcriptions and Translations, Request; rulings, Statuses.
"""

from reference_server.decoding.body import Bounds
from reference_server.decoding.decoder import speech_request, transcription_request, translation_request

__all__ = ["Bounds", "speech_request", "transcription_request", "translation_request"]
