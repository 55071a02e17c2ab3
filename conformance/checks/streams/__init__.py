"""Checks of server-sent events."""
