"""Sound as bytes: encoded in the formats that a provider speaks, decoded from nearly any."""

from mock_upstreams.codecs.decoding import declared_seconds, decode, is_headerless
from mock_upstreams.codecs.encoding import FORMATS, SPEECH_RATE, encode, encode_pieces, encode_stream

__all__ = [
    "FORMATS",
    "SPEECH_RATE",
    "declared_seconds",
    "decode",
    "encode",
    "encode_pieces",
    "encode_stream",
    "is_headerless",
]
