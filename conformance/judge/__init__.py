"""The judges: pure functions from what was exchanged to a Finding, or None where all is as it should be."""
