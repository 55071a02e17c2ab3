"""Gateways of the contract openai-audio-2026-11 with one fault each: a module an area."""
