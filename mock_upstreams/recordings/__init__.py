"""Responses of a real provider, recorded to files and replayed from them."""

from mock_upstreams.recordings.recorder import RecordingResponder
from mock_upstreams.recordings.replayer import ReplayResponder
from mock_upstreams.recordings.store import Recording

__all__ = ["Recording", "RecordingResponder", "ReplayResponder"]
