"""The mock voice: text to sound and back, exactly, through every lossy codec of the contract.

`synthesize` and `demodulate` are inverses. Between them may lie MP3, Opus or AAC, resampling, noise, a change of
loudness, cutting and splicing: a burst yields the text that went in, or no message, never a wrong text.
"""

from mock_upstreams.voice.detection import RECOGNITION_RATE
from mock_upstreams.voice.framing import Message
from mock_upstreams.voice.reception import Burst, demodulate
from mock_upstreams.voice.synthesis import synthesize, synthesize_pieces

__all__ = ["RECOGNITION_RATE", "Burst", "Message", "demodulate", "synthesize", "synthesize_pieces"]
