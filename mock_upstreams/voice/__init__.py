"""The mock voice: text to sound and back, exactly, through every lossy codec of the contract.

``speak`` and ``listen`` are inverses. What lies between them may be MP3, Opus or AAC, resampling, noise, a change of
loudness, cutting and splicing; what is heard is what was said, or a burst without a message, never a wrong text.
"""

from mock_upstreams.voice.detection import HEARING_RATE
from mock_upstreams.voice.framing import Message
from mock_upstreams.voice.listening import Burst, listen
from mock_upstreams.voice.speaking import speak

__all__ = ["HEARING_RATE", "Burst", "Message", "listen", "speak"]
