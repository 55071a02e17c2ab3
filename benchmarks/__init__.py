"""Programs that measure; each prints its seed, its counts and what it found, and runs for a bounded time."""
