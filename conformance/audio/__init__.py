"""Strict judgement of received audio bytes, independent of whatever encoded them.

It catches what a client would hear or trip over (a cut-off, damaged, foreign or mislabelled body) and accuses no legal
stream: tags, streamed headers, variable bit rates and whatever else the formats allow are noted at most.
"""

from conformance.audio.judging import judge_audio
from conformance.audio.media_types import FORMATS, format_of_media_type, media_types
from conformance.audio.remarks import AudioReport
from conformance.audio.sniffing import identify

__all__ = ["FORMATS", "AudioReport", "format_of_media_type", "identify", "judge_audio", "media_types"]
