"""The faults by area. Each module holds `MUTANTS`, written from the contract and from real bugs, not from the checks."""
