"""Odd gateways that keep the contract: none may be accused. `python -m tests.variants` prints what the suite says."""
