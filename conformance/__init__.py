"""A suite that judges any audio gateway by its URL."""
