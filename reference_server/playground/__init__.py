"""The page at `/` where a developer tries the gateway, and the inspector of what it was asked lately."""

from reference_server.playground.app import Playground

__all__ = ["Playground"]
