"""Tests of the contract itself: `openapi.yaml`, and the table of its clauses."""
