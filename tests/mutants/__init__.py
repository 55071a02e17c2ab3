"""Gateways with one fault each, and the matrix of what the suite says of them. `python -m tests.mutants` prints it."""
