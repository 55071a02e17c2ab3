"""The checks: each module drives the gateway through a Case, then judges what came back. Collected by pytest."""
