"""OpenAI's own client libraries, asked through the gateway: what they return is what a program sees of it."""

from __future__ import annotations

from conformance.drive.sdk.asking import SdkName, ask_sdk, no_sdk
from conformance.drive.sdk.values import Asked, Returned

__all__ = ["Asked", "Returned", "SdkName", "ask_sdk", "no_sdk"]
