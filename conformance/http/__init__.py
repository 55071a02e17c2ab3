"""The suite as an HTTP client: values of what was sent and what came, and several ways to send."""
