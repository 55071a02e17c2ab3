"""What reached the provider: pure judges of recorded calls."""
