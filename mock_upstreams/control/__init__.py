"""The control API under `/_mock/`."""

from mock_upstreams.control.api import Controls, control_app

__all__ = ["Controls", "control_app"]
